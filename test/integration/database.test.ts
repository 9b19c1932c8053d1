import { ServiceBroker, type Context } from 'moleculer';
import { Client } from 'pg';
import { QueryTypes } from 'sequelize';
import { loadConfig } from '../../config/config.ts';
import { unreadyParts } from '../../health/readiness.ts';
import { database, type DatabaseService } from '../../mixins/database.mixin.ts';
import { migrate, readSchemaState } from '../../mixins/database/migrate.ts';
import type { Migration } from '../../mixins/database/migration.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { ownPostgres } from '../support/own-cluster.ts';

let fresh: FreshDatabase;

beforeEach(async () => {
  fresh = await freshDatabase();
});

afterEach(() => fresh.drop());

async function query(sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: fresh.url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

const NOTES = [{ name: 'notes-0001', up: 'CREATE TABLE notes (id integer PRIMARY KEY)' }];

/** A node whose service has a database and one action that uses it. */
function notesNode(url: string, env: Readonly<Record<string, string>> = {}): ServiceBroker {
  const broker = new ServiceBroker({ logger: false, transporter: null });
  broker.createService({
    name: 'notes',
    mixins: [
      database({
        config: loadConfig({ ...env, ORDERS_DATABASE_URL: url }).orders,
        migrations: NOTES,
      }),
    ],
    actions: {
      async setting(this: DatabaseService, ctx: Context<{ name: string }>): Promise<unknown> {
        const [row] = await this.sequelize.query<{ value: string }>('SELECT current_setting($1) AS value', {
          bind: [ctx.params.name],
          type: QueryTypes.SELECT,
        });
        return row?.value;
      },
    },
  });
  return broker;
}

test('nodes that start at once migrate once, and all of them find the whole schema', async () => {
  // Slow enough that all of them are there while the first one works; without a lock the second CREATE would fail.
  const migrations = [
    { name: 'a-0001', up: 'SELECT pg_sleep(0.3); CREATE TABLE first (id integer)' },
    { name: 'a-0002', up: 'CREATE TABLE second (id integer); INSERT INTO second VALUES (1)' },
  ];
  const applied = await Promise.all(Array.from({ length: 6 }, () => migrate(fresh.url, migrations)));
  expect(applied.flat()).toEqual(['a-0001', 'a-0002']);
  expect(await query('SELECT * FROM second')).toEqual([{ id: 1 }]);
  expect(await migrate(fresh.url, migrations)).toEqual([]);
});

test('a migration that fails leaves nothing of itself nor of those before it', async () => {
  const good = { name: 'a-0001', up: 'CREATE TABLE first (id integer)' };
  await expect(migrate(fresh.url, [good, { name: 'a-0002', up: 'CREATE TABLE first (id integer)' }])).rejects.toThrow();
  expect(await query(`SELECT to_regclass('first') AS first`)).toEqual([{ first: null }]);
  expect(await migrate(fresh.url, [good])).toEqual(['a-0001']);
});

test('a rehearsal does every step and takes all of them back', async () => {
  const good = { name: 'a-0001', up: 'CREATE TABLE first (id integer)' };
  expect(await migrate(fresh.url, [good], true)).toEqual(['a-0001']);
  expect(await query(`SELECT to_regclass('first') AS first, to_regclass('schema_migrations') AS steps`)).toEqual([
    { first: null, steps: null },
  ]);
  await expect(
    migrate(fresh.url, [good, { name: 'a-0002', up: 'CREATE TABLE first (id integer)' }], true),
  ).rejects.toThrow();
});

test('what is applied, pending and unknown is told, and nothing changes by asking', async () => {
  const [first, second] = ['a-0001', 'a-0002'].map((name) => ({ name, up: 'SELECT 1' })) as [Migration, Migration];
  expect(await readSchemaState(fresh.url, [first])).toEqual({ applied: [], pending: ['a-0001'], unknown: [] });
  expect(await query(`SELECT to_regclass('schema_migrations') AS steps`)).toEqual([{ steps: null }]);
  await migrate(fresh.url, [first]);
  expect(await readSchemaState(fresh.url, [first, second])).toEqual({
    applied: [{ name: 'a-0001', at: expect.any(Date) as Date }],
    pending: ['a-0002'],
    unknown: [],
  });
  expect(await readSchemaState(fresh.url, [second])).toMatchObject({ pending: ['a-0002'], unknown: ['a-0001'] });
});

test('with MIGRATIONS=off a node waits for its schema, unready, says so, and starts when it is there', async () => {
  const broker = notesNode(fresh.url, { MIGRATIONS: 'off' });
  let isStarted = false;
  const started = broker.start().then(() => (isStarted = true));
  try {
    await eventually(() => {
      expect(unreadyParts(broker)).toEqual([
        {
          part: 'database',
          detail: expect.stringMatching(/lacks notes-0001; MIGRATIONS is off: "npm run migrate"/) as string,
        },
      ]);
    });
    expect(isStarted).toBe(false);
    expect(await query(`SELECT to_regclass('notes') AS notes`)).toEqual([{ notes: null }]);
    await migrate(fresh.url, NOTES);
    await started;
    expect(unreadyParts(broker)).toEqual([]);
  } finally {
    await broker.stop();
  }
});

test('with MIGRATIONS=off a node that is told to stop while it waits, stops', async () => {
  const broker = notesNode(fresh.url, { MIGRATIONS: 'off' });
  const started = broker.start();
  await eventually(() => {
    expect(unreadyParts(broker)).toHaveLength(1);
  });
  await broker.stop();
  await started.catch(() => undefined);
});

test('every session of a node has limits, so that a stopped node gives back its locks', async () => {
  const broker = notesNode(fresh.url);
  await broker.start();
  try {
    const setting = (name: string): Promise<unknown> => broker.call('notes.setting', { name });
    expect(await setting('lock_timeout')).toBe('4s');
    expect(await setting('idle_in_transaction_session_timeout')).toBe('5s');
    expect(await setting('transaction_timeout')).toBe('15s');
    expect(await setting('tcp_user_timeout')).toBe('9000');
  } finally {
    await broker.stop();
  }
});

test('a node waits for a database that is away, says so, and an action that loses it answers service-unavailable', async () => {
  const postgres = await ownPostgres();
  const broker = notesNode(postgres.urlOf('postgres'));
  const call = (): Promise<unknown> => broker.call('notes.setting', { name: 'lock_timeout' });
  try {
    await postgres.stop();
    const started = broker.start();
    await eventually(() => {
      expect(unreadyParts(broker)).toMatchObject([{ part: 'database' }]);
    });
    await postgres.start();
    await started;
    expect(unreadyParts(broker)).toEqual([]);
    expect(await call()).toBe('4s');

    await postgres.kill();
    await expect(call()).rejects.toMatchObject({ type: 'service-unavailable', code: 503 });
    await eventually(() => {
      expect(unreadyParts(broker)).toMatchObject([{ part: 'database' }]);
    });
    await postgres.start();
    await eventually(async () => {
      expect(await call()).toBe('4s');
      expect(unreadyParts(broker)).toEqual([]);
    });
  } finally {
    await broker.stop();
    await postgres.remove();
  }
}, 120_000);
