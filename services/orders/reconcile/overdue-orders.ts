import { QueryTypes, type Sequelize, type Transaction } from 'sequelize';
import type { Order } from '../order.ts';

/** The statements of reconciling: each one set-based. */

/** Any number that nothing else in this database locks; spells "RECO". */
const LOCK = 0x5245434f;
/** A claimed order is not claimed again by a schedule for this long: longer than a round, so that a node that died in it costs no more. */
const CLAIM_MS = 60_000;

export type OverdueOrder = Pick<Order, 'orderId' | 'userId' | 'amount' | 'createdAt'>;

export interface Overdue {
  /** Orders that were accepted at this time or before. */
  readonly createdBefore: Date;
  /** Those after this one; null for all. */
  readonly after: string | null;
  /** Also those that were reconciled a moment ago. */
  readonly ignorePauses: boolean;
  readonly limit: number;
}

/** Reads orders that are NEW since before a time, oldest first. */
export async function readOverdue(
  sequelize: Sequelize,
  { createdBefore, after, ignorePauses, limit }: Overdue,
  transaction: Transaction,
): Promise<OverdueOrder[]> {
  const rows = await sequelize.query<Omit<OverdueOrder, 'amount'> & { amount: string }>(
    `SELECT orders.order_id AS "orderId", user_id AS "userId", amount, created_at AS "createdAt"
       FROM orders LEFT JOIN reconciled_orders AS earlier ON earlier.order_id = orders.order_id
      WHERE status = 'NEW' AND created_at <= $1 AND ($2::uuid IS NULL OR orders.order_id > $2)
        AND ($3 OR earlier.due_at IS NULL OR earlier.due_at <= now())
      ORDER BY orders.order_id LIMIT $4`,
    { bind: [createdBefore, after, ignorePauses, limit], type: QueryTypes.SELECT, transaction },
  );
  return rows.map((row) => ({ ...row, amount: BigInt(row.amount) }));
}

/** One node at a time chooses orders, until the transaction ends: what it claims the next one does not see as due. */
export async function lockReconciling(sequelize: Sequelize, transaction: Transaction): Promise<void> {
  await sequelize.query('SELECT pg_advisory_xact_lock($1)', { bind: [LOCK], transaction });
}

export async function claim(
  sequelize: Sequelize,
  orderIds: readonly string[],
  transaction: Transaction,
): Promise<void> {
  await sequelize.query(
    `INSERT INTO reconciled_orders (order_id, due_at)
     SELECT order_id, now() + $2 * interval '1 millisecond' FROM unnest($1::uuid[]) AS claimed (order_id) ORDER BY order_id
     ON CONFLICT (order_id) DO UPDATE SET due_at = excluded.due_at`,
    { bind: [orderIds, CLAIM_MS], transaction },
  );
}

/**
 * Something was done about these orders: each is due again after a pause that doubles with every attempt.
 *
 * @param firstPauseMs after the first attempt
 * @param maxPauseMs after any
 */
export async function postpone(
  sequelize: Sequelize,
  orderIds: readonly string[],
  { firstPauseMs, maxPauseMs }: { readonly firstPauseMs: number; readonly maxPauseMs: number },
  transaction: Transaction,
): Promise<void> {
  await sequelize.query(
    `UPDATE reconciled_orders
        SET attempts = attempts + 1,
            due_at = now() + least($2::float8 * 2 ^ least(attempts, 30), $3::float8) * interval '1 millisecond'
      WHERE order_id IN (SELECT order_id FROM reconciled_orders WHERE order_id = ANY ($1::uuid[]) ORDER BY order_id FOR UPDATE)`,
    { bind: [orderIds, firstPauseMs, maxPauseMs], transaction },
  );
}

/** @returns those of the orders that are NEW now */
export async function stillNew(
  sequelize: Sequelize,
  orderIds: readonly string[],
  transaction: Transaction,
): Promise<Set<string>> {
  const rows = await sequelize.query<{ order_id: string }>(
    `SELECT order_id FROM orders WHERE order_id = ANY ($1::uuid[]) AND status = 'NEW'`,
    { bind: [orderIds], type: QueryTypes.SELECT, transaction },
  );
  return new Set(rows.map((row) => row.order_id));
}

/** Forgets a bounded number of orders that have become final since. */
export async function forgetSettled(sequelize: Sequelize, limit: number): Promise<void> {
  await sequelize.query(
    `DELETE FROM reconciled_orders WHERE order_id IN (
       SELECT earlier.order_id FROM reconciled_orders AS earlier
         LEFT JOIN orders ON orders.order_id = earlier.order_id AND orders.status = 'NEW'
        WHERE orders.order_id IS NULL ORDER BY earlier.order_id LIMIT $1 FOR UPDATE OF earlier SKIP LOCKED)`,
    { bind: [limit] },
  );
}
