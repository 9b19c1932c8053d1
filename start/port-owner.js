import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { commandLineOf } from './process-table.js';

const LISTENING = '0A';
const LONGEST_COMMAND_SHOWN = 60;

/**
 * Who listens on a TCP port, as `pid 4121 (node server.js)`; words for somebody whom the system does not show us.
 *
 * @param {number} port
 */
export function portOwner(port) {
  const pid = portOwnerPid(port);
  if (pid === undefined) return "another user's program";
  const command = commandLineOf(pid)?.slice(0, LONGEST_COMMAND_SHOWN);
  return command === undefined ? `pid ${pid}` : `pid ${pid} (${command})`;
}

/**
 * @param {number} port
 * @returns {number | undefined} undefined where nobody listens, or the system does not show who
 */
export function portOwnerPid(port) {
  return process.platform === 'linux' ? linuxPortOwner(port) : lsofPortOwner(port);
}

/** @param {number} port */
function linuxPortOwner(port) {
  const sockets = new Set(['tcp', 'tcp6'].flatMap((table) => listeningSockets(table, port)));
  if (sockets.size === 0) return undefined;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    if (openFiles(pid).some((file) => sockets.has(file))) return Number(pid);
  }
  return undefined;
}

/**
 * `socket:[inode]` of each socket that listens on the port, from lines `sl local_address rem_address st … inode`.
 *
 * @param {string} table
 * @param {number} port
 */
function listeningSockets(table, port) {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  try {
    return readFileSync(`/proc/net/${table}`, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[1]?.endsWith(`:${hexPort}`) === true && fields[3] === LISTENING)
      .map((fields) => `socket:[${fields[9] ?? ''}]`);
  } catch {
    return [];
  }
}

/**
 * What a process has open; nothing for one that has ended or is not ours to look at.
 *
 * @param {string} pid
 */
function openFiles(pid) {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${fd}`);
      } catch {
        return '';
      }
    });
  } catch {
    return [];
  }
}

/** @param {number} port */
function lsofPortOwner(port) {
  try {
    const said = execFileSync('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-t'], { encoding: 'utf8' });
    return Number(said.split('\n')[0]) || undefined;
  } catch {
    return undefined;
  }
}
