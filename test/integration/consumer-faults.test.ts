import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { QueryTypes } from 'sequelize';
import type { EventTopic } from '../../events/topics.ts';
import { unreadyParts } from '../../health/readiness.ts';
import {
  committedOffsets,
  deadLettersOf,
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
import { ownKafka, ownPostgres } from '../support/own-cluster.ts';

/** A loaded machine is slow to join a group; nothing here is about how fast that is. */
const eventually = <T>(assertion: () => T | Promise<T>): Promise<T> => within(assertion, { timeoutMs: 60_000 });
jest.setTimeout(180_000);

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

async function start(options: Partial<NodeOptions> & Pick<NodeOptions, 'topic'>): Promise<Node> {
  const node = await startNode({ databaseUrl: database.url, handle: recordMoves, ...options });
  nodes.push(node);
  return node;
}

function startProcess(topic: EventTopic): ChildProcess {
  const child = fork(
    join(__dirname, '../support/consumer-process.ts'),
    [database.url, topic.name, String(topic.partitions)],
    { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] },
  );
  processes.push(child);
  return child;
}

function joined({ broker }: Node): Promise<void> {
  return eventually(() => {
    expect(unreadyParts(broker)).toEqual([]);
  });
}

const statsOf = (node: Node) => node.service.consumerStats()['track'];

test('while the database is away the consumer waits in its group, then goes on', async () => {
  const postgres = await ownPostgres();
  try {
    const topic = await freshTopic(2);
    const node = await start({ topic, databaseUrl: postgres.urlOf('postgres') });
    await publish(topic, [moved('a', 'depot', { partition: 0 })]);
    await eventually(async () => {
      expect(await movesOf(node)).toHaveLength(1);
    });
    const replacements = statsOf(node)?.replacements;
    await postgres.kill();
    await publish(topic, [moved('a', 'van', { partition: 0 }), moved('b', 'van', { partition: 1 })]);
    await eventually(() => {
      expect(unreadyParts(node.broker).map(({ part }) => part)).toContain(`consumer ${node.service.name}.track`);
    });
    await postgres.start();
    await eventually(async () => {
      expect((await movesOf(node)).map(({ place }) => place)).toEqual(['depot', 'van', 'van']);
    });
    expect(statsOf(node)).toMatchObject({ replacements, parked: 0 });
    await Promise.all(nodes.splice(0).map(({ broker }) => broker.stop()));
  } finally {
    await postgres.remove();
  }
});

test('after Kafka was away the consumer is back by itself', async () => {
  const kafka = await ownKafka();
  try {
    const topic = await freshTopic(2, kafka.brokers);
    const node = await start({ topic, brokers: kafka.brokers });
    await publish(topic, [moved('a', 'depot')], kafka.brokers);
    await eventually(async () => {
      expect(await movesOf(node)).toHaveLength(1);
    });
    await kafka.kill();
    await eventually(() => {
      expect(unreadyParts(node.broker)).toHaveLength(1);
    });
    await kafka.start();
    await eventually(() => publish(topic, [moved('a', 'van')], kafka.brokers));
    await eventually(async () => {
      expect((await movesOf(node)).map(({ place }) => place)).toContain('van');
    });
    await joined(node);
    await Promise.all(nodes.splice(0).map(({ broker }) => broker.stop()));
  } finally {
    await kafka.remove();
  }
});

test('a second node joins while a batch is in flight: each event has one effect, and both nodes work', async () => {
  const topic = await freshTopic(4);
  let open: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  let held = 0;
  const first = await start({
    topic,
    async handle(events, context) {
      await recordMoves.call(this, events, context);
      held++;
      await gate;
    },
  });
  await publish(
    topic,
    [0, 1, 2, 3].map((partition) => moved(`parcel-${partition}`, 'depot', { partition })),
  );
  await eventually(() => {
    expect(held).toBe(1);
  });
  const second = await start({ topic });
  // The first one hears of it while its transaction is open; it finishes that, and joins again.
  open();
  await joined(second);
  const rounds = Array.from({ length: 20 }, (_, round) => round);
  for (const round of rounds) {
    await publish(
      topic,
      [0, 1, 2, 3].map((partition) => moved(`parcel-${partition}`, `round-${round}`, { partition })),
    );
  }
  await eventually(async () => {
    expect(await movesOf(first)).toHaveLength(84);
  });
  await eventually(() => {
    expect(statsOf(second)?.settled).toBeGreaterThan(0);
  });
  const moves = await movesOf(first);
  expect(new Set(moves.map(({ event_id }) => event_id)).size).toBe(84);
  for (const partition of [0, 1, 2, 3]) {
    expect(moves.filter(({ parcel }) => parcel === `parcel-${partition}`).map(({ place }) => place)).toEqual([
      'depot',
      ...rounds.map((round) => `round-${round}`),
    ]);
  }
});

