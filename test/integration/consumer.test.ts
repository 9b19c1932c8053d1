import { uuidv7 } from 'uuidv7';
import { unreadyParts } from '../../health/readiness.ts';
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
  testKafka,
  type Node,
  type NodeOptions,
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

function joined({ broker }: Node): Promise<void> {
  return eventually(() => {
    expect(unreadyParts(broker)).toEqual([]);
  });
}

const statsOf = (node: Node) => node.service.consumerStats()['track'];

test('what waits in several partitions is settled in one transaction', async () => {
  const topic = await freshTopic(3);
  await publish(
    topic,
    ['a', 'b', 'c'].map((parcel, partition) => moved(parcel, 'depot', { partition })),
  );
  const node = await start({ topic, handle: recordMoves });
  await eventually(async () => {
    expect(await movesOf(node)).toHaveLength(3);
  });
  expect(new Set((await movesOf(node)).map(({ txid }) => txid)).size).toBe(1);
  expect(statsOf(node)).toMatchObject({ received: 3, settled: 3, batches: 1 });
});

test('an event has one effect, delivered twice in one batch, in another partition, or later and out of order', async () => {
  const topic = await freshTopic(3);
  const [first, second, third] = [moved('a', 'depot'), moved('a', 'van'), moved('a', 'door')];
  await publish(topic, [
    { ...first, partition: 0 },
    { ...first, partition: 0 },
    { ...first, partition: 1 },
    { ...second, partition: 0 },
  ]);
  const node = await start({ topic, handle: recordMoves });
  await eventually(async () => {
    expect(await movesOf(node)).toHaveLength(2);
  });
  await publish(topic, [
    { ...second, partition: 0 },
    { ...first, partition: 0 },
    { ...third, partition: 0 },
  ]);
  await eventually(() => {
    expect(statsOf(node)).toMatchObject({ received: 7, settled: 3, duplicates: 4, parked: 0 });
  });
  expect((await movesOf(node)).map(({ place }) => place)).toEqual(['depot', 'van', 'door']);
});

test('a replay from offset 0 changes nothing', async () => {
  const topic = await freshTopic(3);
  const events = Array.from({ length: 60 }, (_, index) => moved(`parcel-${index}`, 'depot'));
  await publish(topic, events);
  const before = await start({ topic, handle: recordMoves });
  await eventually(async () => {
    expect(await movesOf(before)).toHaveLength(60);
  });
  await stop(before);
  expect((await committedOffsets(topic)).reduce((sum, offset) => sum + offset)).toBe(60);
  await rewind(topic);
  const after = await start({ topic, handle: recordMoves });
  await eventually(() => {
    expect(statsOf(after)).toMatchObject({ received: 60, duplicates: 60, settled: 0 });
  });
  expect(await movesOf(after)).toHaveLength(60);
  expect(await deadLettersOf(after)).toEqual([]);
});

test('an event of an unknown type is skipped and counted, and its neighbours are settled', async () => {
  const topic = await freshTopic(1);
  const unknown = moved('a', 'nowhere');
  await publish(topic, [
    moved('a', 'depot'),
    { ...unknown, headers: { ...unknown.headers, ce_type: 'parcel.painted' } },
    moved('a', 'van'),
  ]);
  const node = await start({ topic, handle: recordMoves });
  await eventually(() => {
    expect(statsOf(node)).toMatchObject({ settled: 2, skipped: 1, parked: 0 });
  });
  await stop(node);
  expect(await committedOffsets(topic)).toEqual([3]);
});

test('an unknown type alone moves the offset too', async () => {
  const topic = await freshTopic(1);
  const unknown = moved('a', 'nowhere');
  await publish(topic, [{ ...unknown, headers: { ...unknown.headers, ce_type: 'parcel.painted' } }]);
  const node = await start({ topic, handle: recordMoves });
  await eventually(async () => {
    expect(await committedOffsets(topic)).toEqual([1]);
  });
  expect(statsOf(node)).toMatchObject({ skipped: 1, batches: 0 });
});

test('the inbox row tells where the event lay and when it came', async () => {
  const topic = await freshTopic(2);
  const event = moved('a', 'depot', { partition: 1 });
  await publish(topic, [moved('a', 'shelf', { partition: 1 }), event]);
  const node = await start({ topic, handle: recordMoves });
  await eventually(async () => {
    expect(await movesOf(node)).toHaveLength(2);
  });
  const [rows] = await node.service.sequelize.query(
    `SELECT consumer, topic, partition, "offset", node, tableoid::regclass::text AS lies_in,
            ce_time <= kafka_time AND kafka_time <= received_at AND received_at <= committed_at AS in_order
       FROM inbox WHERE event_id = $1`,
    { bind: [event.eventId] },
  );
  expect(rows).toEqual([
    {
      consumer: `${node.service.name}.track`,
      topic: topic.name,
      partition: 1,
      offset: '1',
      node: node.broker.nodeID,
      lies_in: expect.stringMatching(/^inbox_from_\d{4}_\d{2}_\d{2}$/) as string,
      in_order: true,
    },
  ]);
});

