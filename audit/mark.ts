import { smallestUuidAt } from '../mixins/inbox/inbox-partitions.ts';
import { UNDECIDED_PAGE } from './on-the-way/on-the-way.sql.ts';
import type { AuditMark } from './report.ts';
import type { Snapshots } from './snapshots.ts';

/**
 * How far clocks of nodes may differ, and how long a transaction may take: what carries a time or an id up to this much
 * older than the audit may have been committed after it looked.
 */
const MARGIN_MS = 10 * 60_000;
/** Orders that are not final and older than the margin: named up to this number, beyond it the mark goes back to them. */
const OPEN_ORDERS_MAX = 1000;
const BEFORE_ALL_IDS = '00000000-0000-0000-0000-000000000000';

/**
 * Says where the next incremental audit has to begin. Made before anything is looked at: what changes from now on is
 * looked at next time, whether this audit met it or not.
 */
export async function makeMark(orders: Snapshots, startedAt: Date): Promise<AuditMark> {
  const sinceMs = startedAt.getTime() - MARGIN_MS;
  const open = await orders.query<{ order_id: string }>(UNDECIDED_PAGE, [BEFORE_ALL_IDS, OPEN_ORDERS_MAX + 1]);
  const limit = smallestUuidAt(sinceMs);
  const older = open.map(({ order_id }) => order_id).filter((id) => id <= limit);
  const named = older.slice(0, OPEN_ORDERS_MAX);
  return {
    since: new Date(sinceMs).toISOString(),
    afterOrderId: older.length > OPEN_ORDERS_MAX ? (named.at(-1) ?? limit) : limit,
    openOrderIds: named,
  };
}
