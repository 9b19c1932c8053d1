import type { ReceivedEvent } from '../../events/event.ts';
import { paymentCompleted, type PaymentCompleted, type PaymentRejected } from '../../events/payment-decided.ts';
import { EventRefused } from '../../mixins/idempotent-consumer.mixin.ts';
import { settleOrder, type Order, type PaymentOutcome } from './order.ts';
import type { OrderStore } from './order-store.ts';

export type PaymentDecided = ReceivedEvent<PaymentCompleted | PaymentRejected>;

/**
 * Makes orders final as payments decided: reads them under lock, decides, writes all changes in one statement.
 *
 * @returns the orders that changed; a decision that was delivered again changes none
 * @throws EventRefused for a decision that contradicts its order: it can never be applied, and has to be looked at
 * @throws Error when an order is not as it was read under lock: the transaction must not go on
 */
export async function settleOrders(
  events: readonly PaymentDecided[],
  { store, now }: { store: OrderStore; now: Date },
): Promise<Order[]> {
  const orders = await store.lockOrders(events.map(({ data }) => data.orderId));
  const changed: Order[] = [];
  for (const event of events) {
    const settlement = settleOrder(orders.get(event.data.orderId), toOutcome(event), now);
    if (settlement.kind === 'contradiction') throw new EventRefused(event.eventId, settlement.detail);
    if (settlement.kind === 'unchanged') continue;
    orders.set(settlement.order.orderId, settlement.order);
    changed.push(settlement.order);
  }
  const touched = await store.updateSettled(changed);
  if (touched !== changed.length) {
    throw new Error(`Of ${changed.length} orders, ${touched} were at the version that was read under lock.`);
  }
  return changed;
}

function toOutcome({ type, data }: PaymentDecided): PaymentOutcome {
  const { orderId } = data;
  const amount = BigInt(data.amount);
  return type === paymentCompleted.type || !('reason' in data)
    ? { orderId, amount, kind: 'completed' }
    : { orderId, amount, kind: 'rejected', reason: data.reason };
}
