import type { Order } from './order.ts';

/**
 * What orders asks of its table, all of it in one transaction (READ COMMITTED). The promises of `PostgresOrderStore`
 * and of the simulator's store are one test suite.
 */
export interface OrderStore {
  /**
   * Inserts orders; one that is there already is left as it is, and one that another open transaction inserts is
   * waited for.
   *
   * @returns the ids that were inserted now
   */
  insertOrders(orders: readonly Order[]): Promise<Set<string>>;
  /** Reads orders under their row locks, taken in the order of the ids so that two batches cannot deadlock. */
  lockOrders(orderIds: readonly string[]): Promise<Map<string, Order>>;
  /**
   * Writes the final status of orders, each only where it is NEW and at the version before its own.
   *
   * @returns how many it wrote
   */
  updateSettled(orders: readonly Order[]): Promise<number>;
}
