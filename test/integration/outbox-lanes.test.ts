import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Client } from 'pg';
import type { EventTopic } from '../../events/topics.ts';
import { freshDatabase, testKafkaBrokers, type FreshDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { startMeters, type MetersNode, type MetersOptions } from '../support/meters.ts';
import { stallingProxy } from '../support/stalling-proxy.ts';
import { readTopic, type ReadRecord, type TopicReader } from '../support/topic-reader.ts';

/** Several nodes of one service on one outbox. */

let database: FreshDatabase;
let topic: EventTopic;
let nodes: MetersNode[];
let reader: TopicReader;
let children: ChildProcess[];

beforeEach(async () => {
  database = await freshDatabase();
  topic = { name: `meters.events.${randomBytes(4).toString('hex')}`, partitions: 3 };
  nodes = [];
  children = [];
});

afterEach(async () => {
  await reader.close();
  for (const child of children) child.kill('SIGKILL');
  await Promise.all(nodes.map((node) => node.stop()));
  await database.drop();
});

const LANES = 8;
const METERS = 40;

function options(more: Partial<MetersOptions> = {}): MetersOptions {
  return { databaseUrl: database.url, brokers: testKafkaBrokers(), topic, lanes: LANES, ...more };
}

async function startNode(more: Partial<MetersOptions> = {}): Promise<MetersNode> {
  const node = await startMeters(options(more));
  nodes.push(node);
  await eventually(() => {
    expect(node.service.relay.unready()).toBeNull();
  });
  return node;
}

const lanesOf = (node: MetersNode): readonly number[] => node.service.relay.stats().lanes;

/** Each of the meters is read `times` times, all at once. */
async function readMeters(node: MetersNode, times: number): Promise<void> {
  const writes = Array.from({ length: times * METERS }, (_, index) =>
    node.service.sequelize.transaction((transaction) => node.service.readMeter(`meter-${index % METERS}`, transaction)),
  );
  await Promise.all(writes);
}

/** What a consumer that deduplicates sees: the versions of each meter, repeats left out. */
function versionsOf(records: readonly ReadRecord[], meter: string): number[] {
  const seen = new Set<string>();
  const fresh = records.filter(({ key, eventId }) => key === meter && !seen.has(eventId) && seen.add(eventId));
  return fresh.map(({ headers }) => Number(headers['ce_aggregateversion']));
}

async function expectAllInOrder(times: number): Promise<void> {
  await eventually(
    () => {
      expect(new Set(reader.records.map(({ eventId }) => eventId)).size).toBe(times * METERS);
    },
    { timeoutMs: 30_000 },
  );
  for (let meter = 0; meter < METERS; meter++) {
    expect(versionsOf(reader.records, `meter-${meter}`)).toEqual(
      Array.from({ length: times }, (_, index) => index + 1),
    );
  }
}

/** Ends every relay's session in the database, as a failover would. */
async function endRelaySessions(node: MetersNode): Promise<void> {
  await node.service.sequelize.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'outbox-relay' AND datname = current_database()`,
  );
}

test('two relays share the lanes, and no key is ever published out of order', async () => {
  const first = await startNode();
  reader = await readTopic(testKafkaBrokers(), topic.name);
  await readMeters(first, 5);
  const second = await startNode();
  await Promise.all([readMeters(first, 10), readMeters(second, 10)]);
  await eventually(() => {
    expect([lanesOf(first).length, lanesOf(second).length]).toEqual([4, 4]);
  });
  expect([...lanesOf(first), ...lanesOf(second)].toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  await expectAllInOrder(25);
});

test('sessions that end in the middle of the work cost no event and no order', async () => {
  const first = await startNode();
  const second = await startNode();
  reader = await readTopic(testKafkaBrokers(), topic.name);
  for (let round = 0; round < 6; round++) {
    const writes = readMeters(first, 5);
    await endRelaySessions(second);
    await writes;
  }
  await expectAllInOrder(30);
});

test('a node that stops gives its lanes to the other one, and repeats nothing', async () => {
  const first = await startNode();
  const second = await startNode();
  reader = await readTopic(testKafkaBrokers(), topic.name);
  const writes = readMeters(second, 20);
  await first.stop();
  nodes = [second];
  await writes;
  await eventually(() => {
    expect(lanesOf(second)).toHaveLength(LANES);
  });
  await expectAllInOrder(20);
  expect(reader.records).toHaveLength(20 * METERS);
});

test('a commit on one node wakes the relay of another', async () => {
  const first = await startNode({ pollIntervalMs: 3_600_000 });
  const second = await startNode({ pollIntervalMs: 3_600_000 });
  reader = await readTopic(testKafkaBrokers(), topic.name);
  await eventually(() => {
    expect([lanesOf(first).length, lanesOf(second).length]).toEqual([4, 4]);
  });
  await readMeters(first, 1);
  await expectAllInOrder(1);
});

test('a node stopped with SIGSTOP loses its lanes to the other one, and when it goes on it sends nothing out of order', async () => {
  const child = spawn(process.execPath, [join(__dirname, '../support/meters-process.ts'), JSON.stringify(options())], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  await once(child.stdout, 'data');
  const node = await startNode();
  reader = await readTopic(testKafkaBrokers(), topic.name);
  await eventually(() => {
    expect(lanesOf(node)).toHaveLength(4);
  });

  const writes = readMeters(node, 10);
  child.kill('SIGSTOP');
  await writes;
  await eventually(
    () => {
      expect(lanesOf(node)).toHaveLength(LANES);
    },
    { timeoutMs: 15_000 },
  );
  await expectAllInOrder(10);

  child.kill('SIGCONT');
  await readMeters(node, 10);
  await eventually(() => {
    expect(lanesOf(node)).toHaveLength(4);
  });
  await readMeters(node, 10);
  await expectAllInOrder(30);
});

test('the relay stands on the direct URL: a pooler that breaks takes neither its lanes nor its notifications', async () => {
  const pooler = await stallingProxy(database.url);
  const node = await startNode({ databaseUrl: pooler.url, directUrl: database.url, pollIntervalMs: 60_000 });
  reader = await readTopic(testKafkaBrokers(), topic.name);
  await eventually(() => {
    expect(lanesOf(node)).toHaveLength(LANES);
  });
  // Another node's commit wakes it over its own session, while the pooler's connections are gone.
  const other = await startNode();
  await eventually(() => {
    expect([lanesOf(node).length, lanesOf(other).length]).toEqual([LANES / 2, LANES / 2]);
  });
  const held = lanesOf(node);
  pooler.close();
  await readMeters(other, 1);
  await expectAllInOrder(1);
  expect(lanesOf(node)).toEqual(held);
  expect(node.service.relay.unready()).toBeNull();
});

test('a burst of commits sends few notifications, since each inside a transaction would make all commits wait; none while nobody else has a lane', async () => {
  const first = await startNode();
  reader = await readTopic(testKafkaBrokers(), topic.name);
  await eventually(() => {
    expect(lanesOf(first)).toHaveLength(LANES);
  });
  const notifications = await countNotifications();
  try {
    await readMeters(first, 5);
    await expectAllInOrder(5);
    expect(notifications.count()).toBe(0);

    const second = await startNode();
    await eventually(() => {
      expect(lanesOf(first)).toHaveLength(LANES / 2);
      expect(lanesOf(second)).toHaveLength(LANES / 2);
    });
    await readMeters(first, 5);
    await expectAllInOrder(10);
    await eventually(() => {
      expect(notifications.count()).toBeGreaterThan(0);
    });
    expect(notifications.count()).toBeLessThan((5 * METERS) / 2);
  } finally {
    await notifications.end();
  }
});

/** Listens beside the relays. */
async function countNotifications(): Promise<{ count: () => number; end: () => Promise<void> }> {
  const listener = new Client({ connectionString: database.url });
  await listener.connect();
  let count = 0;
  listener.on('notification', () => count++);
  const { rows } = await listener.query<{ channel: string }>(`SELECT 'outbox_' || 'outbox'::regclass::oid AS channel`);
  await listener.query(`LISTEN ${listener.escapeIdentifier(rows[0]?.channel ?? '')}`);
  return { count: () => count, end: () => listener.end() };
}
