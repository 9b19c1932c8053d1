import { QueryTypes, type Sequelize, type Transaction } from 'sequelize';
import type { Order } from './order.ts';

/** Set-based writes of orders: one statement for a batch, whatever its size. */

/**
 * Inserts orders; one that is there already is left as it is.
 *
 * @returns the ids that were inserted now
 */
export async function insertOrders(
  sequelize: Sequelize,
  orders: readonly Order[],
  transaction: Transaction,
): Promise<Set<string>> {
  const rows = await sequelize.query<{ order_id: string }>(
    `INSERT INTO orders (order_id, user_id, amount, description, status, version, created_at, updated_at)
     SELECT order_id, user_id, amount, description, 'NEW', 1, created_at, created_at
       FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[], $5::timestamptz[])
         AS new (order_id, user_id, amount, description, created_at)
     ON CONFLICT (order_id) DO NOTHING
     RETURNING order_id`,
    {
      bind: [
        orders.map((order) => order.orderId),
        orders.map((order) => order.userId),
        orders.map((order) => order.amount.toString()),
        orders.map((order) => order.description),
        orders.map((order) => order.createdAt.toISOString()),
      ],
      type: QueryTypes.SELECT,
      transaction,
    },
  );
  return new Set(rows.map((row) => row.order_id));
}

/** Reads orders under their row locks, taken in the order of the ids so that two batches cannot deadlock. */
export async function lockOrders(
  sequelize: Sequelize,
  orderIds: readonly string[],
  transaction: Transaction,
): Promise<Map<string, Order>> {
  const rows = await sequelize.query<Omit<Order, 'amount'> & { amount: string }>(
    `SELECT order_id AS "orderId", user_id AS "userId", amount, description, status, reason, version,
            created_at AS "createdAt", updated_at AS "updatedAt"
       FROM orders WHERE order_id = ANY ($1::uuid[]) ORDER BY order_id FOR NO KEY UPDATE`,
    { bind: [orderIds], type: QueryTypes.SELECT, transaction },
  );
  return new Map(rows.map((row) => [row.orderId, { ...row, amount: BigInt(row.amount) }]));
}

/**
 * Writes the final status of orders, each naming the version before its own.
 *
 * @throws Error when a row was not at that version: the transaction must not go on
 */
export async function updateSettled(
  sequelize: Sequelize,
  orders: readonly Order[],
  transaction: Transaction,
): Promise<void> {
  if (orders.length === 0) return;
  const touched = await sequelize.query(
    `UPDATE orders SET status = new.status, reason = new.reason, version = new.version, updated_at = new.updated_at
       FROM unnest($1::uuid[], $2::text[], $3::text[], $4::integer[], $5::timestamptz[])
         AS new (order_id, status, reason, version, updated_at)
      WHERE orders.order_id = new.order_id AND orders.version = new.version - 1 AND orders.status = 'NEW'
      RETURNING orders.order_id`,
    {
      bind: [
        orders.map((order) => order.orderId),
        orders.map((order) => order.status),
        orders.map((order) => order.reason),
        orders.map((order) => order.version),
        orders.map((order) => order.updatedAt.toISOString()),
      ],
      type: QueryTypes.SELECT,
      transaction,
    },
  );
  if (touched.length !== orders.length) {
    throw new Error(`Of ${orders.length} orders, ${touched.length} were at the version that was read under lock.`);
  }
}
