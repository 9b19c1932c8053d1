import type { Sequelize, Transaction } from 'sequelize';
import type { ReceivedEvent } from '../../events/event.ts';
import { paymentCompleted, type PaymentCompleted, type PaymentRejected } from '../../events/payment-decided.ts';
import { EventRefused } from '../../mixins/idempotent-consumer.mixin.ts';
import { settleOrder, type Order, type PaymentOutcome } from './order.ts';
import { lockOrders, updateSettled } from './write-orders.ts';

export type PaymentDecided = ReceivedEvent<PaymentCompleted | PaymentRejected>;

/**
 * Makes orders final as payments decided: reads them under lock, decides, writes all changes in one statement.
 *
 * @returns the orders that changed; a decision that was delivered again changes none
 * @throws EventRefused for a decision that contradicts its order: it can never be applied, and has to be looked at
 */
export async function settleOrders(
  events: readonly PaymentDecided[],
  context: { sequelize: Sequelize; transaction: Transaction },
): Promise<Order[]> {
  const { sequelize, transaction } = context;
  const now = new Date();
  const orders = await lockOrders(
    sequelize,
    events.map(({ data }) => data.orderId),
    transaction,
  );
  const changed: Order[] = [];
  for (const event of events) {
    const settlement = settleOrder(orders.get(event.data.orderId), toOutcome(event), now);
    if (settlement.kind === 'contradiction') throw new EventRefused(event.eventId, settlement.detail);
    if (settlement.kind === 'unchanged') continue;
    orders.set(settlement.order.orderId, settlement.order);
    changed.push(settlement.order);
  }
  await updateSettled(sequelize, changed, transaction);
  return changed;
}

function toOutcome({ type, data }: PaymentDecided): PaymentOutcome {
  const { orderId } = data;
  const amount = BigInt(data.amount);
  return type === paymentCompleted.type || !('reason' in data)
    ? { orderId, amount, kind: 'completed' }
    : { orderId, amount, kind: 'rejected', reason: data.reason };
}
