import type pg from 'pg';
import { auditMigrations } from '../../audit/migrations.ts';
import { migrate } from '../../mixins/database/migrate.ts';
import { inboxMigrations } from '../../mixins/inbox/migrations.ts';
import { outboxMigrations } from '../../mixins/outbox/migrations.ts';
import { ordersMigrations } from '../../services/orders/migrations/index.ts';
import { paymentsMigrations } from '../../services/payments/migrations/index.ts';

/** How much a flawless system has done, by SQL alone. */
export interface FilledSize {
  readonly accounts: number;
  readonly orders: number;
  /** Of a hundred orders, so many are of the first account. */
  readonly hotPercent: number;
}

/** Brings two databases to the newest schema, without a node. */
export async function migrateBoth(ordersUrl: string, paymentsUrl: string): Promise<void> {
  await migrate(ordersUrl, [...outboxMigrations, ...inboxMigrations, ...ordersMigrations]);
  await migrate(paymentsUrl, [...outboxMigrations, ...inboxMigrations, ...paymentsMigrations, ...auditMigrations]);
}

/** Recent, so that what is kept for some weeks has to be there. */
const YESTERDAY_MS = Date.now() - 24 * 60 * 60 * 1000;

/** Of the order with number i: UUIDv7s of yesterday, a millisecond apart. */
const ORDER_ID = `(lpad(to_hex(${YESTERDAY_MS}::bigint + i), 12, '0') || '7000' || '8000' || lpad(to_hex(i), 12, '0'))::uuid`;

/** Every seventh order is rejected, the others are paid. */
const orderRows = ({ accounts, orders, hotPercent }: FilledSize): string => `
  SELECT i, ${ORDER_ID} AS order_id,
         'user-' || lpad((CASE WHEN i % 100 < ${hotPercent} THEN 0 ELSE i % ${accounts} END)::text, 8, '0') AS user_id,
         (1 + i % 997)::bigint AS amount, i % 7 = 3 AS rejected, now() - interval '1 day' AS at
    FROM generate_series(0, ${orders - 1}) AS i`;

/** What payments holds after accounts were opened, paid in once, and ordered. */
export async function fillPayments(client: pg.Client, size: FilledSize): Promise<void> {
  await client.query(
    `INSERT INTO payments (order_id, user_id, amount, status, reason, decided_at)
     SELECT order_id, user_id, amount, CASE WHEN rejected THEN 'rejected' ELSE 'completed' END,
            CASE WHEN rejected THEN 'insufficient-funds' END, at FROM (${orderRows(size)}) o`,
  );
  await client.query(
    `INSERT INTO ledger_entries (user_id, version, entry_id, kind, amount, balance_after, order_id, created_at)
     SELECT user_id, row_number() OVER history, gen_random_uuid(), kind, amount, sum(amount) OVER history, order_id, at
       FROM (SELECT -1 AS i, 'user-' || lpad(a::text, 8, '0') AS user_id, 'deposit' AS kind, 100000000000 AS amount,
                    NULL::uuid AS order_id, now() - interval '1 day' AS at
               FROM generate_series(0, ${size.accounts - 1}) AS a
             UNION ALL
             SELECT i, user_id, 'payment', -amount, order_id, at FROM (${orderRows(size)}) o WHERE NOT rejected) e
     WINDOW history AS (PARTITION BY user_id ORDER BY i) ORDER BY i`,
  );
  await client.query(
    `INSERT INTO accounts (user_id, balance, version, opening_id, created_at, updated_at)
     SELECT user_id, sum(amount), count(*), gen_random_uuid(), min(created_at), max(created_at)
       FROM ledger_entries GROUP BY user_id`,
  );
}

/** What orders holds then, and the inbox rows of the events that made them final. */
export async function fillOrders(client: pg.Client, size: FilledSize): Promise<void> {
  await client.query(
    `INSERT INTO orders (order_id, user_id, amount, status, reason, version, created_at, updated_at)
     SELECT order_id, user_id, amount, CASE WHEN rejected THEN 'CANCELLED' ELSE 'FINISHED' END,
            CASE WHEN rejected THEN 'insufficient-funds' END, 2, at, at FROM (${orderRows(size)}) o`,
  );
  await client.query(
    `INSERT INTO inbox (consumer, event_id, payload_hash, topic, partition, "offset", kafka_time, received_at, node)
     SELECT 'orders.settle', order_id, '', 'payments.events.v1', 0, i, at, at, 'orders-0' FROM (${orderRows(size)}) o`,
  );
}

/** Lets rows in that the tables keep out, to see that the audit would find them. */
export async function dropConstraints(client: pg.Client): Promise<void> {
  await client.query(`
    DO $$ DECLARE found record; BEGIN
      FOR found IN SELECT conrelid::regclass AS on_table, conname FROM pg_constraint
                    WHERE contype IN ('c', 'p') AND conrelid IN (SELECT oid FROM pg_class WHERE relname IN
                          ('orders', 'accounts', 'ledger_entries', 'payments') AND relnamespace = 'public'::regnamespace)
      LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', found.on_table, found.conname); END LOOP;
    END $$`);
}
