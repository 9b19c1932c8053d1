import { Sequelize } from 'sequelize';
import { migrate } from '../../mixins/database/migrate.ts';
import { addToOutbox } from '../../mixins/outbox/add-to-outbox.ts';
import { outboxMigrations } from '../../mixins/outbox/migrations.ts';
import { createDatabaseIfMissing } from '../../start/embedded-postgres.ts';
import type { OwnPostgres } from '../../test/support/own-cluster.ts';
import { withClient } from '../harness/database.ts';
import { orderEvents, ORDERS } from './order-events.ts';

/** Rows of one transaction: few enough that making their events holds nothing up. */
const ROWS_AT_ONCE = 2000;

/** A database of one measurement's own with the outbox of the orders service. */
export interface OrdersOutbox {
  readonly url: string;
  /** Writes the events of so many new orders, as the service does it. */
  add(rows: number): Promise<void>;
  /** @throws Error when a row is left */
  assertEmpty(): Promise<void>;
}

/** Gives a measurement a fresh database, and drops it afterwards. */
export async function withDatabase<T>(postgres: OwnPostgres, use: (url: string) => Promise<T>): Promise<T> {
  const name = 'relay';
  const url = postgres.urlOf(name);
  await createDatabaseIfMissing(url);
  try {
    return await use(url);
  } finally {
    await withClient(postgres.urlOf('postgres'), (client) => client.query(`DROP DATABASE ${name} WITH (FORCE)`));
  }
}

/** Gives a measurement a fresh outbox, and drops it afterwards. */
export async function withOrdersOutbox<T>(
  postgres: OwnPostgres,
  use: (outbox: OrdersOutbox) => Promise<T>,
): Promise<T> {
  return withDatabase(postgres, async (url) => {
    await migrate(url, outboxMigrations);
    const sequelize = new Sequelize(url, { dialect: 'postgres', logging: false, pool: { max: 1 } });
    try {
      return await use({
        url,
        add: async (rows) => {
          for (let added = 0; added < rows; added += ROWS_AT_ONCE) {
            const events = orderEvents(Math.min(ROWS_AT_ONCE, rows - added));
            await sequelize.transaction((transaction) => addToOutbox({ sequelize, ...ORDERS }, events, transaction));
          }
        },
        assertEmpty: async () => {
          const [rows] = await sequelize.query('SELECT FROM outbox LIMIT 1');
          if (rows.length > 0) throw new Error('The outbox is not empty.');
        },
      });
    } finally {
      await sequelize.close();
    }
  });
}
