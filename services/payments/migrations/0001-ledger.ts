import type { Migration } from '../../../mixins/database.mixin.ts';

export const ledger: Migration = {
  name: 'payments-0001-ledger',
  up: `
    CREATE TABLE accounts (
      user_id    text        COLLATE "C" PRIMARY KEY,
      balance    bigint      NOT NULL DEFAULT 0 CHECK (balance >= 0 AND balance <= 999999999999999),
      version    integer     NOT NULL DEFAULT 0 CHECK (version >= 0),
      opening_id uuid        NOT NULL, -- the request that opened it, so that a retry of that request knows its own work
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now()
    ) WITH (fillfactor = 50); -- balances change often: room for the new row version on the same page

    -- Every movement of money. (user_id, version) makes the history gapless by construction: a version cannot be used twice.
    CREATE TABLE ledger_entries (
      user_id       text        COLLATE "C" NOT NULL,
      version       integer     NOT NULL CHECK (version >= 1),
      entry_id      uuid        NOT NULL,
      kind          text        NOT NULL CHECK (kind IN ('deposit', 'payment')),
      amount        bigint      NOT NULL CHECK ((kind = 'deposit') = (amount > 0) AND amount <> 0),
      balance_after bigint      NOT NULL CHECK (balance_after >= 0),
      order_id      uuid        CHECK ((kind = 'payment') = (order_id IS NOT NULL)),
      created_at    timestamptz NOT NULL,
      PRIMARY KEY (user_id, version)
    );

    -- The one decision about an order, for completion and rejection alike. This key is what makes a payment happen at
    -- most once, also when inbox rows are long gone.
    CREATE TABLE payments (
      order_id   uuid        PRIMARY KEY,
      user_id    text        COLLATE "C" NOT NULL,
      amount     bigint      NOT NULL CHECK (amount > 0),
      status     text        NOT NULL CHECK (status IN ('completed', 'rejected')),
      reason     text        CHECK ((reason IS NOT NULL) = (status = 'rejected')),
      decided_at timestamptz NOT NULL
    );
  `,
};
