import type { Transaction } from 'sequelize';
import type { ReceivedEvent } from '../../events/event.ts';
import { EventRefused } from '../../mixins/idempotent-consumer.mixin.ts';
import {
  committedOffsets,
  deadLettersOf,
  freshTopic,
  moved,
  movesOf,
  publish,
  recordMoves,
  rewind,
  startNode,
  type Node,
  type NodeOptions,
  type ParcelMoved,
  type TestService,
} from '../support/consuming-service.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';
import { eventually as within } from '../support/eventually.ts';

/** A loaded machine is slow to join a group; nothing here is about how fast that is. */
const eventually = <T>(assertion: () => T | Promise<T>): Promise<T> => within(assertion, { timeoutMs: 40_000 });
jest.setTimeout(120_000);

let database: FreshDatabase;
const nodes: Node[] = [];

beforeEach(async () => {
  database = await freshDatabase();
});

afterEach(async () => {
  await Promise.all(nodes.splice(0).map(({ broker }) => broker.stop()));
  await database.drop();
});

async function start(options: Omit<NodeOptions, 'databaseUrl'>): Promise<Node> {
  const node = await startNode({ databaseUrl: database.url, ...options });
  nodes.push(node);
  return node;
}

async function stop(node: Node): Promise<void> {
  nodes.splice(nodes.indexOf(node), 1);
  await node.broker.stop();
}

const statsOf = (node: Node) => node.service.consumerStats()['track'];
const placesOf = async (node: Node) => (await movesOf(node)).map(({ parcel, place }) => `${parcel} ${place}`).sort();
const lettersOf = async (node: Node) =>
  (await deadLettersOf(node)).map(({ reason, partition, offset }) => `${partition}/${offset} ${reason}`);

/** Records moves; `refuse` and `overflow` fail in the ways that make an event poison. */
async function pickyMoves(this: TestService, events: ReceivedEvent[], context: { transaction: Transaction }) {
  await recordMoves.call(this, events, context);
  for (const { eventId, data } of events as ReceivedEvent<ParcelMoved>[]) {
    if (data.to === 'refuse') throw new EventRefused(eventId, 'no such place');
    if (data.to === 'overflow') await this.sequelize.query("SELECT '9999999999'::integer", context);
    if (data.to === 'no-date') await this.sequelize.query("SELECT 'soon'::timestamptz", context);
  }
}

test('poison of every kind is parked alone with what follows it of its aggregate; all others are settled', async () => {
  const topic = await freshTopic(2);
  const broken = moved('undecodable', 'x');
  const invalid = moved('schema-invalid', 'x');
  await publish(
    topic,
    [
      moved('fine', '1'),
      moved('refused', 'before'),
      { ...broken, value: Buffer.from([0xff, 0xfe, 0x00]) },
      { ...invalid, value: JSON.stringify({ parcel: 7 }) },
      moved('refused', 'refuse'),
      moved('data', 'overflow'),
      moved('date', 'no-date'),
      moved('undecodable', 'after'),
      moved('schema-invalid', 'after'),
      moved('refused', 'after'),
      moved('data', 'after'),
      moved('fine', '2'),
    ].map((message) => ({ ...message, partition: 0 })),
  );
  await publish(topic, [
    moved('elsewhere', '1', { partition: 1 }),
    { key: null, value: null, partition: 1 },
    moved('elsewhere', '2', { partition: 1 }),
  ]);
  const node = await start({ topic, handle: pickyMoves });
  await eventually(async () => {
    expect(await placesOf(node)).toEqual(['elsewhere 1', 'elsewhere 2', 'fine 1', 'fine 2', 'refused before']);
  });
  await eventually(async () => {
    expect((await lettersOf(node)).sort()).toEqual([
      '0/10 follows',
      '0/2 undecodable',
      '0/3 schema-invalid',
      '0/4 refused',
      '0/5 data-error',
      '0/6 data-error',
      '0/7 follows',
      '0/8 follows',
      '0/9 follows',
      '1/1 undecodable',
    ]);
  });
  const letters = await deadLettersOf(node);
  expect(letters.find(({ reason }) => reason === 'refused')).toMatchObject({
    aggregate_id: 'refused',
    error: 'no such place',
    key: Buffer.from('refused'),
    headers: { ce_type: 'parcel.moved', ce_subject: 'parcel/refused' },
  });
  expect(letters.find(({ offset }) => offset === '5')?.error).toMatch(/^22003: /);
  expect(letters.find(({ offset }) => offset === '2')?.value).toEqual(Buffer.from([0xff, 0xfe, 0x00]));
  expect(statsOf(node)).toMatchObject({ parked: 10, retries: 0 });
  await stop(node);
  expect(await committedOffsets(topic)).toEqual([12, 3]);
});

