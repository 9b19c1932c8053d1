import type { Order } from '../../services/orders/order.ts';
import type { OrderStore } from '../../services/orders/order-store.ts';
import type { Transaction } from './database.ts';
import { inOrder } from './inbox-store.ts';
import type { ServiceDatabase } from './service-database.ts';

/** The table of orders, within one transaction. */
export class SimulatedOrderStore implements OrderStore {
  readonly #database: ServiceDatabase;
  readonly #transaction: Transaction;

  constructor(database: ServiceDatabase, transaction: Transaction) {
    this.#database = database;
    this.#transaction = transaction;
  }

  insertOrders(orders: readonly Order[]): Promise<Set<string>> {
    const database = this.#database;
    const transaction = this.#transaction;
    return database.execute(transaction, `inserts ${orders.length} orders`, function* () {
      const inserted = new Set<string>();
      for (const order of orders) {
        const row: Order = { ...order, status: 'NEW', reason: null, version: 1, updatedAt: order.createdAt };
        if (yield* database.insert(transaction, database.orders, order.orderId, row)) inserted.add(order.orderId);
      }
      return inserted;
    });
  }

  lockOrders(orderIds: readonly string[]): Promise<Map<string, Order>> {
    const database = this.#database;
    const transaction = this.#transaction;
    return database.execute(transaction, 'locks orders', function* () {
      const there = inOrder(orderIds).filter((orderId) => database.read(transaction, database.orders, orderId));
      const orders = new Map<string, Order>();
      for (const orderId of there) {
        const order = yield* database.lockRow(transaction, database.orders, orderId);
        if (order !== undefined) orders.set(orderId, order);
      }
      return orders;
    });
  }

  updateSettled(orders: readonly Order[]): Promise<number> {
    if (orders.length === 0) return Promise.resolve(0);
    const database = this.#database;
    const transaction = this.#transaction;
    return database.execute(transaction, `settles ${orders.length} orders`, function* () {
      let touched = 0;
      for (const { orderId, status, reason, version, updatedAt } of orders) {
        const isMeant = (order: Order): boolean => order.status === 'NEW' && order.version === version - 1;
        const order = yield* database.lockRow(transaction, database.orders, orderId, isMeant);
        if (order === undefined) continue;
        database.write(transaction, database.orders, orderId, { ...order, status, reason, version, updatedAt });
        touched++;
      }
      return touched;
    });
  }
}
