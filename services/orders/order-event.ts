import type { NewEvent } from '../../events/event.ts';
import { orderCreated } from '../../events/order-created.ts';
import type { Order } from './order.ts';

/**
 * The event of an order's creation. It can be made again from the order's row, and is then the same event: its id is the
 * order's own, and its data are the same bytes, by which consumers know it (ADR 0014).
 */
export function createdEvent(
  order: Pick<Order, 'orderId' | 'userId' | 'amount' | 'createdAt'>,
): NewEvent<typeof orderCreated.data> {
  return {
    definition: orderCreated,
    eventId: order.orderId,
    aggregateId: order.orderId,
    aggregateVersion: 1,
    partitionKey: order.userId,
    data: {
      orderId: order.orderId,
      userId: order.userId,
      amount: order.amount.toString(),
      createdAt: order.createdAt.toISOString(),
    },
  };
}
