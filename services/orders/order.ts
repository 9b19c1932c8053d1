import type { OrderChange } from '../../contract/order-changes.ts';
import type { CancelReason, Order as OrderAnswer } from '../../contract/outputs.ts';
import type { OrderStatus } from '../../contract/values.ts';
import { decimalText } from '../../money/money.ts';

/**
 * The order: plain values and decisions, no I/O. An order is NEW until payments has decided; then it is FINISHED or
 * CANCELLED, once, and never changes after that.
 */

export interface Order {
  /** UUIDv7: its time is the order's, which is what lists are sorted by. */
  readonly orderId: string;
  readonly userId: string;
  /** Minor units, greater than 0. */
  readonly amount: bigint;
  readonly description: string | null;
  readonly status: OrderStatus;
  /** Why it was cancelled; null otherwise. */
  readonly reason: CancelReason | null;
  /** 1 when created, one more with each change. */
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** What payments decided about one order. */
export type PaymentOutcome = { readonly orderId: string; readonly amount: bigint } & (
  { readonly kind: 'completed' } | { readonly kind: 'rejected'; readonly reason: CancelReason }
);

/** What an outcome means for an order as it is now. */
export type Settlement =
  | { readonly kind: 'changed'; readonly order: Order }
  /** The order has this outcome already: the event was delivered again. */
  | { readonly kind: 'unchanged' }
  /** The outcome contradicts the order: somebody has to look. */
  | { readonly kind: 'contradiction'; readonly detail: string };

/** A new order, accepted now. */
export function placeOrder(input: Pick<Order, 'orderId' | 'userId' | 'amount' | 'description'>, now: Date): Order {
  return { ...input, status: 'NEW', reason: null, version: 1, createdAt: now, updatedAt: now };
}

/**
 * Applies what payments decided.
 *
 * @param order as read under its row lock; undefined when there is none
 * @param outcome the decision
 * @param now time of the change
 */
export function settleOrder(order: Order | undefined, outcome: PaymentOutcome, now: Date): Settlement {
  if (order === undefined) return { kind: 'contradiction', detail: `there is no order ${outcome.orderId}` };
  if (order.amount !== outcome.amount) {
    return { kind: 'contradiction', detail: `the order is over ${order.amount}, the payment over ${outcome.amount}` };
  }
  const status = outcome.kind === 'completed' ? 'FINISHED' : 'CANCELLED';
  const reason = outcome.kind === 'completed' ? null : outcome.reason;
  if (order.status === 'NEW') {
    return { kind: 'changed', order: { ...order, status, reason, version: order.version + 1, updatedAt: now } };
  }
  if (order.status === status && order.reason === reason) return { kind: 'unchanged' };
  return { kind: 'contradiction', detail: `the order is ${order.status} and final, the payment says ${status}` };
}

/** The order as answers show it. */
export function describeOrder(order: Order): OrderAnswer {
  const { orderId, userId, description, status, reason, version } = order;
  return {
    orderId,
    userId,
    amount: decimalText(order.amount),
    description,
    status,
    reason,
    version,
    createdAt: order.createdAt.toISOString(),
    updatedAt: order.updatedAt.toISOString(),
  };
}

/** What changed of a settled order, as nodes tell each other. */
export function describeChange(
  order: Pick<Order, 'orderId' | 'status' | 'reason' | 'version' | 'updatedAt'>,
): OrderChange {
  const { orderId, status, reason, version, updatedAt } = order;
  return { orderId, status, reason, version, updatedAt: updatedAt.toISOString() };
}
