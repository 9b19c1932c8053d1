import type { Migration } from '../../../mixins/database.mixin.ts';

/**
 * For operators, who look through the orders that were cancelled, of all users: without it a page of the few among ten
 * million others is a walk over those. Only cancelled orders are in it.
 *
 * Built inside the migrations' transaction, as `orders_by_user_and_status` is, with the same advice for larger tables.
 */
export const cancelledOrders: Migration = {
  name: 'orders-0004-cancelled-orders',
  up: `CREATE INDEX IF NOT EXISTS orders_cancelled ON orders (reason, order_id) WHERE status = 'CANCELLED'`,
};
