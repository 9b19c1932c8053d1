import type { Finding } from '../findings.ts';
import { RangeSize } from '../range-size.ts';
import type { Query } from '../snapshots.ts';
import type { Sweep } from '../sweep.ts';
import {
  COUNT_ORDERS,
  ORDERS_BY_ID,
  ORDERS_CHANGED_OTHERWISE,
  ORDERS_DIGEST,
  ORDERS_OF_RANGE,
  ORDERS_RANGE_END,
  ORDERS_UNTRACED,
  PAYMENTS_BY_ID,
  PAYMENTS_DIGEST,
  PAYMENTS_OF_RANGE,
  PAYMENTS_RANGE_END,
  UNPAIRED,
} from './decisions.sql.ts';
import type { Trace } from './traceable-orders.ts';
import { judgeDecision, judgeOrder, judgePairing, type OrderRow, type Pairing } from './judge-decision.ts';

export const BEFORE_ALL_IDS = '00000000-0000-0000-0000-000000000000';
const AFTER_ALL_IDS = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/**
 * What contradicts is asked again after these pauses, in milliseconds, before it is a finding. The order of reading
 * alone is enough on two primaries; a database that is read through a replica may be behind the other.
 */
const ASKED_AGAIN_AFTER_MS = [50, 200, 800];

interface Range {
  readonly after: string;
  readonly upto: string;
}

/**
 * I3, I4, I5, and the part of I1 that is about payments: orders, decisions and ledger entries of the same order ids.
 *
 * @param afterOrderId where to begin: orders with ids above it
 */
export async function sweepDecisions(sweep: Sweep, afterOrderId: string, trace: Trace): Promise<void> {
  const size = new RangeSize();
  for (let after: string | null = afterOrderId; after !== null;) {
    const end = await rangeEnd(sweep, after, size.rows);
    const range: Range = { after, upto: end ?? AFTER_ALL_IDS };
    // Orders first: what they say rests on decisions that were there before.
    const orders = await sweep.orders.read((query) => readOrders(query, range, trace));
    const ordersMs = sweep.orders.latestMs;
    const payments = await sweep.payments.read((query) => readPayments(query, range));
    size.observe(Math.max(ordersMs, sweep.payments.latestMs));
    sweep.findings.addAll(orders.wrong);
    sweep.findings.addAll(payments.unpaired.flatMap(judgePairing));
    if (orders.rows !== payments.rows || orders.digest !== payments.digest) await compareRange(sweep, range);
    sweep.counts.add('orders', orders.all);
    sweep.counts.add('decisions', payments.rows);
    sweep.onRows('decisions', Number(orders.all));
    after = end;
  }
}

/** The same of single orders. */
export async function checkDecisionsOf(sweep: Sweep, orderIds: readonly string[], trace: Trace): Promise<void> {
  const range = (id: string): Range => ({ after: idBefore(id), upto: id });
  for (const orderId of orderIds) {
    const orders = await sweep.orders.read((query) => readOrders(query, range(orderId), trace));
    const payments = await sweep.payments.read((query) => readPayments(query, range(orderId)));
    sweep.findings.addAll(orders.wrong);
    sweep.findings.addAll(payments.unpaired.flatMap(judgePairing));
    if (orders.rows !== payments.rows || orders.digest !== payments.digest) {
      await compareRange(sweep, range(orderId));
    }
    sweep.counts.add('orders', orders.all);
    sweep.counts.add('decisions', payments.rows);
  }
}

