import { randomBytes } from 'node:crypto';
import { QueryTypes } from 'sequelize';
import { TOPIC_RESOURCE } from '../../kafka/client.ts';
import { freshDatabase, testKafkaBrokers, type FreshDatabase } from '../support/database.ts';
import { eventually as within } from '../support/eventually.ts';
import { startMeters, type MetersNode } from '../support/meters.ts';
import { testKafka } from '../support/consuming-service.ts';
import { readTopic } from '../support/topic-reader.ts';

/** What the relay has set aside, and what an operator does about it. */

const eventually = <T>(assertion: () => T | Promise<T>): Promise<T> => within(assertion, { timeoutMs: 40_000 });
jest.setTimeout(120_000);

/** As large as the largest event may be. */
const LARGE = 'x'.repeat(200_000);
const SIGNED = { side: 'relay', by: 'olga', why: 'the limit of the topic was raised' };

const topic = { name: `meters.events.${randomBytes(4).toString('hex')}`, partitions: 1 };
let database: FreshDatabase;
let node: MetersNode;
let reader: Awaited<ReturnType<typeof readTopic>>;

beforeAll(async () => {
  database = await freshDatabase();
  node = await startMeters({ databaseUrl: database.url, brokers: testKafkaBrokers(), topic });
  await read('other');
  await eventually(() => {
    expect(node.service.relay.stats().publishedTotal).toBe(1);
  });
  reader = await readTopic(testKafkaBrokers(), topic.name);
});

afterAll(async () => {
  await reader.close();
  await node.stop();
  await database.drop();
});

function read(meter: string, note?: string): Promise<number> {
  return node.service.sequelize.transaction((transaction) => node.service.readMeter(meter, transaction, note));
}

/** What a topic refuses for good is what its own limit does not let in. */
async function setLimit(bytes: number): Promise<void> {
  const admin = testKafka().admin();
  await admin.connect();
  await admin.alterConfigs({
    validateOnly: false,
    resources: [
      { type: TOPIC_RESOURCE, name: topic.name, configEntries: [{ name: 'max.message.bytes', value: String(bytes) }] },
    ],
  });
  await admin.disconnect();
}

const call = <T>(action: string, params: object = {}): Promise<T> =>
  node.service.broker.call(`meters.deadLetters.${action}`, params);

interface Report {
  readonly counts: Record<string, number>;
  readonly letters: readonly { readonly outcome: string }[];
}

const list = async (key: string) =>
  (await call<{ letters: { id: string; reason: string; behind: number }[] }>('list', { side: 'relay', key })).letters;
const versionsOf = (meter: string) =>
  reader.records.filter(({ key }) => key === meter).map(({ headers }) => headers['ce_aggregateversion']);
const distinct = (values: readonly (string | undefined)[]) => [...new Set(values)];

/** A meter whose second event is too large for its topic, with two more behind it. */
async function parkedMeter(meter: string): Promise<string[]> {
  await setLimit(10_000);
  await read(meter);
  await eventually(() => {
    expect(versionsOf(meter)).toContain('1');
  });
  await read(meter, LARGE);
  await eventually(async () => {
    expect((await list(meter)).map(({ reason }) => reason)).toEqual(['refused']);
  });
  await read(meter);
  await read(meter);
  await eventually(async () => {
    expect((await list(meter)).map(({ reason }) => reason)).toEqual(['refused', 'behind', 'behind']);
  });
  return (await list(meter)).map(({ id }) => id);
}

test('a replay puts an event back with what waits behind it: they go out in order, under their ids', async () => {
  const ids = await parkedMeter('put-back');
  expect(await call('show', { side: 'relay', id: ids[1] })).toMatchObject({
    reason: 'behind',
    value: { form: 'json' },
  });
  await setLimit(1_000_000);
  const dry = await call<Report>('replay', { ...SIGNED, ids: [ids[0]] });
  expect(dry.counts).toEqual({ 'put-back': 3 });
  expect(await list('put-back')).toHaveLength(3);
  expect((await call<Report>('replay', { ...SIGNED, ids: [ids[2]], dryRun: false })).counts).toEqual({ waits: 1 });
  expect((await call<Report>('replay', { ...SIGNED, ids: [ids[0]], dryRun: false })).counts).toEqual({ 'put-back': 3 });
  await read('put-back');
  await eventually(() => {
    expect(distinct(versionsOf('put-back'))).toEqual(['1', '2', '3', '4', '5']);
  });
  expect(await list('put-back')).toEqual([]);
});

test('an event that is put back and refused again is parked again, with all that follows it', async () => {
  const ids = await parkedMeter('refused-again');
  await call('replay', { ...SIGNED, ids: [ids[0]], dryRun: false });
  await eventually(async () => {
    expect((await list('refused-again')).map(({ reason, behind }) => `${reason} ${behind}`)).toEqual([
      'refused 0',
      'behind 1',
      'behind 2',
    ]);
  });
  expect(versionsOf('refused-again')).toEqual(['1']);
});

test('a discarded event never goes out, and what waits behind it does', async () => {
  const ids = await parkedMeter('discarded');
  const report = await call<Report>('discard', { ...SIGNED, key: 'discarded', ids: [ids[0]], dryRun: false });
  expect(report.counts).toEqual({ discarded: 1, 'put-back': 2 });
  await eventually(() => {
    expect(distinct(versionsOf('discarded'))).toEqual(['1', '3', '4']);
  });
  const acts = await call<{ side: string; what: string; by: string }[]>('acts', { limit: 1 });
  expect(acts).toMatchObject([{ side: 'relay', what: 'discard', by: 'olga', outcome: 'done' }]);
});

test('events put back again and again keep the order of their key while it goes on being written', async () => {
  await parkedMeter('busy');
  let version = 4;
  const written = (async () => {
    for (; version < 120; version++) await read('busy');
  })();
  while (version < 120) await call('replay', { ...SIGNED, key: 'busy', dryRun: false });
  await written;
  await setLimit(1_000_000);
  await eventually(async () => {
    await call('replay', { ...SIGNED, key: 'busy', dryRun: false });
    expect(distinct(versionsOf('busy'))).toEqual(Array.from({ length: 120 }, (_, index) => String(index + 1)));
  });
  const left = await node.service.sequelize.query(
    `SELECT id FROM outbox_parked WHERE partition_key = 'busy' UNION ALL SELECT id FROM outbox WHERE partition_key = 'busy'`,
    { type: QueryTypes.SELECT },
  );
  expect(left).toEqual([]);
});
