import type { Order as OrderAnswer } from '../../contract/outputs.ts';
import type { NewEvent } from '../../events/event.ts';
import type { Outcome } from '../../mixins/group-commit.ts';
import { createdEvent } from './order-event.ts';
import { describeOrder, type Order } from './order.ts';
import type { OrderStore } from './order-store.ts';

/**
 * Writes new orders and their events in one transaction. An order that is there already was written, with its event, by
 * an earlier attempt whose COMMIT got no answer: the unique index has made sure that it is not still on its way.
 *
 * @returns each order as it was accepted
 */
export async function createOrders(
  orders: readonly Order[],
  { store, addToOutbox }: { store: OrderStore; addToOutbox: (events: NewEvent[]) => Promise<void> },
): Promise<Outcome<OrderAnswer>[]> {
  const inserted = await store.insertOrders(orders);
  await addToOutbox(orders.filter(({ orderId }) => inserted.has(orderId)).map(createdEvent));
  return orders.map((order) => ({ ok: describeOrder(order) }));
}
