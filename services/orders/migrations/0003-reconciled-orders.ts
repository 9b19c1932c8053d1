import type { Migration } from '../../../mixins/database.mixin.ts';

/** Orders that were NEW for too long: how often something was done about each, and when it is looked at again. */
export const reconciledOrders: Migration = {
  name: 'orders-0003-reconciled-orders',
  up: `
    CREATE TABLE reconciled_orders (
      order_id uuid        PRIMARY KEY,
      attempts integer     NOT NULL DEFAULT 0,
      due_at   timestamptz NOT NULL
    );
  `,
};
