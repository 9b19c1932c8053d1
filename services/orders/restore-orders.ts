import type { ReceivedEvent } from '../../events/event.ts';
import type { OrderCreated } from '../../events/order-created.ts';
import { EventRefused } from '../../mixins/idempotent-consumer.mixin.ts';
import { placeOrder, type Order } from './order.ts';
import type { OrderStore } from './order-store.ts';

/**
 * Writes orders that a restored database has lost, from the events of their creation: NEW, as they were then; their
 * decisions come after. What no event tells is lost: the description. Orders that are there stay as they are.
 *
 * @throws EventRefused for an event that contradicts the order that is there
 */
export async function restoreOrders(events: readonly ReceivedEvent<OrderCreated>[], store: OrderStore): Promise<void> {
  const restored = events.map(({ data }) => toOrder(data));
  const inserted = await store.insertOrders(restored);
  const there = await store.lockOrders(restored.flatMap(({ orderId }) => (inserted.has(orderId) ? [] : orderId)));
  for (const { eventId, data } of events) {
    const order = there.get(data.orderId);
    if (order !== undefined && (order.userId !== data.userId || order.amount !== BigInt(data.amount))) {
      throw new EventRefused(
        eventId,
        `the order is there, of ${order.userId} over ${order.amount}; the event says of ${data.userId} over ${data.amount}`,
      );
    }
  }
}

function toOrder({ orderId, userId, amount, createdAt }: OrderCreated): Order {
  return placeOrder({ orderId, userId, amount: BigInt(amount), description: null }, new Date(createdAt));
}
