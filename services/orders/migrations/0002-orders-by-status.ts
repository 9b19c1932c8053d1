import type { Migration } from '../../../mixins/database.mixin.ts';

/**
 * For a page of a user's orders of one status: without it, a page of the few that are NEW walks over all the others.
 *
 * Built inside the migrations' transaction, so that a crash leaves no invalid index behind. Orders cannot be written
 * meanwhile: three seconds for a million of them. A table that is much larger wants it by CREATE INDEX CONCURRENTLY,
 * under this name, before the first node of this version starts.
 */
export const ordersByStatus: Migration = {
  name: 'orders-0002-orders-by-status',
  up: 'CREATE INDEX IF NOT EXISTS orders_by_user_and_status ON orders (user_id, status, order_id)',
};
