import type { Finding } from '../findings.ts';
import type { Snapshots } from '../snapshots.ts';
import type { Sweep } from '../sweep.ts';
import { COUNT_DEAD_LETTERS, COUNT_OUTBOX_PARKED, DECIDED } from './on-the-way.sql.ts';
import { outboxPages, type OutboxRow } from './outbox-pages.ts';
import type { Routes } from './routes.ts';

const ORDERS_THERE = 'SELECT DISTINCT order_id FROM orders WHERE order_id = ANY ($1::uuid[])';
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * I8 of events: one that waits in an outbox is about a change that was made. The change was committed with the event
 * and is never taken back, so that it is there when it is looked for after the event.
 */
export async function sweepOutboxes(sweep: Sweep, { toPayments, toOrders }: Routes): Promise<void> {
  await sweepOutbox(sweep, sweep.orders, toPayments.aggregateType, ORDERS_THERE);
  await sweepOutbox(sweep, sweep.payments, toOrders.aggregateType, DECIDED);
  for (const database of [sweep.orders, sweep.payments]) {
    const [letters] = await database.query<{ rows: string }>(COUNT_DEAD_LETTERS);
    sweep.counts.add('dead letters', letters?.rows ?? '0');
    const [parked] = await database.query<{ rows: string }>(COUNT_OUTBOX_PARKED);
    sweep.counts.add('events parked in an outbox', parked?.rows ?? '0');
  }
}

async function sweepOutbox(sweep: Sweep, database: Snapshots, aggregateType: string, there: string): Promise<void> {
  for await (const page of outboxPages(database)) {
    const ids = page.flatMap(({ aggregate_id }) => (UUID.test(aggregate_id) ? aggregate_id.toLowerCase() : []));
    const changes = new Set((await database.query<{ order_id: string }>(there, [ids])).map(({ order_id }) => order_id));
    const isGroundless = (row: OutboxRow): boolean =>
      row.aggregate_type !== aggregateType || !changes.has(row.aggregate_id.toLowerCase());
    sweep.findings.addAll(page.filter(isGroundless).map(groundless));
    sweep.counts.add('events in outboxes', page.length);
    sweep.onRows('events on their way', page.length);
  }
}

function groundless({ event_id, aggregate_type, aggregate_id }: OutboxRow): Finding {
  const what = `Event ${event_id} is about ${aggregate_type} ${aggregate_id}, of which no change was made.`;
  return { check: 'groundless', what, ids: { eventId: event_id, aggregateId: aggregate_id } };
}
