import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { WRONG_ACCOUNTS } from '../../test/support/books.ts';
import type { Backlog } from './backlog.ts';

export const PER_SECOND = 'orders/s';

const LOOK_EVERY_MS = 20;
const LIMIT_MS = 600_000;

/**
 * Waits until a backlog is settled, measuring from the first look that finds any of it settled to the first that finds all
 * of it: neither the node's start counts, nor the orders that the first look has found. A partition is settled in order,
 * so that a look asks for the first or the last order of each partition alone: a dozen keys, which cost nobody anything.
 *
 * @param client of the payments database
 * @returns how many orders were settled in that time, and the time
 */
export async function untilSettled(client: Client, backlog: Backlog): Promise<{ orders: number; elapsedMs: number }> {
  const partitions = [...Map.groupBy(backlog, ({ partition }) => partition).values()];
  const firstOfPartitions = partitions.flatMap((orders) => orders[0]?.orderId ?? []);
  const lastOfPartitions = partitions.flatMap((orders) => orders.at(-1)?.orderId ?? []);

  await until(async () => (await countDecided(client, firstOfPartitions)) > 0);
  const { settled } = await readSettled(client, backlog);
  const startedAtMs = performance.now();
  await until(async () => (await countDecided(client, lastOfPartitions)) === lastOfPartitions.length);
  return { orders: backlog.length - settled, elapsedMs: performance.now() - startedAtMs };
}

/**
 * Waits until every decision is in Kafka.
 *
 * @returns how many were not when it was asked, and how long they took
 */
export async function untilPublished(client: Client): Promise<{ left: number; elapsedMs: number }> {
  const startedAtMs = performance.now();
  const left = await countOf(client, 'SELECT count(*) FROM outbox');
  await until(async () => (await countOf(client, 'SELECT count(*) FROM (SELECT FROM outbox LIMIT 1) AS first')) === 0);
  return { left, elapsedMs: performance.now() - startedAtMs };
}

/**
 * @returns how many orders a transaction had
 * @throws Error when an order was not paid, or the ledger is wrong
 */
export async function auditSettled(client: Client, backlog: Backlog): Promise<number> {
  const { completed, transactions } = await readSettled(client, backlog);
  if (completed !== backlog.length) throw new Error(`Of ${backlog.length} orders, ${completed} were paid.`);
  const { rows } = await client.query<{ user_id: string }>(WRONG_ACCOUNTS);
  if (rows.length > 0) throw new Error(`${rows.length} accounts and their ledger entries differ.`);
  return completed / transactions;
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const startedAtMs = performance.now();
  while (!(await isSo())) {
    if (performance.now() - startedAtMs > LIMIT_MS) throw new Error(`The backlog is not settled after ${LIMIT_MS} ms.`);
    await sleep(LOOK_EVERY_MS);
  }
}

function countDecided(client: Client, orderIds: readonly string[]): Promise<number> {
  return countOf(client, 'SELECT count(*) FROM payments WHERE order_id = ANY ($1::uuid[])', [orderIds]);
}

interface Settled {
  readonly settled: number;
  readonly completed: number;
  readonly transactions: number;
}

/** Ids rise from backlog to backlog, and the decisions of one transaction have one time. */
async function readSettled(client: Client, backlog: Backlog): Promise<Settled> {
  const { rows } = await client.query<Settled>(
    `SELECT count(*)::int AS settled, count(*) FILTER (WHERE status = 'completed')::int AS completed,
            count(DISTINCT decided_at)::int AS transactions
       FROM payments WHERE order_id >= $1`,
    [backlog[0]?.orderId],
  );
  return rows[0] ?? { settled: 0, completed: 0, transactions: 0 };
}

async function countOf(client: Client, text: string, values: readonly unknown[] = []): Promise<number> {
  const { rows } = await client.query<{ count: string }>(text, [...values]);
  return Number(rows[0]?.count);
}
