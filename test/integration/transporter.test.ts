import { randomUUID } from 'node:crypto';
import type { Context, ServiceBroker, ServiceSchema } from 'moleculer';
import { unreadyParts } from '../../health/readiness.ts';
import {
  createKafka,
  createPartitioner,
  NO_RETRY,
  TOPIC_RESOURCE,
  type Admin,
  type Producer,
} from '../../kafka/client.ts';
import { deadlineOf, steadyNow } from '../../kafka/deadline.ts';
import { callNodes } from '../support/call-nodes.ts';
import { testKafkaBrokers } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { silentLogger } from '../support/silent-logger.ts';

const nodes = callNodes(testKafkaBrokers());
const kafka = createKafka(nodes.config.kafka, 'test', silentLogger);
const producer: Producer = kafka.producer({ createPartitioner, retry: NO_RETRY });
const admin: Admin = kafka.admin();

/** What ran, by its `id` parameter. */
const ran: string[] = [];
let caller: ServiceBroker;
let callee: ServiceBroker;

const answers: ServiceSchema = {
  name: 'answers',
  actions: {
    echo: (ctx: Context): unknown => ctx.params,
    run: (ctx: Context<{ id: string }>): string => {
      ran.push(ctx.params.id);
      return ctx.params.id;
    },
    bytes: (ctx: Context<{ bytes: number }>): string => 'x'.repeat(ctx.params.bytes),
    bigint: (): unknown => ({ amount: 1n }),
    remainingMs: (ctx: Context): number => (deadlineOf(ctx.meta) ?? 0) - steadyNow(),
    asks: (ctx: Context): Promise<unknown> => ctx.call('asked.echo', { nested: true }),
  },
};

beforeAll(async () => {
  [caller, callee] = await Promise.all([
    nodes.start('asked-0', [{ name: 'asked', actions: { echo: (ctx: Context): unknown => ctx.params } }]),
    nodes.start('answers-0', [answers]),
    producer.connect(),
    admin.connect(),
  ]);
  await Promise.all([caller.waitForServices('answers'), callee.waitForServices('asked')]);
});

afterAll(async () => {
  await nodes.stopAll();
  await Promise.all([producer.disconnect(), admin.disconnect()]);
});

/** Writes a request as if a node had sent it. */
async function sendRequest(
  payload: { id: string; params: { id: string }; timeout?: number },
  timestampMs: number,
): Promise<void> {
  const packet = {
    ver: caller.PROTOCOL_VERSION,
    sender: 'asked-0',
    action: 'answers.run',
    meta: {},
    level: 1,
    ...payload,
  };
  await producer.send({
    topic: `MOL-${nodes.namespace}.REQ.answers-0`,
    messages: [{ value: JSON.stringify(packet), timestamp: timestampMs.toString(), partition: 0 }],
  });
}

/** Everything that was sent before has been taken when this one has run. */
async function untilTakenUpToHere(): Promise<void> {
  const id = randomUUID();
  await sendRequest({ id, params: { id } }, Date.now());
  await eventually(() => {
    expect(ran).toContain(id);
  });
}

test('calls go both ways, 64 at once', async () => {
  const numbers = Array.from({ length: 64 }, (_, number) => number);
  const there = numbers.map((number) => caller.call('answers.echo', { number }));
  const back = numbers.map((number) => callee.call('asked.echo', { number }));
  const expected = numbers.map((number) => ({ number }));
  expect(await Promise.all(there)).toEqual(expected);
  expect(await Promise.all(back)).toEqual(expected);
});

test('a nested call goes back to the node that asked', async () => {
  expect(await caller.call('answers.asks')).toEqual({ nested: true });
});

test('a node that is up says that Kafka is ready', () => {
  expect(unreadyParts(caller).filter(({ part }) => part === 'kafka')).toEqual([]);
});

test('the called node knows how much time the caller has left', async () => {
  const remainingMs = await caller.call('answers.remainingMs', {}, { timeout: 5000 });
  expect(remainingMs).toBeGreaterThan(0);
  expect(remainingMs).toBeLessThanOrEqual(5000);
});

