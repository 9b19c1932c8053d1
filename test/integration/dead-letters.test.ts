import { QueryTypes, type Transaction } from 'sequelize';
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
/** Places that the handler refuses just now. */
const closed = new Set<string>();

beforeEach(async () => {
  database = await freshDatabase();
  closed.clear();
});

afterEach(async () => {
  await Promise.all(nodes.splice(0).map(({ broker }) => broker.stop()));
  await database.drop();
});

async function recordOpenMoves(this: TestService, events: ReceivedEvent[], context: { transaction: Transaction }) {
  await recordMoves.call(this, events, context);
  for (const { eventId, data } of events as ReceivedEvent<ParcelMoved>[]) {
    if (closed.has(data.to)) throw new EventRefused(eventId, `${data.to} is closed`);
    if (data.to === 'bug') throw new TypeError('a bug in the handler');
  }
}

async function start(topic: Awaited<ReturnType<typeof freshTopic>>): Promise<Node> {
  const node = await startNode({ databaseUrl: database.url, topic, handle: recordOpenMoves });
  nodes.push(node);
  return node;
}

async function stop(node: Node): Promise<void> {
  nodes.splice(nodes.indexOf(node), 1);
  await node.broker.stop();
}

interface Letter {
  readonly id: string;
  readonly reason: string;
  readonly aggregate: string | null;
  readonly behind: number;
  readonly attempts: number;
  readonly error: string;
}

interface Report {
  readonly act: string;
  readonly counts: Record<string, number>;
  readonly letters: readonly { id: string; outcome: string; detail: string | null }[];
  readonly more: boolean;
  readonly note: string | null;
}

const SIGNED = { by: 'olga', why: 'the depot is open again' };

function call<T>(node: Node, action: string, params: object = {}): Promise<T> {
  return node.broker.call(`${node.service.name}.deadLetters.${action}`, params);
}

const replay = (node: Node, params: object) => call<Report>(node, 'replay', { ...SIGNED, dryRun: false, ...params });
const discard = (node: Node, params: object) => call<Report>(node, 'discard', { ...SIGNED, dryRun: false, ...params });
const list = async (node: Node, params: object = {}) =>
  (await call<{ letters: Letter[] }>(node, 'list', params)).letters;
const placesOf = async (node: Node) => (await movesOf(node)).map(({ parcel, place }) => `${parcel} ${place}`);
const outcomesOf = (report: Report) => report.letters.map(({ outcome }) => outcome);
const reasonsOf = async (node: Node) => (await list(node)).map(({ reason }) => reason);

/** A parcel that could not go to the depot, with two moves waiting behind it. */
async function parkedParcel(): Promise<{ node: Node; topic: Awaited<ReturnType<typeof freshTopic>>; ids: string[] }> {
  const topic = await freshTopic(1);
  closed.add('depot');
  await publish(topic, [moved('a', 'depot'), moved('a', 'van'), moved('b', 'van'), moved('a', 'door')]);
  const node = await start(topic);
  await eventually(async () => {
    expect(await reasonsOf(node)).toEqual(['refused', 'follows', 'follows']);
    expect(await placesOf(node)).toEqual(['b van']);
  });
  return { node, topic, ids: (await list(node)).map(({ id }) => id) };
}

test('a dry run says what a replay would do, and changes nothing', async () => {
  const { node, ids } = await parkedParcel();
  const before = await deadLettersOf(node);
  const refusedAgain = await call<Report>(node, 'replay', { ...SIGNED, ids: [ids[0]] });
  expect(refusedAgain.letters).toMatchObject([{ outcome: 'refused-again', detail: 'refused: depot is closed' }]);
  closed.clear();
  const wouldGo = await call<Report>(node, 'replay', { ...SIGNED, ids: [ids[0]] });
  expect(outcomesOf(wouldGo)).toEqual(['settled', 'settled', 'settled']);
  expect(wouldGo.note).toMatch(/nothing was changed/);
  expect(await deadLettersOf(node)).toEqual(before);
  expect(await placesOf(node)).toEqual(['b van']);
});

test('replaying the first letter of an aggregate lets what follows it go on, in order', async () => {
  const { node, topic, ids } = await parkedParcel();
  closed.clear();
  expect(outcomesOf(await replay(node, { ids: [ids[1]] }))).toEqual(['waits']);
  expect((await replay(node, { ids: [ids[0]] })).counts).toEqual({ settled: 3 });
  expect(await placesOf(node)).toEqual(['b van', 'a depot', 'a van', 'a door']);
  expect(await deadLettersOf(node)).toEqual([]);
  await publish(topic, [moved('a', 'street')]);
  await eventually(async () => {
    expect(await placesOf(node)).toEqual(['b van', 'a depot', 'a van', 'a door', 'a street']);
  });
  expect((await replay(node, { ids: [ids[0]] })).counts).toEqual({});
});

