import type { Client } from 'pg';
import type { Figures } from '../harness/benchmark.ts';
import { publishBacklog, type Backlog } from './backlog.ts';
import { calmDown, withClient } from '../harness/database.ts';
import type { PaymentsRoom } from './payments-room.ts';
import { auditSettled, PER_SECOND, untilPublished, untilSettled } from './settling.ts';

type Settling = Awaited<ReturnType<typeof untilSettled>>;

/** Starts the node, and waits until the backlog is settled. */
export type Settle = (room: PaymentsRoom, settled: () => Promise<Settling>) => Promise<[Settling, Figures]>;

/** From a cold start: the node joins its group and begins before its door is open. */
export const settleFromStart: Settle = async ({ node }, settled) => {
  const [settling] = await Promise.all([settled(), node.start()]);
  return [settling, {}];
};

/**
 * Publishes a backlog while the node is stopped, and measures how the node settles it. Its relay works beside, on the same
 * thread: that is part of what an order costs.
 */
export async function settleByNode(
  room: PaymentsRoom,
  backlog: Backlog,
  settle: Settle = settleFromStart,
): Promise<Figures> {
  const { node, brokers, url } = room;
  await withClient(url, calmDown);
  await publishBacklog(brokers, backlog);
  const rolledBackBefore = await withClient(url, countRolledBack);
  const figures = await withClient(url, async (client) => {
    const [{ orders, elapsedMs }, others] = await settle(room, () => untilSettled(client, backlog));
    const published = await untilPublished(client);
    // Their sessions tell what they have counted when they end, at the latest.
    await node.stop();
    return {
      [PER_SECOND]: orders / (elapsedMs / 1000),
      'published/s': orders / ((elapsedMs + published.elapsedMs) / 1000),
      'left in the outbox': published.left,
      'orders a transaction': await auditSettled(client, backlog),
      ...others,
    };
  });
  const rolledBack = (await withClient(url, countRolledBack)) - rolledBackBefore;
  return { ...figures, 'conflict retries': rolledBack };
}

/**
 * Every attempt that is tried again was rolled back, the node's own counter of them (`ConsumerStats.retries`) cannot be
 * asked from outside, and nothing else of a node rolls back.
 */
async function countRolledBack(client: Client): Promise<number> {
  const { rows } = await client.query<{ count: string }>(
    'SELECT xact_rollback AS count FROM pg_stat_database WHERE datname = current_database()',
  );
  return Number(rows[0]?.count);
}
