import { randomUUID } from 'node:crypto';
import { QueryTypes, Sequelize, type Transaction } from 'sequelize';
import { migrate } from '../../../mixins/database/migrate.ts';
import { SESSION_LIMITS } from '../../../mixins/database/session-limits.ts';
import { idempotencyKeyMigrations } from '../../../mixins/idempotency-keys/migrations.ts';
import { PostgresWriteStore } from '../../../mixins/idempotency-keys/write-store.ts';
import { inboxMigrations } from '../../../mixins/inbox/migrations.ts';
import { PostgresInboxStore } from '../../../mixins/inbox/postgres-inbox-store.ts';
import { outboxMigrations } from '../../../mixins/outbox/migrations.ts';
import { ordersMigrations } from '../../../services/orders/migrations/index.ts';
import { PostgresOrderStore } from '../../../services/orders/postgres-order-store.ts';
import { paymentsMigrations } from '../../../services/payments/migrations/index.ts';
import { PostgresLedgerStore } from '../../../services/payments/postgres-ledger-store.ts';
import { freshDatabase } from '../../support/database.ts';
import type { DatabaseStage } from './database-stage.ts';

/** Every table that a port stands for. */
const MIGRATIONS = [
  ...outboxMigrations,
  ...inboxMigrations,
  ...idempotencyKeyMigrations,
  ...ordersMigrations,
  ...paymentsMigrations,
];

export const WAITING = `
  SELECT count(*)::int AS waiting FROM pg_stat_activity
   WHERE datname = current_database() AND wait_event_type = 'Lock'`;

/** A fresh database of the test cluster, by sessions with the limits of a node's. */
export async function postgresDatabase(): Promise<DatabaseStage> {
  const database = await freshDatabase();
  await migrate(database.url, MIGRATIONS);
  const sequelize = new Sequelize(database.url, {
    dialect: 'postgres',
    logging: false,
    pool: { max: 10 },
    dialectOptions: { options: SESSION_LIMITS },
  });
  const open = new Set<Transaction>();
  return {
    begin: async () => {
      const transaction = await sequelize.transaction();
      open.add(transaction);
      return transaction;
    },
    inbox: new PostgresInboxStore({ sequelize, consumer: 'conformance.test', node: 'test' }),
    writes: new PostgresWriteStore(sequelize),
    ledger: (transaction: Transaction) => new PostgresLedgerStore(transaction),
    orders: (transaction: Transaction) => new PostgresOrderStore(transaction),
    inboxCounts: async (eventId) => {
      const [row] = await sequelize.query<{ attempts: number; duplicates: number }>(
        'SELECT attempts, duplicates FROM inbox WHERE event_id = $1',
        { bind: [eventId], type: QueryTypes.SELECT },
      );
      return row ?? null;
    },
    openAccount: async ({ userId, balance, version }) => {
      await sequelize.query('INSERT INTO accounts (user_id, balance, version, opening_id) VALUES ($1, $2, $3, $4)', {
        bind: [userId, balance.toString(), version, randomUUID()],
      });
    },
    waiting: async () => {
      const [row] = await sequelize.query<{ waiting: number }>(WAITING, { type: QueryTypes.SELECT });
      return row?.waiting ?? 0;
    },
    endAll: async () => {
      for (const transaction of open) await transaction.rollback().catch(() => undefined);
      open.clear();
    },
    close: async () => {
      await sequelize.close();
      await database.drop();
    },
  };
}