test('a handler that fails for longer than a session crashes nothing, parks nothing, and keeps its partitions', async () => {
  const topic = await freshTopic(2);
  let broken = true;
  const node = await start({
    topic,
    async handle(events, context) {
      if (broken) throw new Error('the scale is out of order');
      await recordMoves.call(this, events, context);
    },
  });
  await joined(node);
  const replacements = statsOf(node)?.replacements;
  await publish(topic, [moved('a', 'depot', { partition: 0 }), moved('b', 'depot', { partition: 1 })]);
  // The pauses of eleven attempts are longer than the session; kafkajs by itself crashes at the sixth error.
  await eventually(() => {
    expect(statsOf(node)?.retries).toBeGreaterThanOrEqual(11);
  });
  expect(unreadyParts(node.broker)).toEqual([
    {
      part: `consumer ${node.service.name}.track`,
      detail: expect.stringMatching(/failed \d+ times and is tried again: the scale is out of order/) as string,
    },
  ]);
  broken = false;
  await eventually(async () => {
    expect(await movesOf(node)).toHaveLength(2);
  });
  expect(statsOf(node)).toMatchObject({ received: 2, settled: 2, parked: 0, replacements });
  expect(unreadyParts(node.broker)).toEqual([]);
  expect(await deadLettersOf(node)).toEqual([]);
});

test('a unique violation in the handler is retried, not parked', async () => {
  const topic = await freshTopic(1);
  let attempts = 0;
  const node = await start({
    topic,
    async handle(events, context) {
      await recordMoves.call(this, events, context);
      if (++attempts > 3) return;
      await this.sequelize.query(
        'CREATE UNIQUE INDEX ON moves (parcel); INSERT INTO moves (event_id, parcel, place) SELECT event_id, parcel, place FROM moves',
        context,
      );
    },
  });
  await publish(topic, [moved('a', 'depot')]);
  await eventually(async () => {
    expect(await movesOf(node)).toHaveLength(1);
  });
  expect(statsOf(node)).toMatchObject({ retries: 3, parked: 0 });
});

test('two transactions with the same events, met in opposite order, both end: inbox rows are written by event id', async () => {
  const topic = await freshTopic(2);
  const node = await start({ topic, handle: recordMoves });
  await joined(node);
  const { sequelize } = node.service;
  const [low, high] = [uuidv7(), uuidv7()];
  const insert = (eventId: string) =>
    `INSERT INTO inbox (consumer, event_id, payload_hash, topic, partition, "offset", kafka_time, received_at, node)
     VALUES ('${node.service.name}.track', '${eventId}', '\\x00', 't', 0, 0, now(), now(), 'zombie') ON CONFLICT DO NOTHING`;

  // A zombie, somewhere between its rows. The consumer gets the same events, the later id first.
  const zombie = await sequelize.transaction();
  await sequelize.query('SET LOCAL idle_in_transaction_session_timeout = 0', { transaction: zombie });
  await sequelize.query(insert(low), { transaction: zombie });
  await publish(topic, [
    moved('a', 'depot', { eventId: high, partition: 0 }),
    moved('b', 'depot', { eventId: low, partition: 1 }),
  ]);
  await eventually(async () => {
    const [waiting] = await sequelize.query(
      `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'INSERT INTO inbox%'`,
    );
    expect(waiting).toHaveLength(1);
  });
  // In arrival order the consumer would hold the row that the zombie takes now, and PostgreSQL would kill one of them.
  await sequelize.query(insert(high), { transaction: zombie });
  await zombie.rollback();
  await eventually(async () => {
    expect(await movesOf(node)).toHaveLength(2);
  });
  expect(statsOf(node)).toMatchObject({ retries: 0, settled: 2 });
});

test('offsets are committed aside, and on stop, never beyond what is settled', async () => {
  const topic = await freshTopic(1);
  let open: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const node = await start({
    topic,
    async handle(events, context) {
      await recordMoves.call(this, events, context);
      if (events.some(({ data }) => (data as { to: string }).to === 'gate')) await gate;
    },
  });
  await publish(topic, [moved('a', 'depot')]);
  await eventually(async () => {
    expect(await committedOffsets(topic)).toEqual([1]);
  });
  await publish(topic, [moved('a', 'gate')]);
  await eventually(() => {
    expect(statsOf(node)?.received).toBe(2);
  });
  const stopping = stop(node);
  expect(await committedOffsets(topic)).toEqual([1]);
  // The stop waits for the transaction in flight, and commits what it settled.
  open();
  await stopping;
  expect(await committedOffsets(topic)).toEqual([2]);
  const next = await start({ topic, handle: recordMoves });
  expect((await movesOf(next)).map(({ place }) => place)).toEqual(['depot', 'gate']);
});

test('a clock that is set back does not leave the consumer outside of its group', async () => {
  const topic = await freshTopic(1);
  const node = await start({ topic, handle: recordMoves });
  await publish(topic, [moved('a', 'depot')]);
  await eventually(async () => {
    expect(await committedOffsets(topic)).toEqual([1]);
  });
  const replacements = statsOf(node)?.replacements ?? 0;
  const realNow = Date.now.bind(Date);
  const admin = testKafka().admin();
  await admin.connect();
  const clock = jest.spyOn(Date, 'now').mockImplementation(() => realNow() - 3_600_000);
  try {
    // A heartbeat that was under way has noted the new time, and the next ones would follow: after a round trip, once more.
    await admin.describeGroups([`${node.service.name}.track`]);
    clock.mockImplementation(() => realNow() - 7_200_000);
    // kafkajs sends no heartbeat for an hour now; the watchdog's clock is another one.
    await eventually(() => {
      expect(statsOf(node)?.replacements).toBe(replacements + 1);
    });
    await publish(topic, [moved('a', 'van')]);
    await eventually(async () => {
      expect(await committedOffsets(topic)).toEqual([2]);
    });
    const { groups } = await admin.describeGroups([`${node.service.name}.track`]);
    expect(groups[0]?.members).toHaveLength(1);
  } finally {
    jest.restoreAllMocks();
    await admin.disconnect();
  }
});
