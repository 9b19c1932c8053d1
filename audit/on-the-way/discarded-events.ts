import type { DiscardedEvent } from '../report.ts';
import type { Snapshots } from '../snapshots.ts';
import type { Sweep } from '../sweep.ts';
import { DISCARDED } from './on-the-way.sql.ts';
import type { Route, Routes } from './routes.ts';

interface DiscardedRow {
  readonly order_id: string;
  readonly act_id: string;
  readonly by_whom: string;
  readonly why: string;
  readonly at: Date;
}

/**
 * Which of these orders are NEW because a person discarded the event that had to come next: before Kafka took it, or at
 * its consumer.
 *
 * @param undecided orders whose `order.created` is nowhere
 * @param unsettled orders whose decision is nowhere
 */
export async function discardedEvents(
  { orders, payments }: Pick<Sweep, 'orders' | 'payments'>,
  { toPayments, toOrders }: Routes,
  undecided: readonly string[],
  unsettled: readonly string[],
): Promise<DiscardedEvent[]> {
  return [
    ...(await discardedAt('payments', payments, 'consumer', toPayments, undecided)),
    ...(await discardedAt('orders', orders, 'relay', toPayments, undecided)),
    ...(await discardedAt('orders', orders, 'consumer', toOrders, unsettled)),
    ...(await discardedAt('payments', payments, 'relay', toOrders, unsettled)),
  ];
}

async function discardedAt(
  service: DiscardedEvent['service'],
  database: Snapshots,
  side: DiscardedEvent['side'],
  { consumer, aggregateType }: Route,
  orderIds: readonly string[],
): Promise<DiscardedEvent[]> {
  if (orderIds.length === 0) return [];
  const rows = await database.query<DiscardedRow>(DISCARDED, [orderIds, side, consumer, aggregateType]);
  return rows.map(({ order_id, act_id, by_whom, why, at }) => ({
    orderId: order_id,
    service,
    side,
    act: act_id,
    by: by_whom,
    why,
    at: at.toISOString(),
  }));
}
