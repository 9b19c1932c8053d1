import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { QueryTypes, type Transaction } from 'sequelize';
import type { EventTopic } from '../../events/topics.ts';
import type { ReceivedEvent } from '../../events/event.ts';
import { EventRefused } from '../../mixins/idempotent-consumer.mixin.ts';
import {
  committedOffsets,
  freshTopic,
  moved,
  movesOf,
  publish,
  recordMoves,
  startNode,
  type Node,
  type ParcelMoved,
  type TestService,
} from '../support/consuming-service.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';
import { eventually as within } from '../support/eventually.ts';

/** Acts on dead letters while events go on arriving, and acts whose process dies. */

const eventually = <T>(assertion: () => T | Promise<T>): Promise<T> => within(assertion, { timeoutMs: 60_000 });
jest.setTimeout(180_000);

const SIGNED = { by: 'olga', why: 'a test' };
/** Longer than an act without a word is taken to be under way. */
const LONG_AGO = "interval '10 minutes'";

let database: FreshDatabase;
const nodes: Node[] = [];
const processes: ChildProcess[] = [];

beforeEach(async () => {
  database = await freshDatabase();
});

afterEach(async () => {
  for (const child of processes.splice(0)) child.kill('SIGKILL');
  await Promise.all(nodes.splice(0).map(({ broker }) => broker.stop()));
  await database.drop();
});

async function start(topic: EventTopic, handle: Parameters<typeof startNode>[0]['handle']): Promise<Node> {
  const node = await startNode({ databaseUrl: database.url, topic, handle });
  nodes.push(node);
  return node;
}

interface Report {
  readonly counts: Record<string, number>;
  readonly letters: readonly { readonly outcome: string; readonly detail: string | null }[];
  readonly more: boolean;
}

const act = (node: Node, kind: 'replay' | 'discard', params: object) =>
  node.broker.call<Report, object>(`${node.service.name}.deadLetters.${kind}`, { ...SIGNED, dryRun: false, ...params });
const lettersOf = async (node: Node) =>
  (
    await node.broker.call<{ letters: { id: string; reason: string; error: string }[] }, object>(
      `${node.service.name}.deadLetters.list`,
      {},
    )
  ).letters;

test('replayed again and again by two people while events arrive: none is lost, doubled or out of order', async () => {
  const parcels = ['a', 'b', 'c', 'd'];
  const rounds = 120;
  const topic = await freshTopic(2);
  let isMoody = true;
  let turn = 0;
  const node = await start(topic, async function (this: TestService, events, context: { transaction: Transaction }) {
    await recordMoves.call(this, events, context);
    for (const { eventId } of events as ReceivedEvent<ParcelMoved>[]) {
      if (isMoody && turn++ % 11 === 0) throw new EventRefused(eventId, 'not in the mood');
    }
  });
  let arrived = 0;
  const publishing = (async () => {
    for (; arrived < rounds; arrived += 10) {
      const some = Array.from({ length: 10 }, (_, index) =>
        parcels.map((parcel, at) => moved(parcel, String(arrived + index), { partition: at % 2 })),
      );
      await publish(topic, some.flat());
    }
  })();
  const operator = async (dryRun: boolean): Promise<void> => {
    do {
      await act(node, 'replay', { all: true, dryRun });
    } while (arrived < rounds);
  };
  await Promise.all([publishing, operator(false), operator(false), operator(true)]);
  await eventually(async () => {
    expect(await committedOffsets(topic)).toEqual([rounds * 2, rounds * 2]);
  });
  isMoody = false;
  await eventually(async () => {
    await act(node, 'replay', { all: true });
    expect(await lettersOf(node)).toEqual([]);
  });
  const moves = await movesOf(node);
  for (const parcel of parcels) {
    expect(moves.filter((move) => move.parcel === parcel).map(({ place }) => Number(place))).toEqual(
      Array.from({ length: rounds }, (_, round) => round),
    );
  }
});

test('what arrives while the last letter of its aggregate is replayed waits for that, and is not parked behind nothing', async () => {
  const topic = await freshTopic(1);
  let isClosed = true;
  const gate = Promise.withResolvers<null>();
  const isAtGate = Promise.withResolvers<null>();
  const node = await start(topic, async function (this: TestService, events, context: { transaction: Transaction }) {
    await recordMoves.call(this, events, context);
    for (const { eventId, data } of events as ReceivedEvent<ParcelMoved>[]) {
      if (isClosed) throw new EventRefused(eventId, 'closed');
      if (data.to !== 'depot') continue;
      isAtGate.resolve(null);
      await gate.promise;
    }
  });
  await publish(topic, [moved('a', 'depot')]);
  await eventually(async () => {
    expect(await lettersOf(node)).toHaveLength(1);
  });
  isClosed = false;
  const replayed = act(node, 'replay', { all: true });
  await isAtGate.promise;
  await publish(topic, [moved('a', 'van')]);
  await eventually(async () => {
    const waiting = await node.service.sequelize.query(
      `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'advisory'`,
      { type: QueryTypes.SELECT },
    );
    expect(waiting).toHaveLength(1);
  }).finally(() => {
    gate.resolve(null);
  });
  expect((await replayed).counts).toEqual({ settled: 1 });
  await eventually(async () => {
    expect((await movesOf(node)).map(({ place }) => place)).toEqual(['depot', 'van']);
  });
  expect(await lettersOf(node)).toEqual([]);
});

