import { QueryTypes, Sequelize, type Transaction } from 'sequelize';
import { migrate } from '../../../mixins/database/migrate.ts';
import { SESSION_LIMITS } from '../../../mixins/database/session-limits.ts';
import { addToOutbox } from '../../../mixins/outbox/add-to-outbox.ts';
import { PostgresLaneSession } from '../../../mixins/outbox/lane-session.ts';
import { outboxMigrations } from '../../../mixins/outbox/migrations.ts';
import { freshDatabase } from '../../support/database.ts';
import { silentLogger } from '../../support/silent-logger.ts';
import { LANES, RULES, type OutboxStage } from './outbox-stage.ts';
import { WAITING } from './postgres-database.ts';

const END_SESSIONS = `
  SELECT pg_terminate_backend(pid) FROM pg_stat_activity
   WHERE datname = current_database() AND application_name = 'outbox-relay'`;

/** The outbox of a fresh database of the test cluster. */
export async function postgresOutbox(): Promise<OutboxStage> {
  const database = await freshDatabase();
  await migrate(database.url, outboxMigrations);
  const sequelize = new Sequelize(database.url, {
    dialect: 'postgres',
    logging: false,
    pool: { max: 10 },
    dialectOptions: { options: SESSION_LIMITS },
  });
  const open = new Set<Transaction>();
  const sessions = new Set<PostgresLaneSession>();
  return {
    openSession: async (onEnd = () => undefined) => {
      const session = await PostgresLaneSession.open({
        directUrl: database.url,
        lanes: LANES,
        logger: silentLogger,
        onNotify: () => undefined,
        onEnd,
      });
      sessions.add(session);
      return session;
    },
    begin: async () => {
      const transaction = await sequelize.transaction();
      open.add(transaction);
      return transaction;
    },
    look: async (transaction: Transaction) => {
      await sequelize.query('SELECT count(*) FROM outbox', { transaction });
    },
    addToOutbox: async (events, transaction: Transaction) => {
      await addToOutbox({ ...RULES, sequelize }, events, transaction);
    },
    discardParked: async (ids, transaction: Transaction) => {
      await sequelize.query('DELETE FROM outbox_parked WHERE id = ANY ($1::bigint[])', { bind: [ids], transaction });
    },
    endSessions: async () => {
      await sequelize.query(END_SESSIONS);
    },
    waiting: async () => {
      const [row] = await sequelize.query<{ waiting: number }>(WAITING, { type: QueryTypes.SELECT });
      return row?.waiting ?? 0;
    },
    clear: async () => {
      for (const session of sessions) await session.close();
      sessions.clear();
      for (const transaction of open) await transaction.rollback().catch(() => undefined);
      open.clear();
      await sequelize.query('TRUNCATE outbox, outbox_parked');
    },
    close: async () => {
      await sequelize.close();
      await database.drop();
    },
  };
}
