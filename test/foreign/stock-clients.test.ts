import { join } from 'node:path';
import { eventTopics } from '../../events/topics.ts';
import { createKafka } from '../../kafka/client.ts';
import { projectRoot } from '../../start/project-root.ts';
import { eventually } from '../support/eventually.ts';
import { ownPostgres } from '../support/own-cluster.ts';
import { startSystem, type System } from '../support/own-system.ts';
import { installKcat } from './tools/kcat.ts';
import type { Kcat } from './tools/kcat.ts';
import { installPsql } from './tools/psql.ts';
import type { Psql } from './tools/psql.ts';
import { INSTALL_TIMEOUT_MS } from './tools/tool.ts';

const USERS = Array.from({ length: 12 }, (_, index) => `user-${index}`);
const DEPOSIT = 100.1;
// The second of these is more than what is left.
const AMOUNTS = [40.05, 60.06, 60.05];
const TOPICS = eventTopics('');
const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const silent = { error: () => undefined, warn: () => undefined, info: () => undefined, debug: () => undefined };

let kcat: Kcat;
let psql: Psql;
let system: System | undefined;
let orderIds: string[] = [];

beforeAll(async () => {
  kcat = await installKcat();
  psql = await installPsql();
  system = await startSystem();
  const made = await Promise.all(USERS.map((userId) => shop(userId)));
  orderIds = made.flat();
  await eventually(
    async () => {
      expect(await sql('orders', `SELECT count(*) FROM orders WHERE status <> 'NEW'`)).toBe(String(orderIds.length));
    },
    { timeoutMs: 60_000 },
  );
}, INSTALL_TIMEOUT_MS);

afterAll(async () => {
  await system?.stop();
}, 60_000);

function running(): System {
  if (system === undefined) throw new Error('The system did not start.');
  return system;
}

async function shop(userId: string): Promise<string[]> {
  await created('/api/payments/accounts', { userId });
  await created('/api/payments/accounts/deposit', { userId, amount: DEPOSIT });
  const made: string[] = [];
  for (const amount of AMOUNTS) made.push((await created('/api/orders', { userId, amount })).orderId);
  return made;
}