test('a letter that is refused again stays where it is, with its new error and how often it was tried', async () => {
  const { node, ids } = await parkedParcel();
  closed.clear();
  closed.add('van');
  const report = await replay(node, { aggregate: 'parcel/a' });
  expect(outcomesOf(report)).toEqual(['settled', 'refused-again', 'waits']);
  expect(await list(node)).toMatchObject([
    { id: ids[1], reason: 'refused', error: 'van is closed', attempts: 1, behind: 0 },
    { id: ids[2], reason: 'follows', attempts: 0, behind: 1 },
  ]);
  await replay(node, { all: true });
  expect((await list(node))[0]).toMatchObject({ id: ids[1], attempts: 2 });
});

test('a replay that meets a bug harms no neighbour, and says what happened', async () => {
  const topic = await freshTopic(1);
  closed.add('depot').add('bug');
  await publish(topic, [moved('a', 'depot'), moved('b', 'bug'), moved('c', 'depot')]);
  const node = await start(topic);
  await eventually(async () => {
    expect(await reasonsOf(node)).toEqual(['refused', 'refused', 'refused']);
  });
  closed.clear();
  expect(outcomesOf(await replay(node, { reason: 'refused' }))).toEqual(['settled', 'failed', 'settled']);
  expect(await list(node)).toMatchObject([
    { aggregate: 'parcel/b', error: 'A replay failed: a bug in the handler', attempts: 1 },
  ]);
});

test('what is discarded stays away when the topic is read again, and what follows it goes on', async () => {
  const { node, topic, ids } = await parkedParcel();
  expect((await call<Report>(node, 'discard', { ...SIGNED, ids: [ids[0]] })).counts).toEqual({
    discarded: 1,
    settled: 2,
  });
  expect(await reasonsOf(node)).toHaveLength(3);
  expect((await discard(node, { ids: [ids[0]] })).counts).toEqual({ discarded: 1, settled: 2 });
  expect(await placesOf(node)).toEqual(['b van', 'a van', 'a door']);
  closed.clear();
  await stop(node);
  await rewind(topic);
  const again = await start(topic);
  await publish(topic, [moved('b', 'end')]);
  await eventually(async () => {
    expect(await placesOf(again)).toContain('b end');
  });
  expect(await placesOf(again)).toEqual(['b van', 'a van', 'a door', 'b end']);
  expect(await deadLettersOf(again)).toEqual([]);
});

test('poison of every kind that is discarded stays away, and nothing is parked behind it any more', async () => {
  const topic = await freshTopic(1);
  const good = moved('twin', 'depot');
  const messages = [
    { key: null, value: null },
    { ...moved('broken', 'x'), value: Buffer.from([0xff, 0x00]) },
    { ...moved('invalid', 'x'), value: '{"parcel":7}' },
    good,
    { ...moved('twin', 'van', { eventId: good.eventId }) },
  ];
  await publish(topic, messages);
  const node = await start(topic);
  await eventually(async () => {
    expect(await reasonsOf(node)).toEqual(['undecodable', 'undecodable', 'schema-invalid', 'payload-mismatch']);
  });
  expect(outcomesOf(await replay(node, { all: true }))).toEqual(new Array(4).fill('refused-again'));
  expect((await discard(node, { all: true })).counts).toEqual({ discarded: 4 });
  await stop(node);
  await rewind(topic);
  const again = await start(topic);
  await publish(
    topic,
    ['broken', 'invalid', 'twin'].map((parcel) => moved(parcel, 'after')),
  );
  await eventually(async () => {
    expect(await committedOffsets(topic)).toEqual([8]);
  });
  expect(await deadLettersOf(again)).toEqual([]);
  expect(await placesOf(again)).toEqual(['twin depot', 'broken after', 'invalid after', 'twin after']);
});

test('discarding one of two letters with the same event id leaves the event to the other', async () => {
  const topic = await freshTopic(1);
  closed.add('depot');
  const first = moved('a', 'depot');
  await publish(topic, [first, { ...first }, moved('a', 'van', { eventId: first.eventId })]);
  const node = await start(topic);
  await eventually(async () => {
    expect(await reasonsOf(node)).toHaveLength(3);
  });
  const ids = (await list(node)).map(({ id }) => id);
  closed.clear();
  await discard(node, { ids: [ids[1], ids[2]] });
  expect((await replay(node, { ids: [ids[0]] })).counts).toEqual({ settled: 1 });
  expect(await placesOf(node)).toEqual(['a depot']);
});

