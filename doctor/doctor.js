import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { isColoured } from '../terminal/colours.js';
import { runCommand } from '../terminal/command.js';
import { COMMAND } from './command.js';
import { clusterRow, isAlive, portRows, writtenCluster } from './cluster.js';
import { machineRows } from './machine.js';
import { ownNode, programRows } from './programs.js';
import { tableOf } from './table.js';

/** @import { Row } from './row.ts' */

// Plain JavaScript without packages, so that it runs where nothing else does; what needs packages is system.ts.

const run = promisify(execFile);
/** Kafka and two databases that do not answer are given up before. */
const SYSTEM_TIMEOUT_MS = 60_000;
const ROOT = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '');

/**
 * `npm run doctor`: what this machine has, what it needs, and what to do.
 *
 * @param {{ json: boolean }} options
 * @returns {Promise<number>} the exit code
 */
async function doctor({ json }) {
  const { env } = process;
  const dataDir = resolve(ROOT, env['DATA_DIR']?.trim() || '.data');
  const cluster = writtenCluster(dataDir);
  const isRunning = cluster !== undefined && isAlive(cluster.supervisor);
  const rows = [
    ...(await programRows(ROOT, env)),
    ...(await machineRows(ROOT, dataDir, isRunning)),
    clusterRow(cluster),
    ...(await portRows(env, cluster)),
    ...(await systemRows()),
  ];
  process.stdout.write(
    json
      ? `${JSON.stringify({ ok: !hasFailed(rows), rows }, null, 2)}\n`
      : `${tableOf(rows, isColoured(process.stdout, env))}\n`,
  );
  return hasFailed(rows) ? 1 : 0;
}

/**
 * Kafka and the databases, asked by a process that needs packages and a new Node.
 *
 * @returns {Promise<Row[]>}
 */
async function systemRows() {
  const node = ownNode(ROOT) ?? process.execPath;
  try {
    const options = { cwd: ROOT, timeout: SYSTEM_TIMEOUT_MS, env: { ...process.env, NODE_NO_WARNINGS: '1' } };
    const { stdout } = await run(node, [join(ROOT, 'doctor', 'system.ts')], options);
    return JSON.parse(stdout);
  } catch (error) {
    const { stderr = '' } = /** @type {{ stderr?: string }} */ (error);
    const said = /^.*Error.*$/m.exec(stderr)?.[0] ?? String(error).split('\n')[0] ?? '';
    const row = { name: 'Kafka, databases', found: `could not be asked: ${said}`, needed: 'packages and Node 24' };
    return [{ ...row, status: 'warn', fix: 'put right what fails above, and ask again' }];
  }
}

/** @param {readonly Row[]} rows */
function hasFailed(rows) {
  return rows.some(({ status }) => status === 'fail');
}

await runCommand(COMMAND, doctor);
