import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { QueryTypes } from 'sequelize';
import type { ReplayInput, ReplayState } from '../../contract/replay.ts';
import type { EventTopic } from '../../events/topics.ts';
import { findJava } from '../../start/java.ts';
import { bringKafkaJars } from '../../start/kafka-jars.ts';
import {
  committedOffsets,
  deadLettersOf,
  freshTopic,
  groupOf,
  moved,
  movesOf,
  publish,
  recordMoves,
  startNode,
  testKafka,
  type Node,
  type NodeOptions,
} from '../support/consuming-service.ts';
import { freshDatabase, testKafkaBrokers, type FreshDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';

const run = promisify(execFile);

let database: FreshDatabase;
let topic: EventTopic;
let node: Node;

beforeEach(async () => {
  [database, topic] = [await freshDatabase(), await freshTopic()];
});

afterEach(async () => {
  await node.broker.stop();
  await database.drop();
});

async function start(handle: NodeOptions['handle'] = recordMoves): Promise<void> {
  node = await startNode({ databaseUrl: database.url, topic, handle });
}

const WHO = { consumer: 'track', by: 'ann', why: 'a test' };

const replay = (request: Partial<ReplayInput> = {}): Promise<ReplayState> =>
  node.broker.call(`${groupOf(topic)}.replay`, { ...WHO, ...request });

function show({ replayId }: ReplayState): Promise<ReplayState> {
  return node.broker.call(`${groupOf(topic)}.replay.show`, { replayId });
}

/** Waits until a running replay has noted its progress once more. */
async function hasNoted({ replayId }: ReplayState): Promise<void> {
  const seenAt = async (): Promise<unknown> =>
    node.service.sequelize.query('SELECT seen_at FROM replays WHERE replay_id = $1', {
      bind: [replayId],
      type: QueryTypes.SELECT,
    });
  const before = await seenAt();
  await eventually(async () => {
    expect(await seenAt()).not.toEqual(before);
  });
}

async function ended(state: ReplayState): Promise<ReplayState> {
  return eventually(
    async () => {
      const now = await show(state);
      expect(now.state).not.toBe('running');
      return now;
    },
    { timeoutMs: 30_000 },
  );
}

async function replayed(request: Partial<ReplayInput> = {}): Promise<ReplayState> {
  return ended(await replay(request));
}

/** Publishes events to partitions in turn, and waits until they had their effects. */
async function settleEvents(count: number, to = 'shelf'): Promise<ReturnType<typeof moved>[]> {
  const before = (await movesOf(node)).length;
  const events = Array.from({ length: count }, (_, index) => moved(`p${index}`, to, { partition: index % 3 }));
  await publish(topic, events);
  await eventually(
    async () => {
      expect(await movesOf(node)).toHaveLength(before + count);
    },
    { timeoutMs: 30_000 },
  );
  return events;
}

/** As if these events had never been settled. */
async function forget(events: readonly { eventId: string }[]): Promise<void> {
  const ids = events.map(({ eventId }) => eventId);
  for (const table of ['inbox', 'moves']) {
    await node.service.sequelize.query(`DELETE FROM ${table} WHERE event_id = ANY ($1::uuid[])`, { bind: [ids] });
  }
}

test('a replay of the whole topic beside the live consumer changes nothing, and leaves its group alone', async () => {
  await start();
  await settleEvents(60);
  const before = await movesOf(node);
  await eventually(async () => {
    expect(await committedOffsets(topic)).toEqual([20, 20, 20]);
  });
  const state = await replayed();
  expect(state).toMatchObject({ state: 'done', by: 'ann', why: 'a test', dryRun: false, remark: null });
  expect(state.counts).toEqual({ fresh: 0, duplicates: 60, parked: 0, skipped: 0, olderThanInbox: 0 });
  expect(await movesOf(node)).toEqual(before);
  expect(await committedOffsets(topic)).toEqual([20, 20, 20]);
  expect(node.service.consumerStats()['track']).toMatchObject({ received: 60, replacements: 0 });
  const admin = testKafka().admin();
  await admin.connect();
  await eventually(async () => {
    const { groups } = await admin.listGroups();
    expect(groups.filter(({ groupId }) => groupId.startsWith(`${groupOf(topic)}.track.replay`))).toEqual([]);
  });
  await admin.disconnect();
});

test('a replay settles what was not, of the span that was asked for and no more', async () => {
  await start();
  const early = await settleEvents(30, 'early');
  const between = await eventually(() => {
    const now = new Date();
    expect(now.getTime()).toBeGreaterThan(Date.now() - 1);
    return now.toISOString();
  });
  await node.service.sequelize.query('SELECT pg_sleep(0.01)');
  const late = await settleEvents(30, 'late');
  await forget([...early, ...late]);
  expect((await replayed({ to: between, partitions: [0, 1] })).counts).toMatchObject({ fresh: 20, duplicates: 0 });
  expect(new Set((await movesOf(node)).map(({ place }) => place))).toEqual(new Set(['early']));
  expect((await replayed({ to: between })).counts).toMatchObject({ fresh: 10, duplicates: 20 });
  expect((await replayed({ partitions: [2], fromOffset: '12', toOffset: '15' })).counts).toMatchObject({ fresh: 3 });
  expect((await replayed({ from: between })).counts).toMatchObject({ fresh: 27, duplicates: 3 });
  expect((await movesOf(node)).map(({ event_id }) => event_id).sort()).toEqual(
    [...early, ...late].map(({ eventId }) => eventId).sort(),
  );
});

test('a dry run counts what would be done, and does nothing', async () => {
  await start();
  const events = await settleEvents(30);
  await forget(events.slice(0, 10));
  await publish(topic, [{ ...moved('broken', 'x', { partition: 0 }), value: 'no JSON' }]);
  await eventually(async () => {
    expect(await deadLettersOf(node)).toHaveLength(1);
  });
  await node.service.sequelize.query('DELETE FROM dead_letters');
  const before = await movesOf(node);
  const dry = await replayed({ dryRun: true });
  expect(dry).toMatchObject({ state: 'done', dryRun: true });
  expect(dry.counts).toEqual({ fresh: 10, duplicates: 20, parked: 1, skipped: 0, olderThanInbox: 0 });
  expect(await movesOf(node)).toEqual(before);
  expect(await deadLettersOf(node)).toEqual([]);
  expect((await replayed()).counts).toEqual(dry.counts);
  expect((await replayed()).counts).toMatchObject({ fresh: 0, duplicates: 30, parked: 0 });
});

test('replays, and a consumer that is behind, settle the same events at the same time with one effect each', async () => {
  await start();
  const events = Array.from({ length: 3000 }, (_, index) => moved(`p${index}`, 'shelf', { partition: index % 3 }));
  await publish(topic, events);
  const first = await replay();
  await eventually(
    async () => {
      expect((await movesOf(node)).length).toBe(3000);
    },
    { timeoutMs: 30_000 },
  );
  const { counts } = await ended(first);
  expect(counts.fresh + counts.duplicates).toBe(3000);
  const moves = await movesOf(node);
  expect(new Set(moves.map(({ event_id }) => event_id)).size).toBe(3000);
  expect(moves).toHaveLength(3000);
}, 90_000);

test('a replay that is stopped ends between two transactions, and another one does the rest', async () => {
  let isHeld = false;
  const held = Promise.withResolvers<undefined>();
  await start(async function (events, context) {
    if (isHeld) await held.promise;
    await recordMoves.call(this, events, context);
  });
  const events = await settleEvents(900);
  await forget(events);
  isHeld = true;
  const started = await replay();
  expect(started.state).toBe('running');
  await expect(replay()).rejects.toMatchObject({ type: 'service-unavailable' });
  await node.broker.call(`${groupOf(topic)}.replay.stop`, { replayId: started.replayId });
  // The first note after the request brings it to the replay; at the second one it has been heeded.
  await hasNoted(started);
  await hasNoted(started);
  held.resolve(undefined);
  const stopped = await ended(started);
  expect(stopped.state).toBe('stopped');
  expect(stopped.counts.fresh).toBeLessThan(900);
  expect(await movesOf(node)).toHaveLength(stopped.counts.fresh);
  expect((await replayed()).counts).toMatchObject({
    fresh: 900 - stopped.counts.fresh,
    duplicates: stopped.counts.fresh,
  });
});

test('events that are older than the inbox are told as what they are', async () => {
  await start();
  await settleEvents(3);
  const old = moved('old', 'attic', { eventId: '017f22e2-79b0-7cc3-98c4-dc0c0c07398f', partition: 0 });
  await publish(topic, [old]);
  await eventually(async () => {
    expect(await movesOf(node)).toHaveLength(4);
  });
  // As the inbox does it in time.
  await node.service.sequelize.query('TRUNCATE inbox_default');
  const state = await replayed();
  expect(state.counts).toEqual({ fresh: 1, duplicates: 3, parked: 0, skipped: 0, olderThanInbox: 1 });
  expect(state.remark).toMatch(/older than what the inbox keeps/);
});

test('who and why are asked for, and kept; a request that makes no sense is refused', async () => {
  await start();
  for (const wrong of [
    { by: null },
    { why: ' ' },
    { consumer: 'nobody' },
    { from: 'yesterday' },
    { from: '2026-11-23T07:00' },
    { from: '2026-11-23T07:00:00Z', fromOffset: '1' },
    { partitions: [] },
    { toOffset: '-1' },
  ]) {
    await expect(replay(wrong as Partial<ReplayInput>)).rejects.toMatchObject({ type: 'invalid-input' });
  }
  expect(await replayed({ partitions: [7] })).toMatchObject({
    state: 'failed',
    remark: expect.stringMatching('no partition 7') as string,
  });
  const rows = await node.service.sequelize.query('SELECT requested_by, why, request FROM replays', {
    type: QueryTypes.SELECT,
  });
  expect(rows).toEqual([
    {
      requested_by: 'ann',
      why: 'a test',
      request: { from: null, to: null, fromOffset: null, toOffset: null, partitions: [7] },
    },
  ]);
});

test("a group that Kafka's own tool sets back to the beginning, while its nodes are stopped, changes nothing", async () => {
  await start();
  await settleEvents(60);
  const before = await movesOf(node);
  await node.broker.stop();
  await eventually(() => resetByKafkasTool(), { timeoutMs: 40_000, intervalMs: 1000 });
  expect(await committedOffsets(topic)).toEqual([0, 0, 0]);
  await start();
  await eventually(
    () => {
      expect(node.service.consumerStats()['track']).toMatchObject({ duplicates: 60 });
    },
    {
      timeoutMs: 30_000,
    },
  );
  expect(await movesOf(node)).toEqual(before);
}, 90_000);

/** As long as the group has members it refuses. */
async function resetByKafkasTool(): Promise<void> {
  const [java, jars] = [await findJava(), await bringKafkaJars()];
  const { stdout } = await run(java, [
    '-XX:TieredStopAtLevel=1',
    '-cp',
    `${jars}/*`,
    'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand',
    ...['--bootstrap-server', testKafkaBrokers()],
    ...['--group', `${groupOf(topic)}.track`, '--topic', topic.name],
    ...['--reset-offsets', '--to-earliest', '--execute'],
  ]);
  expect(stdout).toMatch(/NEW-OFFSET/);
}