/** The id just below a UUID. */
function idBefore(id: string): string {
  const hex = (BigInt(`0x${id.replaceAll('-', '')}`) - 1n).toString(16).padStart(32, '0');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

async function rangeEnd({ orders, payments }: Sweep, after: string, rows: number): Promise<string | null> {
  const ends = [
    ...(await orders.query<{ upto: string | null }>(ORDERS_RANGE_END, [after, rows])),
    ...(await payments.query<{ upto: string | null }>(PAYMENTS_RANGE_END, [after, rows])),
  ].flatMap(({ upto }) => upto ?? []);
  // UUIDs are compared as their bytes, and so are their texts.
  return ends.sort()[0] ?? null;
}

async function readOrders(query: Query, { after, upto }: Range, trace: Trace) {
  const [digest] = await query<{ rows: string; digest: string }>(ORDERS_DIGEST, [after, upto]);
  const [all] = await query<{ rows: string }>(COUNT_ORDERS, [after, upto]);
  const others = await query<{ order_id: string; status: string; version: number }>(ORDERS_CHANGED_OTHERWISE, [
    after,
    upto,
  ]);
  const changedOtherwise = others.map(({ order_id, status, version }): Finding => {
    const what = `Order ${order_id} is ${status} at version ${version}.`;
    return { check: 'changed', what, ids: { orderId: order_id, version: String(version) } };
  });
  // The inbox row came with the change, in one transaction: one snapshot has both or neither.
  const untraced =
    upto <= trace.after
      ? []
      : await query<{ order_id: string; status: string }>(ORDERS_UNTRACED, [after, upto, trace.after, trace.consumer]);
  const wrong = [...changedOtherwise, ...untraced.map(untracedOrder)];
  return { rows: digest?.rows ?? '0', digest: digest?.digest ?? '0', all: all?.rows ?? '0', wrong };
}

function untracedOrder({ order_id, status }: { order_id: string; status: string }): Finding {
  const what = `Order ${order_id} is ${status}, and no event that orders has settled made it so.`;
  return { check: 'traced', what, ids: { orderId: order_id } };
}

async function readPayments(query: Query, { after, upto }: Range) {
  const [digest] = await query<{ rows: string; digest: string }>(PAYMENTS_DIGEST, [after, upto]);
  const unpaired = await query<Pairing>(UNPAIRED, [after, upto]);
  return { rows: digest?.rows ?? '0', digest: digest?.digest ?? '0', unpaired };
}

/** Row by row, since the digests differ: as a rule because some of the range is not final yet. */
async function compareRange(sweep: Sweep, { after, upto }: Range): Promise<void> {
  const orders = await sweep.orders.query<OrderRow>(ORDERS_OF_RANGE, [after, upto]);
  const payments = await sweep.payments.query<OrderRow>(PAYMENTS_OF_RANGE, [after, upto]);
  let suspects = [...(await compare(sweep, orders, payments)).keys()];
  let findings: Finding[] = [];
  for (const pauseMs of ASKED_AGAIN_AFTER_MS) {
    if (suspects.length === 0) return;
    await sweep.pause(pauseMs);
    const ordersNow = await sweep.orders.query<OrderRow>(ORDERS_BY_ID, [suspects]);
    const paymentsNow = await sweep.payments.query<OrderRow>(PAYMENTS_BY_ID, [suspects]);
    const found = await compare(sweep, ordersNow, paymentsNow);
    suspects = [...found.keys()];
    findings = [...found.values()].flat();
  }
  sweep.findings.addAll(findings);
}

/**
 * @param orders read before the payments
 * @returns by order id what contradicts
 */
async function compare(
  sweep: Sweep,
  orders: readonly OrderRow[],
  payments: readonly OrderRow[],
): Promise<Map<string, Finding[]>> {
  const known = new Map(orders.map((order) => [order.order_id, order]));
  const decisions = Map.groupBy(payments, ({ order_id }) => order_id);
  const found = new Map<string, Finding[]>();
  const add = (orderId: string, finding: Finding | null): void => {
    if (finding !== null) found.set(orderId, [...(found.get(orderId) ?? []), finding]);
  };
  for (const order of orders) add(order.order_id, judgeOrder(order, decisions.get(order.order_id) ?? []));
  // An order that came after its database was read: asked for again, after the decision about it.
  const missing = payments.filter(({ order_id }) => !known.has(order_id)).map(({ order_id }) => order_id);
  if (missing.length > 0) {
    const later = await sweep.orders.query<OrderRow>(ORDERS_BY_ID, [missing]);
    for (const order of later) known.set(order.order_id, order);
  }
  for (const decision of payments) add(decision.order_id, judgeDecision(decision, known.get(decision.order_id)));
  return found;
}