test('what is parked stays parked once when the topic is read again, and later events still follow it', async () => {
  const topic = await freshTopic(1);
  await publish(topic, [moved('a', '1'), moved('a', 'refuse'), moved('a', '2'), moved('b', '1')]);
  const before = await start({ topic, handle: pickyMoves });
  await eventually(async () => {
    expect(await committedOffsets(topic)).toEqual([4]);
  });
  const letters = await deadLettersOf(before);
  await stop(before);
  await rewind(topic);
  const after = await start({ topic, handle: pickyMoves });
  await publish(topic, [moved('a', '3'), moved('b', '2')]);
  await eventually(async () => {
    expect(await placesOf(after)).toEqual(['a 1', 'b 1', 'b 2']);
  });
  expect((await deadLettersOf(after)).slice(0, 2)).toEqual(letters);
  expect(await lettersOf(after)).toEqual(['0/1 refused', '0/2 follows', '0/4 follows']);
});

test('the same id with another payload is a dead letter, in the same batch or later', async () => {
  const topic = await freshTopic(1);
  const [now, later] = [moved('a', 'depot'), moved('b', 'depot')];
  const twin = (event: typeof now, parcel: string) => ({ ...moved(parcel, 'van', { eventId: event.eventId }) });
  await publish(topic, [now, twin(now, 'a'), moved('a', 'after'), later]);
  const node = await start({ topic, handle: recordMoves });
  await eventually(async () => {
    expect(await committedOffsets(topic)).toEqual([4]);
  });
  await publish(topic, [moved('c', 'depot'), twin(later, 'b'), moved('b', 'after')]);
  await eventually(async () => {
    expect(await lettersOf(node)).toEqual([
      '0/1 payload-mismatch',
      '0/2 follows',
      '0/5 payload-mismatch',
      '0/6 follows',
    ]);
  });
  expect(await placesOf(node)).toEqual(['a depot', 'b depot', 'c depot']);
});

test('an event waits for a replay of its aggregate that is under way, and does not follow what is gone', async () => {
  const topic = await freshTopic(1);
  await publish(topic, [moved('a', 'refuse')]);
  const node = await start({ topic, handle: pickyMoves });
  await eventually(async () => {
    expect(await lettersOf(node)).toEqual(['0/0 refused']);
  });
  const { sequelize } = node.service;
  const replay = await sequelize.transaction();
  await sequelize.query('SET LOCAL idle_in_transaction_session_timeout = 0', { transaction: replay });
  await sequelize.query(`SELECT pg_advisory_xact_lock(hashtextextended($1 || '/parcel/a', 0))`, {
    bind: [`${node.service.name}.track`],
    transaction: replay,
  });
  await sequelize.query('DELETE FROM dead_letters', { transaction: replay });
  await publish(topic, [moved('a', 'van')]);
  await eventually(async () => {
    const [waiting] = await sequelize.query(
      `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'advisory'`,
    );
    expect(waiting).toHaveLength(1);
  });
  await replay.commit();
  await eventually(async () => {
    expect(await placesOf(node)).toEqual(['a van']);
  });
  expect(await deadLettersOf(node)).toEqual([]);
});

test('a dead letter is written with its partition going on, or not at all', async () => {
  const topic = await freshTopic(1);
  const node = await start({ topic, handle: pickyMoves });
  await node.service.sequelize.query('ALTER TABLE dead_letters RENAME TO dead_letters_away');
  await publish(topic, [moved('a', 'refuse'), moved('b', 'depot')]);
  // The pauses before the sixth attempt are longer than the interval at which offsets are committed.
  await eventually(() => {
    expect(statsOf(node)?.retries).toBeGreaterThanOrEqual(6);
  });
  expect(await committedOffsets(topic)).toEqual([-1]);
  expect(await movesOf(node)).toEqual([]);
  await node.service.sequelize.query('ALTER TABLE dead_letters_away RENAME TO dead_letters');
  await eventually(async () => {
    expect(await committedOffsets(topic)).toEqual([2]);
  });
  expect(await lettersOf(node)).toEqual(['0/0 refused']);
  expect(await placesOf(node)).toEqual(['b depot']);
});
