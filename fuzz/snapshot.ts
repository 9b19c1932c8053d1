import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';

/** Everything that the two databases hold, as a count and a hash of each table's rows, in whatever order they lie. */
export type Snapshot = ReadonlyMap<string, string>;

export interface Databases {
  readonly orders: pg.Pool;
  readonly payments: pg.Pool;
}

/** Empty partitions come and go by the calendar. */
const TABLES = `
  SELECT c.oid::regclass::text AS name
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relkind = 'r' AND n.nspname = 'public'`;

async function tablesOf(database: string, pool: pg.Pool): Promise<[string, string][]> {
  const { rows: tables } = await pool.query<{ name: string }>(TABLES);
  if (tables.length === 0) return [];
  // One statement: one moment for all tables.
  const hashes = tables.map(
    ({ name }) =>
      `SELECT '${name}' AS name, count(*) AS rows, sum(hashtextextended(t::text, 0)) AS hash FROM ${name} t`,
  );
  const { rows } = await pool.query<{ name: string; rows: string; hash: string | null }>(hashes.join(' UNION ALL '));
  return rows
    .filter(({ hash }) => hash !== null)
    .map(({ name, rows: count, hash }) => [`${database}.${name}`, `${count} rows, hash ${hash ?? ''}`]);
}

export async function takeSnapshot({ orders, payments }: Databases): Promise<Snapshot> {
  return new Map([...(await tablesOf('orders', orders)), ...(await tablesOf('payments', payments))]);
}

/** @returns the tables that differ, each with what it held and what it holds */
export function differences(before: Snapshot, after: Snapshot): string[] {
  const tables = new Set([...before.keys(), ...after.keys()]);
  return [...tables]
    .filter((table) => before.get(table) !== after.get(table))
    .map((table) => `${table}: ${before.get(table) ?? 'empty'} became ${after.get(table) ?? 'empty'}`);
}

const QUIET_LOOKS = 2;
const LOOK_EVERY_MS = 200;
const QUIET_WITHIN_MS = 120_000;

/**
 * Waits until every order is final, every event is published, and nothing moves any more.
 *
 * @throws Error when that does not come to pass in two minutes
 */
export async function untilQuiet(databases: Databases): Promise<Snapshot> {
  const deadline = performance.now() + QUIET_WITHIN_MS;
  let before: Snapshot | null = null;
  let looks = 0;
  for (;;) {
    const after = await takeSnapshot(databases);
    const isQuiet = before !== null && differences(before, after).length === 0 && (await isSettled(databases));
    looks = isQuiet ? looks + 1 : 0;
    if (looks === QUIET_LOOKS) return after;
    if (performance.now() > deadline) {
      throw new Error(`The databases did not come to rest: ${differences(before ?? new Map(), after).join('; ')}`);
    }
    before = after;
    await sleep(LOOK_EVERY_MS);
  }
}

async function isSettled({ orders, payments }: Databases): Promise<boolean> {
  const unsettled = `SELECT (SELECT count(*) FROM orders WHERE status = 'NEW') + (SELECT count(*) FROM outbox) AS rows`;
  const { rows: inOrders } = await orders.query<{ rows: string }>(unsettled);
  const { rows: inPayments } = await payments.query<{ rows: string }>('SELECT count(*) AS rows FROM outbox');
  return inOrders[0]?.rows === '0' && inPayments[0]?.rows === '0';
}