test('a batch that fails on and on lets its partitions go when another node joins', async () => {
  const topic = await freshTopic(4);
  const first = await start({
    topic,
    handle: () => Promise.reject(new Error('this node cannot reach the scale')),
  });
  await publish(
    topic,
    [0, 1, 2, 3].map((partition) => moved(`parcel-${partition}`, 'depot', { partition })),
  );
  await eventually(() => {
    expect(statsOf(first)?.retries).toBeGreaterThan(0);
  });
  const second = await start({ topic });
  await eventually(async () => {
    expect((await movesOf(second)).length).toBeGreaterThan(0);
  });
  await Promise.all(nodes.splice(0, 1).map(({ broker }) => broker.stop()));
  await eventually(async () => {
    expect(await movesOf(second)).toHaveLength(4);
  });
});

test('a node that is stopped past its session and continued does no harm', async () => {
  const topic = await freshTopic(1);
  const zombie = startProcess(topic);
  await once(zombie, 'message');
  await publish(topic, [moved('a', 'hold'), moved('a', 'van')]);
  await once(zombie, 'message');
  zombie.kill('SIGSTOP');
  // It is in the middle of its transaction, and holds inbox rows until PostgreSQL ends the idle session.
  const node = await start({ topic });
  await eventually(async () => {
    expect((await movesOf(node)).map(({ place }) => place)).toEqual(['hold', 'van']);
  });
  zombie.kill('SIGCONT');
  await publish(topic, [moved('a', 'door')]);
  await eventually(async () => {
    expect((await movesOf(node)).map(({ place }) => place)).toContain('door');
  });
  const exited = once(zombie, 'exit');
  zombie.kill('SIGKILL');
  await exited;
  await publish(topic, [moved('a', 'end')]);
  await eventually(async () => {
    expect((await movesOf(node)).map(({ place }) => place)).toEqual(['hold', 'van', 'door', 'end']);
  });
  expect(await deadLettersOf(node)).toEqual([]);
});

test('a node killed between commit and offset has its events once', async () => {
  const topic = await freshTopic(1);
  const child = startProcess(topic);
  await once(child, 'message');
  await publish(topic, [moved('a', 'depot'), moved('b', 'hold'), moved('c', 'depot')]);
  await once(child, 'message');
  const observer = await start({ topic: await freshTopic(1) });
  await eventually(async () => {
    expect(await movesOf(observer)).toHaveLength(3);
  });
  child.kill('SIGKILL');
  // Whether an offset was committed in that moment or not: it is not beyond what is settled.
  expect((await committedOffsets(topic))[0]).toBeLessThanOrEqual(3);
  const next = await start({ topic });
  await publish(topic, [moved('a', 'door')]);
  await eventually(async () => {
    expect((await movesOf(next)).map(({ place }) => place)).toEqual(['depot', 'hold', 'depot', 'door']);
  });
});

test('a message that kills the process is found and parked, its followers too; the others are settled', async () => {
  const topic = await freshTopic(2);
  await publish(topic, [
    moved('a', 'depot', { partition: 0 }),
    moved('killer', 'die', { partition: 0 }),
    moved('killer', 'after', { partition: 0 }),
    moved('b', 'depot', { partition: 0 }),
    moved('c', 'depot', { partition: 1 }),
  ]);
  // Once in company, twice alone.
  for (let deaths = 0; deaths < 3; deaths++) {
    const [, signal] = (await once(startProcess(topic), 'exit')) as [number | null, string | null];
    expect(signal).toBe('SIGKILL');
  }
  const node = await start({ topic });
  await eventually(async () => {
    expect(await committedOffsets(topic)).toEqual([4, 1]);
  });
  expect((await movesOf(node)).map(({ parcel }) => parcel).sort()).toEqual(['a', 'b', 'c']);
  expect(await deadLettersOf(node)).toMatchObject([
    { reason: 'killed-the-process', offset: '1', aggregate_id: 'killer' },
    { reason: 'follows', offset: '2', aggregate_id: 'killer' },
  ]);
  expect(await node.service.sequelize.query('SELECT * FROM crash_markers', { type: QueryTypes.SELECT })).toEqual([]);
});
