import { randomBytes } from 'node:crypto';
import { loadConfig } from '../../config/config.ts';
import { KafkaPublisher } from '../../mixins/outbox/publisher.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { message } from '../unit/outbox/fakes.ts';
import { cutConnectionsTo } from '../support/cut-connections.ts';
import { freshDatabase, testKafkaBrokers } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { startMeters, type MetersNode } from '../support/meters.ts';
import { ownKafka, ownPostgres } from '../support/own-cluster.ts';
import { readTopic, type ReadRecord } from '../support/topic-reader.ts';

/** What the relay stands on goes away and comes back. */

const METERS = 10;
const RECOVERY_MS = 40_000;
/** Starting a Kafka three times takes half a minute each on a machine that is busy. */
const SERVER_STARTS_MS = 240_000;
const newTopic = () => ({ name: `meters.events.${randomBytes(4).toString('hex')}`, partitions: 3 });

async function readMeters(node: MetersNode): Promise<void> {
  const writes = Array.from({ length: METERS }, (_, index) =>
    node.service.sequelize.transaction((transaction) => node.service.readMeter(`meter-${index}`, transaction)),
  );
  await Promise.all(writes);
}

async function untilReady(node: MetersNode): Promise<void> {
  await eventually(
    () => {
      expect(node.service.relay.unready()).toBeNull();
    },
    { timeoutMs: RECOVERY_MS },
  );
}

async function untilPublished(node: MetersNode, events: number): Promise<void> {
  await eventually(
    () => {
      expect(node.service.relay.stats().publishedTotal).toBeGreaterThanOrEqual(events);
    },
    { timeoutMs: RECOVERY_MS },
  );
}

async function expectAllInOrder(brokers: string, topic: string, times: number): Promise<readonly ReadRecord[]> {
  const reader = await readTopic(brokers, topic);
  const fresh = (meter: string): string[] => [
    ...new Set(
      reader.records.filter(({ key }) => key === meter).map(({ headers }) => headers['ce_aggregateversion'] ?? ''),
    ),
  ];
  try {
    await eventually(() => {
      for (let meter = 0; meter < METERS; meter++) {
        expect(fresh(`meter-${meter}`)).toEqual(Array.from({ length: times }, (_, index) => String(index + 1)));
      }
    });
    return reader.records;
  } finally {
    await reader.close();
  }
}

test(
  'connections cut in the middle of a send cost no event and no order',
  async () => {
    const database = await freshDatabase();
    const cutter = await cutConnectionsTo(testKafkaBrokers());
    const topic = newTopic();
    const node = await startMeters({ databaseUrl: database.url, brokers: testKafkaBrokers(), topic });
    await untilReady(node);
    for (let round = 0; round < 6; round++) {
      const cutsBefore = cutter.cuts;
      cutter.cutNextProduce(round % 2 === 0 ? 'answer' : 'request', 2);
      await readMeters(node);
      await eventually(() => {
        expect(cutter.cuts).toBe(cutsBefore + 2);
      });
      await readMeters(node);
      await untilPublished(node, (round + 1) * 2 * METERS);
    }
    expect(cutter.mostUnderWay).toBe(1);
    await node.stop();
    await cutter.close();
    const records = await expectAllInOrder(testKafkaBrokers(), topic.name, 12);
    // Answers were lost: what they confirmed was sent again, which is the inbox's to drop.
    expect(records.length).toBeGreaterThan(12 * METERS);
    await database.drop();
  },
  SERVER_STARTS_MS,
);

test('a send whose answer is lost is reported and not repeated by the client, which does not know who holds the lane', async () => {
  const cutter = await cutConnectionsTo(testKafkaBrokers());
  const publisher = new KafkaPublisher({
    kafka: loadConfig({ KAFKA_BROKERS: testKafkaBrokers() }).kafka,
    topic: newTopic(),
    source: '/meters',
    clientId: 'test',
    logger: silentLogger,
  });
  await publisher.connect();
  cutter.cutNextProduce('answer');
  await expect(publisher.publish([message(0, 1, 'meter-1')])).rejects.toThrow(/connection/i);
  expect(cutter.produceRequests).toBe(1);
  await publisher.publish([message(0, 1, 'meter-1')]);
  expect(cutter.produceRequests).toBe(2);
  await publisher.disconnect();
  await cutter.close();
});

test(
  'while Kafka is away events wait and the node says so; when it is back they go out in order',
  async () => {
    const kafka = await ownKafka();
    await kafka.kill();
    const database = await freshDatabase();
    const topic = newTopic();
    const node = await startMeters({ databaseUrl: database.url, brokers: kafka.brokers, topic });
    await readMeters(node);
    expect(node.service.relay.unready()).not.toBeNull();
    await kafka.start();
    await untilReady(node);
    await untilPublished(node, METERS);

    await kafka.kill();
    for (let time = 0; time < 3; time++) await readMeters(node);
    await eventually(() => {
      expect(node.service.relay.unready()).toMatch(/events wait in the outbox/);
    });
    await kafka.start();
    await untilPublished(node, 4 * METERS);
    await untilReady(node);
    await node.stop();
    await expectAllInOrder(kafka.brokers, topic.name, 4);
    await database.drop();
    await kafka.remove();
  },
  SERVER_STARTS_MS,
);

test(
  'after PostgreSQL was killed and came back, the relay goes on',
  async () => {
    const postgres = await ownPostgres();
    const topic = newTopic();
    const node = await startMeters({ databaseUrl: postgres.urlOf('postgres'), brokers: testKafkaBrokers(), topic });
    await untilReady(node);
    await readMeters(node);
    await postgres.kill();
    await eventually(() => {
      expect(node.service.relay.unready()).not.toBeNull();
      expect(node.service.relay.stats().lanes).toEqual([]);
    });
    await postgres.start();
    await untilReady(node);
    await readMeters(node);
    await untilPublished(node, 2 * METERS);
    await node.stop();
    await expectAllInOrder(testKafkaBrokers(), topic.name, 2);
    await postgres.remove();
  },
  SERVER_STARTS_MS,
);
