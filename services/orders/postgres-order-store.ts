import { QueryTypes, type Sequelize, type Transaction } from 'sequelize';
import type { OrderStore } from './order-store.ts';
import type { Order } from './order.ts';

/** The statements on orders: one for a batch, whatever its size, each inside the caller's transaction. */
export class PostgresOrderStore implements OrderStore {
  readonly #sequelize: Sequelize;
  readonly #transaction: Transaction;

  constructor(sequelize: Sequelize, transaction: Transaction) {
    this.#sequelize = sequelize;
    this.#transaction = transaction;
  }

  async insertOrders(orders: readonly Order[]): Promise<Set<string>> {
    const rows = await this.#sequelize.query<{ order_id: string }>(
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
        transaction: this.#transaction,
      },
    );
    return new Set(rows.map((row) => row.order_id));
  }

  async lockOrders(orderIds: readonly string[]): Promise<Map<string, Order>> {
    const rows = await this.#sequelize.query<Omit<Order, 'amount'> & { amount: string }>(
      `SELECT order_id AS "orderId", user_id AS "userId", amount, description, status, reason, version,
              created_at AS "createdAt", updated_at AS "updatedAt"
         FROM orders WHERE order_id = ANY ($1::uuid[]) ORDER BY order_id FOR NO KEY UPDATE`,
      { bind: [orderIds], type: QueryTypes.SELECT, transaction: this.#transaction },
    );
    return new Map(rows.map((row) => [row.orderId, { ...row, amount: BigInt(row.amount) }]));
  }

  async updateSettled(orders: readonly Order[]): Promise<number> {
    if (orders.length === 0) return 0;
    const touched = await this.#sequelize.query(
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
        transaction: this.#transaction,
      },
    );
    return touched.length;
  }
}