test('an answer too large fails that call alone, and its caller hears why', async () => {
  const [tooLarge, large, small] = await Promise.allSettled([
    caller.call('answers.bytes', { bytes: 900_001 }),
    caller.call('answers.bytes', { bytes: 890_000 }),
    caller.call('answers.bytes', { bytes: 10 }),
  ]);
  expect(tooLarge).toMatchObject({
    status: 'rejected',
    reason: {
      type: 'internal-error',
      code: 500,
      message: expect.stringMatching(/answer of \d+ bytes is too large/) as unknown,
    },
  });
  expect(large).toMatchObject({ status: 'fulfilled', value: 'x'.repeat(890_000) });
  expect(small).toMatchObject({ status: 'fulfilled', value: 'x'.repeat(10) });
});

test('several large answers of one moment arrive: none makes a batch that Kafka refuses', async () => {
  const calls = Array.from({ length: 6 }, () => caller.call<string, object>('answers.bytes', { bytes: 600_000 }));
  expect((await Promise.all(calls)).map(({ length }) => length)).toEqual(Array.from({ length: 6 }, () => 600_000));
});

test('a request too large fails that call alone, and is not sent', async () => {
  const [tooLarge, small] = await Promise.allSettled([
    caller.call('answers.echo', { text: 'x'.repeat(900_001) }),
    caller.call('answers.echo', { text: 'x' }),
  ]);
  expect(tooLarge).toMatchObject({ status: 'rejected', reason: { type: 'content-too-large', code: 413 } });
  expect(small).toMatchObject({ status: 'fulfilled' });
  expect(caller.transit?.pendingRequests.size).toBe(0);
});

test('an answer that cannot be serialised is an error for the caller, not a time-out', async () => {
  await expect(caller.call('answers.bigint')).rejects.toMatchObject({
    message: expect.stringMatching(/BigInt/) as unknown,
  });
});

test('a request that comes twice runs once', async () => {
  const id = randomUUID();
  for (let time = 0; time < 3; time += 1) await sendRequest({ id, params: { id }, timeout: 10_000 }, Date.now());
  await untilTakenUpToHere();
  expect(ran.filter((each) => each === id)).toEqual([id]);
});

test('a request whose Kafka time stamp is older than its timeout does not run', async () => {
  const [late, intime] = [randomUUID(), randomUUID()];
  await sendRequest({ id: late, params: { id: late }, timeout: 2000 }, Date.now() - 3000);
  await sendRequest({ id: intime, params: { id: intime }, timeout: 20_000 }, Date.now() - 3000);
  await untilTakenUpToHere();
  expect(ran).toContain(intime);
  expect(ran).not.toContain(late);
});

test('the topics of calls are kept for minutes, in segments small and short enough to go away', async () => {
  const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(`MOL-${nodes.namespace}.`));
  // Seven of each node and five of all.
  expect(topics).toHaveLength(2 * 7 + 5);
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: topics.map((name) => ({ type: TOPIC_RESOURCE, name })),
  });
  for (const { configEntries } of resources) {
    const settings = Object.fromEntries(configEntries.map(({ configName, configValue }) => [configName, configValue]));
    expect(settings).toMatchObject({
      'retention.ms': '600000',
      'segment.bytes': '16777216',
      'segment.ms': '60000',
      'max.message.bytes': '1048576',
    });
  }
});

test('a node that starts again makes no new topic and corrects changed settings', async () => {
  const first = await nodes.start('again-0', []);
  await first.stop();
  const topics = await admin.listTopics();
  const name = `MOL-${nodes.namespace}.REQ.again-0`;
  await admin.alterConfigs({
    validateOnly: false,
    resources: [{ type: TOPIC_RESOURCE, name, configEntries: [{ name: 'retention.ms', value: '1' }] }],
  });
  const second = await nodes.start('again-0', []);
  expect((await admin.listTopics()).toSorted()).toEqual(topics.toSorted());
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: TOPIC_RESOURCE, name, configNames: ['retention.ms'] }],
  });
  expect(resources[0]?.configEntries[0]?.configValue).toBe('600000');
  await second.stop();
});
