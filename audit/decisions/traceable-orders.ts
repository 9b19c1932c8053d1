import { smallestUuidAt } from '../../mixins/inbox/inbox-partitions.ts';
import { INBOX_RETENTION_MS } from '../../mixins/inbox/inbox-retention.ts';
import type { Snapshots } from '../snapshots.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** The schema that came with decisions whose event id is the order's (ADR 0014), and the first one. */
const [SINCE_MIGRATION, FIRST_MIGRATION] = ['orders-0003-reconciled-orders', 'orders-0001-orders'];
/** Nodes from before go on writing other ids until the last of them is replaced: an upgrade is over by then. */
const UPGRADE_MS = DAY_MS;

/** How a final order is traced to the event that made it so. */
export interface Trace {
  /** Of the consumer of decisions: part of the key of an inbox row. */
  readonly consumer: string;
  /** Every final order with an id above it has its inbox row. */
  readonly after: string;
}

/**
 * Says where orders begin whose event can be known and whose inbox row is still kept. The time of an order's id is the time
 * of its event's id, and by that inbox rows are dropped.
 */
export async function traceableOrders(orders: Snapshots, consumer: string, now: Date): Promise<Trace> {
  // Migrations that are applied together have one time: such a database never knew other ids.
  const [upgraded] = await orders.query<{ at: Date }>(
    `SELECT later.applied_at AS at FROM schema_migrations later JOIN schema_migrations first ON first.name = $2
      WHERE later.name = $1 AND later.applied_at > first.applied_at`,
    [SINCE_MIGRATION, FIRST_MIGRATION],
  );
  const keptSince = now.getTime() - INBOX_RETENTION_MS + DAY_MS;
  const knownSince = upgraded === undefined ? 0 : upgraded.at.getTime() + UPGRADE_MS;
  return { consumer, after: smallestUuidAt(Math.max(keptSince, knownSince)) };
}
