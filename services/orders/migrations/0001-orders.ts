import type { Migration } from '../../../mixins/database.mixin.ts';

export const orders: Migration = {
  name: 'orders-0001-orders',
  up: `
    CREATE TABLE orders (
      order_id    uuid        PRIMARY KEY,
      user_id     text        COLLATE "C" NOT NULL,
      amount      bigint      NOT NULL CHECK (amount > 0 AND amount <= 999999999999999),
      description text,
      status      text        NOT NULL CHECK (status IN ('NEW', 'FINISHED', 'CANCELLED')),
      reason      text        CHECK ((reason IS NOT NULL) = (status = 'CANCELLED')),
      version     integer     NOT NULL CHECK (version >= 1),
      created_at  timestamptz NOT NULL,
      updated_at  timestamptz NOT NULL
    );
    -- A user's orders, newest first: the id is a UUIDv7, so it sorts by time.
    CREATE INDEX orders_by_user ON orders (user_id, order_id);
    -- What has not been decided yet: small, whatever the table's size.
    CREATE INDEX orders_undecided ON orders (order_id) WHERE status = 'NEW';
  `,
};
