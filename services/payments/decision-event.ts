import type { NewEvent } from '../../events/event.ts';
import { paymentCompleted, paymentRejected } from '../../events/payment-decided.ts';
import type { Payment } from './payment.ts';

/**
 * The event of a decision. It can be made again from the decision's row, and is then the same event: its id is the order's,
 * which has one decision, and its data are the same bytes, by which consumers know it (ADR 0014).
 *
 * @param decidedAt as the row has it
 */
export function decisionEvent(payment: Payment, decidedAt: Date): NewEvent {
  const { orderId, userId } = payment;
  const data = { orderId, userId, amount: payment.amount.toString(), decidedAt: decidedAt.toISOString() };
  const event = { eventId: orderId, aggregateId: orderId, aggregateVersion: 1, partitionKey: orderId };
  return payment.status === 'completed'
    ? { ...event, definition: paymentCompleted, data }
    : { ...event, definition: paymentRejected, data: { ...data, reason: payment.reason } };
}
