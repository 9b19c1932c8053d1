import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isPortFree } from '../start/port-free.js';
import { portOwner, portOwnerPid } from '../start/port-owner.js';
import { birthOf } from '../start/process-table.js';

/** @import { ClusterState, ProcessMark } from '../start/cluster-state.ts' */
/** @import { Row } from './row.ts' */
/** @typedef {Readonly<Record<string, string | undefined>>} Environment */

/**
 * What `npm start` has written down in the data folder; undefined where nothing is.
 *
 * @param {string} dataDir
 * @returns {ClusterState | undefined}
 */
export function writtenCluster(dataDir) {
  try {
    return JSON.parse(readFileSync(join(dataDir, 'cluster.json'), 'utf8'));
  } catch {
    return undefined;
  }
}

/** @param {ProcessMark} mark */
export function isAlive(mark) {
  return birthOf(mark.pid) === mark.birth;
}

/**
 * @param {ClusterState | undefined} cluster
 * @returns {Row}
 */
export function clusterRow(cluster) {
  const name = 'npm start';
  const needed = '';
  if (cluster === undefined) return { name, status: 'ok', found: 'does not run here', needed };
  const alive = cluster.children.filter(isAlive);
  const names = alive.map((child) => `${child.name} (pid ${child.pid})`).join(', ');
  if (isAlive(cluster.supervisor)) {
    return {
      name,
      status: 'ok',
      found: `runs since ${cluster.startedAt}, pid ${cluster.supervisor.pid}: ${names}`,
      needed,
    };
  }
  if (alive.length === 0) return { name, status: 'ok', found: 'was killed; it has left nothing that runs', needed };
  return {
    name,
    status: 'warn',
    found: `was killed, and has left ${names}`,
    needed: 'no leftovers',
    fix: '"npm start" ends them first',
  };
}

/** Which port each part wants; the embedded servers take another one when theirs is taken. */
const PORTS = /** @type {const} */ ([
  ['API_PORT', 8080, 'the gateway', null],
  ['ORDERS_PORT', 8081, 'the orders node', null],
  ['PAYMENTS_PORT', 8082, 'the payments node', null],
  ['KAFKA_PORT', 29092, 'the embedded Kafka', 'KAFKA_BROKERS'],
  ['POSTGRES_PORT', 5432, 'the embedded PostgreSQL', 'ORDERS_DATABASE_URL'],
]);

/**
 * @param {Environment} env
 * @param {ClusterState | undefined} cluster
 * @returns {Promise<Row[]>}
 */
export async function portRows(env, cluster) {
  const rows = [];
  for (const [variable, usual, user, insteadOf] of PORTS) {
    if (insteadOf !== null && (env[insteadOf] ?? '').trim() !== '') continue;
    rows.push(await portRow(variable, Number(env[variable]?.trim() || usual), user, insteadOf !== null, cluster));
  }
  return rows;
}

/**
 * @param {string} variable
 * @param {number} port
 * @param {string} user
 * @param {boolean} canMove
 * @param {ClusterState | undefined} cluster
 * @returns {Promise<Row>}
 */
async function portRow(variable, port, user, canMove, cluster) {
  const row = { name: `Port ${port}`, needed: `free, for ${user}` };
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    return {
      ...row,
      status: 'fail',
      found: `${variable} is no port`,
      fix: `set ${variable} to a number from 1 to 65535`,
    };
  }
  if (await isPortFree(port)) return { ...row, status: 'ok', found: 'free' };
  const owner = portOwner(port);
  const pid = portOwnerPid(port);
  if (pid !== undefined && cluster?.children.some((child) => child.pid === pid && isAlive(child))) {
    return { ...row, status: 'ok', found: `used by this system's ${owner}` };
  }
  if (canMove) {
    const fix = `nothing: the start takes a free one instead; ${variable} names another`;
    return { ...row, status: 'warn', found: `used by ${owner}`, fix };
  }
  return { ...row, status: 'fail', found: `used by ${owner}`, fix: `stop that, or ${variable}=${port + 10} npm start` };
}
