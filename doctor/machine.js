import { execFile, execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { freemem, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

/** @import { Row } from './row.ts' */

const run = promisify(execFile);
const GB = 1e9;

/**
 * @param {string} root of the project
 * @param {string} dataDir
 * @param {boolean} isRunning whether the system runs here: it has taken its memory then
 * @returns {Promise<Row[]>}
 */
export async function machineRows(root, dataDir, isRunning) {
  return [await diskRow(dataDir), dataFolderRow(dataDir), memoryRow(isRunning), await clockRow(root), filesRow()];
}

/**
 * @param {string} dataDir
 * @returns {Promise<Row>}
 */
async function diskRow(dataDir) {
  const { bavail, bsize } = await statfs(existing(dataDir));
  const free = bavail * bsize;
  const row = {
    name: 'Disk',
    found: `${gigabytes(free)} free at ${existing(dataDir)}`,
    needed: '1 GB to start, 5 GB to stay',
  };
  const fix = 'make room, or set DATA_DIR to a folder on another disk';
  if (free >= 5 * GB) return { ...row, status: 'ok' };
  return { ...row, status: free < GB ? 'fail' : 'warn', fix };
}

/**
 * @param {string} dataDir
 * @returns {Row}
 */
function dataFolderRow(dataDir) {
  const there = existing(dataDir);
  const row = {
    name: 'Data folder',
    found: there === dataDir ? dataDir : `${dataDir} (not there yet)`,
    needed: 'writable',
  };
  try {
    accessSync(there, constants.W_OK);
    return { ...row, status: 'ok' };
  } catch {
    const fix = `make it yours ("sudo chown -R $USER '${there}'"), or set DATA_DIR`;
    return { ...row, status: 'fail', found: `${row.found}, not writable by you`, fix };
  }
}

/**
 * @param {boolean} isRunning
 * @returns {Row}
 */
function memoryRow(isRunning) {
  const limit = process.constrainedMemory?.() ?? 0;
  const total = limit > 0 && limit < totalmem() ? limit : totalmem();
  const available = Math.min(availableMemory(), total);
  const found = `${gigabytes(available)} available of ${gigabytes(total)}`;
  const row = { name: 'Memory', found, needed: isRunning ? 'none: the system runs already' : '2 GB available' };
  if (isRunning || available >= 2 * GB) return { ...row, status: 'ok' };
  return {
    ...row,
    status: available < GB ? 'fail' : 'warn',
    fix: 'end other programs; the embedded Kafka and PostgreSQL and three nodes take about 1.5 GB',
  };
}

/** Linux counts caches as used, and gives them up when asked. */
function availableMemory() {
  try {
    return Number(/MemAvailable:\s+(\d+)/.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]) * 1024 || freemem();
  } catch {
    return freemem();
  }
}

/**
 * A clock that is wrong makes tokens, certificates and order ids wrong.
 *
 * @param {string} root
 * @returns {Promise<Row>}
 */
async function clockRow(root) {
  const row = { name: 'Clock', found: new Date().toISOString(), needed: 'right within a second, kept so by NTP' };
  if (Date.now() < statSync(join(root, 'package.json')).mtimeMs - 24 * 3600 * 1000) {
    return {
      ...row,
      status: 'fail',
      found: `${row.found}, before this clone was made`,
      fix: 'set the clock: "sudo timedatectl set-ntp true"',
    };
  }
  try {
    const { stdout } = await run('timedatectl', ['show', '-p', 'NTPSynchronized', '--value'], { timeout: 5000 });
    if (stdout.trim() === 'yes') return { ...row, status: 'ok', found: `${row.found}, synchronised` };
    return { ...row, status: 'warn', found: `${row.found}, not synchronised`, fix: '"sudo timedatectl set-ntp true"' };
  } catch {
    // A container, or macOS: the machine around it keeps the time.
    return { ...row, status: 'ok' };
  }
}

/** @returns {Row} */
function filesRow() {
  const row = { name: 'Open files', needed: '4096 at a time' };
  const text = openFilesLimit();
  const limit = text === 'unlimited' ? Infinity : Number(text);
  if (Number.isNaN(limit)) return { ...row, status: 'ok', found: 'this system does not tell' };
  if (limit >= 4096) return { ...row, status: 'ok', found: String(text) };
  return {
    ...row,
    status: limit < 1024 ? 'fail' : 'warn',
    found: String(text),
    fix: '"ulimit -n 8192" in this terminal, or /etc/security/limits.conf',
  };
}

/** The hard limit: Node and Java raise theirs up to it. */
function openFilesLimit() {
  try {
    return execFileSync('/bin/sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}

/**
 * The folder itself, or the nearest one above it that is there.
 *
 * @param {string} path
 * @returns {string}
 */
function existing(path) {
  return existsSync(path) || path === dirname(path) ? path : existing(dirname(path));
}

/** @param {number} bytes */
function gigabytes(bytes) {
  return `${(bytes / GB).toFixed(1)} GB`;
}
