import type { Finding } from '../findings.ts';

/** An order, or the decision about it, as its database has it; the amount in minor units, as text. Pure from here on. */
export interface OrderRow {
  readonly order_id: string;
  readonly user_id: string;
  readonly amount: string;
  /** Of an order NEW, FINISHED, CANCELLED; of a decision completed, rejected. */
  readonly status: string;
  readonly reason: string | null;
}

/**
 * An order against the decisions about it, which were read after it.
 *
 * @returns what is wrong; null when nothing is, or while it is NEW
 */
export function judgeOrder(order: OrderRow, decisions: readonly OrderRow[]): Finding | null {
  const [decision, ...more] = decisions;
  const ids = idsOf(order);
  if (order.status === 'FINISHED') {
    const isPaid = decision?.status === 'completed' && isAbout(decision, order) && more.length === 0;
    const what = `Order ${order.order_id} over ${order.amount} of ${order.user_id} is FINISHED, and ${describe(decisions)}.`;
    return isPaid ? null : { check: 'finished', what, ids };
  }
  if (order.status === 'CANCELLED') {
    const isRejected =
      decision !== undefined &&
      decisions.every(({ status, reason }) => status === 'rejected' && reason === order.reason);
    const what = `Order ${order.order_id} is CANCELLED for ${order.reason}, and ${describe(decisions)}.`;
    return isRejected ? null : { check: 'cancelled', what, ids };
  }
  return null;
}

/**
 * A decision against the order that it is about, which was read after it.
 *
 * @returns what is wrong; null when nothing is
 */
export function judgeDecision(decision: OrderRow, order: OrderRow | undefined): Finding | null {
  if (order !== undefined && isAbout(decision, order)) return null;
  const what =
    order === undefined
      ? `Payments decided about order ${decision.order_id} of ${decision.user_id}, and there is no such order.`
      : `The payment of ${decision.amount} by ${decision.user_id} is for order ${decision.order_id}, which is over ${order.amount} and of ${order.user_id}.`;
  return { check: 'order', what, ids: idsOf(decision) };
}

function isAbout(decision: OrderRow, order: OrderRow): boolean {
  return decision.user_id === order.user_id && decision.amount === order.amount;
}

function describe(decisions: readonly OrderRow[]): string {
  if (decisions.length === 0) return 'payments has not decided about it';
  return decisions
    .map(({ status, reason, user_id, amount }) =>
      status === 'completed' ? `${user_id} paid ${amount}` : `payments rejected it for ${reason}`,
    )
    .join(', and ');
}

function idsOf({ order_id, user_id }: OrderRow): Record<string, string> {
  return { orderId: order_id, userId: user_id };
}

/** A decision, or several, and the ledger entries that name its order. */
export interface Pairing {
  readonly order_id: string;
  /** Null: there is no decision. */
  readonly user_id: string | null;
  /** Counts of rows, as text. */
  readonly decisions: string;
  readonly completed: string;
  readonly amount: string | null;
  readonly entries: string;
  readonly entry_user_id: string | null;
  readonly entry_amount: string | null;
}

/** @param pair that does not fit: more than one decision, or another number of entries than of completed payments */
export function judgePairing(pair: Pairing): Finding[] {
  const { order_id, user_id, entry_user_id } = pair;
  const ids = { orderId: order_id, userId: user_id ?? entry_user_id ?? '' };
  const found: Finding[] = [];
  if (BigInt(pair.decisions) > 1n) {
    found.push({ check: 'decided', what: `Order ${order_id} has ${pair.decisions} decisions.`, ids });
  }
  const fits =
    pair.entries === pair.completed &&
    (pair.completed === '0' ||
      (user_id === entry_user_id && BigInt(pair.amount ?? '0') === -BigInt(pair.entry_amount ?? '0')));
  if (!fits || pair.entries > '1') found.push({ check: 'paid', what: describePair(pair), ids });
  return found;
}

function describePair(pair: Pairing): string {
  const { order_id, entries, completed, user_id, amount, entry_user_id, entry_amount } = pair;
  if (entries !== completed) {
    return `Order ${order_id} has ${completed} completed payments and ${entries} ledger entries.`;
  }
  if (entries !== '1') return `Order ${order_id} was charged ${entries} times.`;
  return `Order ${order_id} is paid with ${amount} by ${user_id}, its ledger entry is ${entry_amount} of ${entry_user_id}.`;
}