test('an act without who, why or which is refused with a sentence, and nothing is done', async () => {
  const { node } = await parkedParcel();
  for (const kind of ['replay', 'discard']) {
    await expect(call(node, kind, { all: true, why: 'x' })).rejects.toMatchObject({
      type: 'invalid-input',
      message: `Nothing was done. by: Say who does it: every ${kind} is recorded.`,
    });
    await expect(call(node, kind, { all: true, by: 'olga', why: '  ' })).rejects.toThrow(/why: /);
    await expect(call(node, kind, SIGNED)).rejects.toThrow(/Say which letters/);
    await expect(call(node, kind, { ...SIGNED, idz: [1] })).rejects.toThrow(/idz: There is no such field/);
    await expect(call(node, kind, { ...SIGNED, ids: ['first'] })).rejects.toThrow(/ids: /);
  }
  expect(await call(node, 'acts')).toEqual([]);
  expect(await list(node)).toHaveLength(3);
});

test('each act is recorded with who, when, why, which and what came of it, dry runs too', async () => {
  const { node, ids } = await parkedParcel();
  await call(node, 'replay', { ...SIGNED, ids: [ids[0]] });
  await discard(node, { ids: [ids[0]], by: 'omar', why: 'sent by mistake' });
  expect(await call(node, 'acts')).toMatchObject([
    {
      what: 'discard',
      dryRun: false,
      by: 'omar',
      why: 'sent by mistake',
      selection: { ids: [ids[0]] },
      outcome: 'done',
      counts: { discarded: 1, settled: 2 },
      beganAt: expect.any(Date) as Date,
      endedAt: expect.any(Date) as Date,
    },
    { what: 'replay', dryRun: true, by: 'olga', why: 'the depot is open again', counts: { 'refused-again': 1 } },
  ]);
  const noted = await node.service.sequelize.query<{ letter_id: string; outcome: string }>(
    'SELECT letter_id, outcome FROM dead_letter_act_letters ORDER BY letter_id',
    { type: QueryTypes.SELECT },
  );
  expect(noted.map(({ outcome }) => outcome)).toEqual(['discarded', 'settled', 'settled']);
});

test('lists are paged and say how many there are; a letter is shown readably, and not at any length', async () => {
  const { node, topic, ids } = await parkedParcel();
  await publish(topic, [
    moved('a', 'x'.repeat(100_000)),
    { key: 'k', value: Buffer.from([0xff]), headers: { h: 'v' } },
  ]);
  await eventually(async () => {
    expect(await list(node)).toHaveLength(5);
  });
  const page = await call<{ total: number; after: string; letters: Letter[] }>(node, 'list', { limit: 2 });
  expect(page).toMatchObject({ total: 5, after: ids[1] });
  expect((await list(node, { limit: 2, after: page.after }))[0]?.id).toBe(ids[2]);
  expect(await call(node, 'list', { reason: 'refused' })).toMatchObject({ total: 1 });
  expect(await call(node, 'list', { aggregate: 'parcel/a', to: '2026-01-01T00:00:00Z' })).toMatchObject({ total: 0 });
  expect(await call(node, 'show', { id: ids[0] })).toMatchObject({
    reason: 'refused',
    error: 'depot is closed',
    key: { form: 'text', content: 'a' },
    headers: { ce_type: 'parcel.moved' },
    value: { form: 'json', content: '{\n  "parcel": "a",\n  "to": "depot"\n}' },
  });
  const [long, bytes] = (await list(node, { after: ids[2] })).map(({ id }) => id);
  const shown = await call<{ value: { bytes: number; content: string } }>(node, 'show', { id: long });
  expect(shown.value.bytes).toBeGreaterThan(100_000);
  expect(shown.value.content).toMatch(/… \d+ more characters$/);
  expect(shown.value.content.length).toBeLessThan(10_000);
  expect(await call(node, 'show', { id: bytes })).toMatchObject({ value: { form: 'base64', content: '/w==' } });
  await expect(call(node, 'show', { id: '999999' })).rejects.toMatchObject({ type: 'not-found' });
});

test('a call does no more than its limit, says that there is more, and the next ones end it', async () => {
  const { node } = await parkedParcel();
  closed.clear();
  expect(await replay(node, { all: true, limit: 1 })).toMatchObject({ counts: { settled: 1 }, more: true });
  expect(await placesOf(node)).toEqual(['b van', 'a depot']);
  // What was left behind its first one goes on with any act.
  expect(await replay(node, { reason: 'refused' })).toMatchObject({ counts: { settled: 2 }, more: false });
  expect(await placesOf(node)).toEqual(['b van', 'a depot', 'a van', 'a door']);
});
