import type { Transaction } from 'sequelize';
import { run } from '../../mixins/database/statement.ts';
import type { OrderStore } from './order-store.ts';
import type { Order } from './order.ts';

const INSERT = {
  name: 'orders-insert',
  text: `
    INSERT INTO orders (order_id, user_id, amount, description, status, version, created_at, updated_at)
    SELECT order_id, user_id, amount, description, 'NEW', 1, created_at, created_at
      FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[], $5::timestamptz[])
        AS new (order_id, user_id, amount, description, created_at)
    ON CONFLICT (order_id) DO NOTHING
    RETURNING order_id`,
};

const LOCK = {
  name: 'orders-lock',
  text: `
    SELECT order_id AS "orderId", user_id AS "userId", amount, description, status, reason, version,
           created_at AS "createdAt", updated_at AS "updatedAt"
      FROM orders WHERE order_id = ANY ($1::uuid[]) ORDER BY order_id FOR NO KEY UPDATE`,
};

const UPDATE_SETTLED = {
  name: 'orders-update-settled',
  text: `
    UPDATE orders SET status = new.status, reason = new.reason, version = new.version, updated_at = new.updated_at
      FROM unnest($1::uuid[], $2::text[], $3::text[], $4::integer[], $5::timestamptz[])
        AS new (order_id, status, reason, version, updated_at)
     WHERE orders.order_id = new.order_id AND orders.version = new.version - 1 AND orders.status = 'NEW'
     RETURNING orders.order_id`,
};

/** The statements on orders: one for a batch, whatever its size, each inside the caller's transaction. */
export class PostgresOrderStore implements OrderStore {
  readonly #transaction: Transaction;

  constructor(transaction: Transaction) {
    this.#transaction = transaction;
  }

  async insertOrders(orders: readonly Order[]): Promise<Set<string>> {
    const rows = await run<{ order_id: string }>(this.#transaction, INSERT, [
      orders.map((order) => order.orderId),
      orders.map((order) => order.userId),
      orders.map((order) => order.amount),
      orders.map((order) => order.description),
      orders.map((order) => order.createdAt.toISOString()),
    ]);
    return new Set(rows.map((row) => row.order_id));
  }

  async lockOrders(orderIds: readonly string[]): Promise<Map<string, Order>> {
    const rows = await run<Omit<Order, 'amount'> & { amount: string }>(this.#transaction, LOCK, [orderIds]);
    return new Map(rows.map((row) => [row.orderId, { ...row, amount: BigInt(row.amount) }]));
  }

  async updateSettled(orders: readonly Order[]): Promise<number> {
    if (orders.length === 0) return 0;
    const touched = await run(this.#transaction, UPDATE_SETTLED, [
      orders.map((order) => order.orderId),
      orders.map((order) => order.status),
      orders.map((order) => order.reason),
      orders.map((order) => order.version),
      orders.map((order) => order.updatedAt.toISOString()),
    ]);
    return touched.length;
  }
}