/** A node in a process of its own, which dies at `die`; `call` calls an action there. */
async function startProcess(topic: EventTopic): Promise<ChildProcess> {
  const child = fork(
    join(__dirname, '../support/consumer-process.ts'),
    [database.url, topic.name, String(topic.partitions)],
    { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] },
  );
  processes.push(child);
  await once(child, 'message');
  return child;
}

async function diesOf(child: ChildProcess, params: object): Promise<void> {
  const exited = once(child, 'exit') as Promise<[number | null, string | null]>;
  child.send({ action: 'deadLetters.replay', params: { ...SIGNED, dryRun: false, ...params } });
  expect((await exited)[1]).toBe('SIGKILL');
}

async function letTimePass(node: Node): Promise<void> {
  await node.service.sequelize.query(
    `UPDATE dead_letter_acts SET began_at = began_at - ${LONG_AGO}, in_hand_at = in_hand_at - ${LONG_AGO}`,
  );
}

test('a letter that kills whoever replays it is found by the act that has no end, and asks for force from then on', async () => {
  const topic = await freshTopic(1);
  let isClosed = true;
  const node = await start(topic, async function (this: TestService, events, context: { transaction: Transaction }) {
    await recordMoves.call(this, events, context);
    for (const { eventId } of events) if (isClosed) throw new EventRefused(eventId, 'closed');
  });
  await publish(topic, [moved('a', 'depot'), moved('killer', 'die'), moved('killer', 'van'), moved('b', 'depot')]);
  await eventually(async () => {
    expect((await lettersOf(node)).map(({ reason }) => reason)).toEqual(['refused', 'refused', 'follows', 'refused']);
  });
  const killer = (await lettersOf(node))[1]?.id;
  // The release that the operator replays with dies of it: in company first.
  await diesOf(await startProcess(topic), { all: true });
  expect(await movesOf(node)).toEqual([]);
  // Right after, nobody knows yet whether that act is over: what it had in hand is left alone.
  expect((await act(node, 'replay', { ids: [killer] })).counts).toEqual({ 'needs-force': 1 });
  await letTimePass(node);
  // Then one by one: its neighbours get through, and it is met alone.
  await diesOf(await startProcess(topic), { all: true });
  expect((await movesOf(node)).map(({ parcel }) => parcel)).toEqual(['a']);
  await letTimePass(node);
  isClosed = false;
  const report = await act(node, 'replay', { all: true });
  expect(report.counts).toEqual({ 'needs-force': 1, waits: 1, settled: 1 });
  expect(await lettersOf(node)).toMatchObject([
    { id: killer, reason: 'killed-the-process', error: expect.stringMatching(/alone in hand.*closed/) as string },
    { reason: 'follows' },
  ]);
  const acts = await node.service.sequelize.query<{ outcome: string }>(
    'SELECT outcome FROM dead_letter_acts ORDER BY id',
    {
      type: QueryTypes.SELECT,
    },
  );
  expect(acts.map(({ outcome }) => outcome)).toEqual(['interrupted', 'done', 'interrupted', 'done']);
  // This node's release does not die of it.
  expect((await act(node, 'replay', { ids: [killer], force: true })).counts).toEqual({ settled: 2 });
  expect((await movesOf(node)).map(({ place }) => place)).toEqual(['depot', 'depot', 'die', 'van']);
});

test('while the database is away an act says so and changes nothing; what it left undone goes on with the next one', async () => {
  const topic = await freshTopic(1);
  let isClosed = true;
  const node = await start(topic, async function (this: TestService, events, context: { transaction: Transaction }) {
    await recordMoves.call(this, events, context);
    for (const { eventId } of events) if (isClosed) throw new EventRefused(eventId, 'closed');
  });
  await publish(topic, [moved('a', 'depot'), moved('a', 'van')]);
  await eventually(async () => {
    expect(await lettersOf(node)).toHaveLength(2);
  });
  isClosed = false;
  const blocker = await node.service.sequelize.transaction();
  await node.service.sequelize.query('SET LOCAL idle_in_transaction_session_timeout = 0', { transaction: blocker });
  await node.service.sequelize.query('LOCK TABLE moves', { transaction: blocker });
  const report = await act(node, 'replay', { all: true });
  await blocker.rollback();
  expect(report).toMatchObject({
    counts: {},
    more: true,
    note: expect.stringMatching(/database was in the way/) as string,
  });
  expect(await lettersOf(node)).toHaveLength(2);
  expect((await act(node, 'replay', { all: true })).counts).toEqual({ settled: 2 });
});
