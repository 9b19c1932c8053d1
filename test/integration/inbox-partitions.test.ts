import { QueryTypes, Sequelize } from 'sequelize';
import { migrate } from '../../mixins/database/migrate.ts';
import { smallestUuidAt, renewInboxPartitions } from '../../mixins/inbox/inbox-partitions.ts';
import { inboxMigrations } from '../../mixins/inbox/migrations.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const NOW = Date.parse('2026-11-23T12:00:00Z');

let database: FreshDatabase;
let sequelize: Sequelize;

beforeEach(async () => {
  database = await freshDatabase();
  await migrate(database.url, inboxMigrations);
  sequelize = new Sequelize(database.url, { logging: false });
});

afterEach(async () => {
  await sequelize.close();
  await database.drop();
});

async function settleAt(ms: number): Promise<void> {
  await sequelize.query(
    `INSERT INTO inbox (consumer, event_id, payload_hash, topic, partition, "offset", kafka_time, received_at, node)
     VALUES ('c', $1, '\\x00', 't', 0, 0, $2, $2, 'n')`,
    { bind: [smallestUuidAt(ms), new Date(ms)] },
  );
}

async function rowsByPartition(): Promise<Record<string, number>> {
  const rows = await sequelize.query<{ name: string; count: number }>(
    'SELECT tableoid::regclass::text AS name, count(*)::int AS count FROM inbox GROUP BY 1 ORDER BY 1',
    { type: QueryTypes.SELECT },
  );
  return Object.fromEntries(rows.map(({ name, count }) => [name, count]));
}

test('rows go to the week of their event id; what came before its partition moves into it', async () => {
  await settleAt(NOW);
  expect(await rowsByPartition()).toEqual({ inbox_default: 1 });
  await renewInboxPartitions(sequelize, 37 * DAY_MS, NOW);
  await settleAt(NOW + 8 * DAY_MS);
  expect(await rowsByPartition()).toEqual({ inbox_from_2026_11_19: 1, inbox_from_2026_11_26: 1 });
});

test('a partition is dropped when its last event is older than the retention, not before', async () => {
  await renewInboxPartitions(sequelize, 37 * DAY_MS, NOW);
  await settleAt(NOW);
  const endOfWeek = Date.parse('2026-11-26T00:00:00Z');
  await renewInboxPartitions(sequelize, 37 * DAY_MS, endOfWeek + 37 * DAY_MS - 1);
  expect(await rowsByPartition()).toEqual({ inbox_from_2026_11_19: 1 });
  await renewInboxPartitions(sequelize, 37 * DAY_MS, endOfWeek + 37 * DAY_MS);
  expect(await rowsByPartition()).toEqual({});
});

test('rows of the default partition go by the time at which they came', async () => {
  await settleAt(NOW - 100 * DAY_MS);
  await settleAt(NOW - 30 * DAY_MS);
  await renewInboxPartitions(sequelize, 37 * DAY_MS, NOW);
  expect(await rowsByPartition()).toEqual({ inbox_default: 1 });
});

test('a retention without end drops nothing', async () => {
  await settleAt(0);
  await renewInboxPartitions(sequelize, Infinity, NOW);
  expect(await rowsByPartition()).toEqual({ inbox_default: 1 });
});

test('several nodes renew at once without getting into each other’s way', async () => {
  await Promise.all([1, 2, 3, 4].map(() => renewInboxPartitions(sequelize, 37 * DAY_MS, NOW)));
  await settleAt(NOW);
  expect(await rowsByPartition()).toEqual({ inbox_from_2026_11_19: 1 });
});