async function created(path: string, body: unknown): Promise<{ orderId: string }> {
  const answer = await running().call('POST', path, body);
  if (answer.status >= 300) throw new Error(`POST ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body as { orderId: string };
}

async function sql(database: string, query: string): Promise<string> {
  const { code, stdout, stderr } = await psql(running().urlOf(database), [`--command=${query}`]);
  if (code !== 0) throw new Error(stderr);
  return stdout.trim();
}

/** A record as kcat prints it. */
interface KcatRecord {
  readonly partition: number;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Everything in a topic, from the first record to the last that is there now. */
async function consume(topic: string): Promise<KcatRecord[]> {
  const { code, stdout, stderr } = await kcat([
    '-b',
    running().brokers,
    '-C',
    '-t',
    topic,
    '-o',
    'beginning',
    '-e',
    '-J',
  ]);
  if (code !== 0) throw new Error(stderr);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const record = JSON.parse(line) as { partition: number; key: string; headers: string[]; payload: string };
      return {
        partition: record.partition,
        key: record.key,
        headers: pairs(record.headers),
        data: JSON.parse(record.payload === '' ? 'null' : record.payload) as KcatRecord['data'],
      };
    });
}

function pairs(list: readonly string[] = []): Record<string, string> {
  return Object.fromEntries(
    list.flatMap((name, index) => (index % 2 === 0 ? [[name, list[index + 1] ?? ''] as const] : [])),
  );
}

describe('kcat, a client over librdkafka', () => {
  test('reads an event of each order as CloudEvents in binary mode, keyed by its user', async () => {
    const events = await consume(TOPICS.orders.name);
    expect(events.map(({ data }) => data['orderId']).sort()).toEqual([...orderIds].sort());
    for (const { key, headers, data } of events) {
      expect(headers).toMatchObject({
        ce_specversion: '1.0',
        ce_id: expect.stringMatching(UUID_V7) as string,
        ce_source: '/orders',
        ce_type: 'order.created',
        ce_time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
        ce_subject: `order/${String(data['orderId'])}`,
        ce_aggregateversion: '1',
        'content-type': 'application/json',
      });
      expect(headers['ce_dataschema']).toBeTruthy();
      expect(key).toBe(data['userId']);
    }
  });

  test('reads one decision about each order, keyed by the order', async () => {
    const events = await consume(TOPICS.payments.name);
    expect(events.map(({ key }) => key).sort()).toEqual([...orderIds].sort());
    for (const { key, headers, data } of events) {
      expect(headers).toMatchObject({ ce_specversion: '1.0', ce_source: '/payments' });
      expect(['payment.completed', 'payment.rejected']).toContain(headers['ce_type']);
      expect(data['orderId']).toBe(key);
    }
    const rejected = events.filter(({ headers }) => headers['ce_type'] === 'payment.rejected');
    expect(rejected).toHaveLength(USERS.length);
  });

  test.each([TOPICS.orders, TOPICS.payments])(
    "puts the keys of $name into the partitions that ours are in, by Java's murmur2",
    async ({ name, partitions }) => {
      const ours = new Map((await consume(name)).map(({ key, partition }) => [key, partition]));
      const copy = `${name}.by-kcat`;
      const admin = createKafka({ brokers: [running().brokers], tls: null, sasl: null }, 'foreign', silent).admin();
      await admin.connect();
      await admin.createTopics({ topics: [{ topic: copy, numPartitions: partitions }], waitForLeaders: true });
      await admin.disconnect();
      const input = [...ours.keys()].map((key) => `${key}|{}\n`).join('');
      const murmur2 = ['-X', 'topic.partitioner=murmur2_random'];
      const { code, stderr } = await kcat(['-b', running().brokers, '-P', '-t', copy, '-K', '|', ...murmur2], input);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const theirs = new Map((await consume(copy)).map(({ key, partition }) => [key, partition]));
      expect(theirs).toEqual(ours);
      expect(new Set(ours.values()).size).toBeGreaterThan(1);
    },
  );
});

describe("PostgreSQL's own psql", () => {
  test('is of the same release as the server', async () => {
    const [server] = (await sql('orders', 'SHOW server_version')).split('.');
    const { stdout } = await psql(running().urlOf('orders'), ['--version']);
    expect(stdout).toContain(`(PostgreSQL) ${server ?? 'unknown'}.`);
  });

  test('finds each order final, once: two of three paid, the one that is too dear cancelled', async () => {
    const found = await sql(
      'orders',
      'SELECT amount, status, reason, count(*) FROM orders GROUP BY 1, 2, 3 ORDER BY 1',
    );
    expect(found.split('\n')).toEqual([
      `4005|FINISHED||${USERS.length}`,
      `6005|FINISHED||${USERS.length}`,
      `6006|CANCELLED|insufficient-funds|${USERS.length}`,
    ]);
  });

  test('finds a decision for each order, and balances that are the sums of their entries', async () => {
    expect(await sql('payments', 'SELECT status, count(*) FROM payments GROUP BY 1 ORDER BY 1')).toBe(
      `completed|${2 * USERS.length}\nrejected|${USERS.length}`,
    );
    const balances = `
      SELECT balance, accounts.version, sum(amount), count(*) FILTER (WHERE kind = 'payment')
        FROM accounts JOIN ledger_entries USING (user_id) GROUP BY user_id, balance, accounts.version`;
    expect(await sql('payments', `SELECT DISTINCT * FROM (${balances})`)).toBe('0|3|0|2');
  });

  test('finds the outboxes empty: what was confirmed is deleted', async () => {
    for (const database of ['orders', 'payments']) {
      await eventually(async () => {
        expect(await sql(database, 'SELECT count(*) FROM outbox')).toBe('0');
      });
    }
  });

  test("runs the file that sets up the container's databases; each role opens its own database alone", async () => {
    const server = await ownPostgres();
    try {
      const passwords = {
        ORDERS_DATABASE_PASSWORD: "o'rders",
        PAYMENTS_DATABASE_PASSWORD: 'p',
        AUDITOR_DATABASE_PASSWORD: 'a',
      };
      for (const name of ['databases.sql', 'auditor.sql']) {
        const file = join(projectRoot(), 'deploy', 'postgres', name);
        const setUp = await psql(server.urlOf('postgres'), [`--file=${file}`], passwords);
        expect(setUp).toEqual({ code: 0, stdout: '', stderr: '' });
      }
      for (const role of ['orders', 'payments']) {
        for (const database of ['orders', 'payments']) {
          const url = new URL(server.urlOf(database));
          url.username = role;
          const { code, stderr } = await psql(url.href, ['--command=CREATE TABLE t (x int); DROP TABLE t']);
          expect([role, database, code]).toEqual([role, database, role === database ? 0 : 2]);
          if (role !== database) expect(stderr).toContain('permission denied for database');
        }
      }
      for (const database of ['orders', 'payments']) {
        const url = new URL(server.urlOf(database));
        url.username = database;
        await psql(url.href, ['--command=CREATE TABLE later (x int)']);
        url.username = 'auditor';
        expect(await psql(url.href, ['--command=SELECT FROM later'])).toMatchObject({ code: 0 });
        expect((await psql(url.href, ['--command=INSERT INTO later VALUES (1)'])).stderr).toContain(
          'permission denied',
        );
      }
      const kept = `SELECT count(*) FROM pg_authid WHERE rolname IN ('orders', 'payments', 'auditor') AND rolpassword LIKE 'SCRAM%'`;
      expect((await psql(server.urlOf('postgres'), [`--command=${kept}`])).stdout.trim()).toBe('3');
    } finally {
      await server.remove();
    }
  });
});
