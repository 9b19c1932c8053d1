import { randomUUID } from 'node:crypto';
import { loadConfig } from '../../../config/config.ts';
import { createGroupConsumer, type GroupConsumer } from '../../../mixins/inbox/group-consumer.ts';
import { KafkaPublisher } from '../../../mixins/outbox/publisher.ts';
import type { Publisher } from '../../../mixins/outbox/relay.ts';
import { simulatedConsumer } from '../../../simulator/bus/consumer.ts';
import { Group } from '../../../simulator/bus/group.ts';
import { SimulatedPublisher } from '../../../simulator/bus/publisher.ts';
import { Topic } from '../../../simulator/bus/topic.ts';
import { FaultDice } from '../../../simulator/fault-dice.ts';
import { ProcessClock } from '../../../simulator/process-clock.ts';
import { Process, Scheduler } from '../../../simulator/scheduler.ts';
import { freshTopic, testKafka } from '../../support/consuming-service.ts';
import { testKafkaBrokers } from '../../support/database.ts';
import { silentLogger } from '../../support/silent-logger.ts';
import { runBeside } from './simulated-time.ts';

export const PARTITIONS = 3;
const SEED = 3;

/** A topic of a test's own, and what publishes to it and consumes it. */
export interface BusStage {
  readonly topic: string;
  readonly publisher: Publisher;
  /** A member of a group, not started yet. */
  consumer(group: string): GroupConsumer;
  /** How many records can be read now. */
  readable(): Promise<number>;
  close(): Promise<void>;
}

/** A simulated bus that works: no fault strikes, nothing is late. */
export function simulatedBus(): Promise<BusStage> {
  const scheduler = new Scheduler(SEED);
  scheduler.isCalm = true;
  const dice = new FaultDice(scheduler, () => undefined);
  dice.isCalm = true;
  const process = new Process('test');
  const clock = new ProcessClock(scheduler, process);
  const topic = new Topic('things', PARTITIONS, () => undefined);
  const bus = { isDown: false };
  const hooks = { onCommit: () => undefined, count: () => undefined };
  const groups = new Map<string, Group>();
  return Promise.resolve({
    topic: topic.name,
    publisher: new SimulatedPublisher({ scheduler, process, dice, topic, source: '/test', bus, refused: new Set() }),
    consumer: (name) => {
      const group = groups.get(name) ?? new Group(name, PARTITIONS, scheduler, hooks);
      groups.set(name, group);
      return simulatedConsumer({ id: randomUUID(), scheduler, process, clock, dice, topic, group, bus });
    },
    readable: () => Promise.resolve(topic.partitions.flat().length),
    close: runBeside(scheduler),
  });
}

/** A topic of the test cluster's Kafka, with the product's producer and consumers. */
export async function kafkaBus(): Promise<BusStage> {
  const { kafka } = loadConfig({ KAFKA_BROKERS: testKafkaBrokers() });
  const topic = await freshTopic(PARTITIONS);
  const publisher = new KafkaPublisher({
    kafka,
    topic,
    source: '/test',
    clientId: 'conformance',
    logger: silentLogger,
  });
  await publisher.connect();
  const admin = testKafka().admin();
  await admin.connect();
  return {
    topic: topic.name,
    publisher,
    consumer: (group) => createGroupConsumer(kafka, `${topic.name}.${group}`, silentLogger),
    readable: async () => {
      const offsets = await admin.fetchTopicOffsets(topic.name);
      return offsets.reduce((sum, { high }) => sum + Number(high), 0);
    },
    close: async () => {
      await publisher.disconnect();
      await admin.disconnect();
    },
  };
}
