import type * as GroupConsumers from '../../mixins/inbox/group-consumer.ts';
import { unreadyParts } from '../../health/readiness.ts';
import { registryOf } from '../../metrics/registry.ts';
import {
  freshTopic,
  moved,
  movesOf,
  publish,
  recordMoves,
  startNode,
  type Node,
  type NodeOptions,
} from '../support/consuming-service.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';
import { eventually as within } from '../support/eventually.ts';
import { startKafkaProxy } from '../support/kafka-proxy.ts';
import { ownKafka } from '../support/own-cluster.ts';

const eventually = <T>(assertion: () => T | Promise<T>): Promise<T> => within(assertion, { timeoutMs: 60_000 });
jest.setTimeout(180_000);

/** The partition that the next consumer never hands over, and goes on fetching the other: as when kafkajs loses it. */
let lostPartition: number | null = null;

jest.mock('../../mixins/inbox/group-consumer.ts', () => {
  const real = jest.requireActual<typeof GroupConsumers>('../../mixins/inbox/group-consumer.ts');
  return {
    ...real,
    createGroupConsumer: (...options: Parameters<typeof real.createGroupConsumer>) => {
      const consumer = real.createGroupConsumer(...options);
      const lost = lostPartition;
      lostPartition = null;
      const run: typeof consumer.run = (config) =>
        consumer.run({
          ...config,
          eachBatch: async (payload) => {
            if (payload.batch.partition === lost) await new Promise(() => undefined);
            await config?.eachBatch?.(payload);
          },
        });
      return { ...consumer, run };
    },
  };
});

/** Shorter than in production; longer than anything that works is silent. */
const SILENCE_LIMIT_MS = 6000;

let database: FreshDatabase;
const nodes: Node[] = [];

beforeEach(async () => {
  database = await freshDatabase();
});

afterEach(async () => {
  await Promise.all(nodes.splice(0).map(({ broker }) => broker.stop()));
  await database.drop();
});

async function start(options: Partial<NodeOptions> & Pick<NodeOptions, 'topic'>): Promise<Node> {
  const node = await startNode({
    databaseUrl: database.url,
    handle: recordMoves,
    silenceLimitMs: SILENCE_LIMIT_MS,
    ...options,
  });
  nodes.push(node);
  return node;
}

const statsOf = (node: Node) => node.service.consumerStats()['track'];
const placesOf = async (node: Node) => (await movesOf(node)).map(({ place }) => place);

test('a member that never gets to one of its partitions, while it works on the others, is replaced', async () => {
  const topic = await freshTopic(2);
  await publish(topic, [moved('a', 'depot', { partition: 0 }), moved('b', 'depot', { partition: 1 })]);
  lostPartition = 0;
  const node = await start({ topic });
  await eventually(async () => {
    expect((await movesOf(node)).map(({ parcel }) => parcel)).toEqual(['b', 'a']);
  });
  expect(statsOf(node)).toMatchObject({ replacements: 1, settled: 2 });
});

test('a member whose fetches are never answered, and that the group hears all the while, is replaced', async () => {
  const proxy = await startKafkaProxy();
  const kafka = await ownKafka({ advertisedPort: proxy.port });
  proxy.forwardTo(Number(kafka.brokers.split(':')[1]));
  const brokers = `127.0.0.1:${proxy.port}`;
  try {
    const topic = await freshTopic(2, brokers);
    const node = await start({ topic, brokers });
    await publish(topic, [moved('a', 'depot')], brokers);
    await eventually(async () => {
      expect(await placesOf(node)).toEqual(['depot']);
    });
    expect(proxy.silenceFetches()).toBeGreaterThan(0);
    await publish(topic, [moved('a', 'van')], brokers);
    await eventually(async () => {
      expect(await placesOf(node)).toEqual(['depot', 'van']);
    });
    expect(statsOf(node)?.replacements).toBeGreaterThan(0);
    await Promise.all(nodes.splice(0).map(({ broker }) => broker.stop()));
  } finally {
    await kafka.remove();
    await proxy.close();
  }
});

test('a member whose handler does not come back is replaced, and the node says so until something is settled', async () => {
  const topic = await freshTopic(1);
  let calls = 0;
  let open: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const node = await start({
    topic,
    async handle(events, context) {
      calls++;
      if (calls === 1) await new Promise(() => undefined);
      await gate;
      await recordMoves.call(this, events, context);
    },
  });
  await publish(topic, [moved('a', 'depot')]);
  // Asked of another member by now, that does not come back yet either.
  await eventually(() => {
    expect(calls).toBe(2);
    expect(unreadyParts(node.broker).map(({ detail }) => detail)).toEqual([
      expect.stringContaining('a member that did nothing was replaced'),
    ]);
  });
  open();
  await eventually(async () => {
    expect(await placesOf(node)).toEqual(['depot']);
    expect(unreadyParts(node.broker)).toEqual([]);
  });
  expect(statsOf(node)).toMatchObject({ settled: 1, parked: 0 });
});

test('a consumer knows how far it is behind, and tells Prometheus', async () => {
  const topic = await freshTopic(2);
  const node = await start({ topic });
  await publish(topic, [moved('a', 'depot')]);
  await eventually(() => {
    expect(statsOf(node)).toMatchObject({ settled: 1, lag: 0 });
  });
  expect(statsOf(node)).toMatchObject({ replacements: 0 });
  expect(await registryOf(node.broker).metrics()).toContain(
    `consumer_lag_records{consumer="${node.service.name}.track"} 0`,
  );
});
