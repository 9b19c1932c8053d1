import { randomUUID } from 'node:crypto';
import { loadConfig } from '../../config/config.ts';
import { ensureCallTopics } from '../../kafka/call-topics.ts';
import { CallsConsumer } from '../../kafka/calls-consumer.ts';
import { createKafka, createPartitioner, NO_RETRY } from '../../kafka/client.ts';
import { testKafkaBrokers } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { silentLogger } from '../support/silent-logger.ts';

const STARTS = 15;

const kafka = createKafka(loadConfig({ KAFKA_BROKERS: testKafkaBrokers() }).kafka, 'test', silentLogger);
const producer = kafka.producer({ createPartitioner, retry: NO_RETRY });
const admin = kafka.admin();
const consumers: CallsConsumer[] = [];
const senders: Sender[] = [];

beforeAll(async () => {
  await Promise.all([producer.connect(), admin.connect()]);
});

afterAll(async () => {
  await Promise.allSettled(senders.map((sender) => sender.stop()));
  await Promise.all(consumers.map((consumer) => consumer.stop()));
  await Promise.all([producer.disconnect(), admin.disconnect()]);
});

async function freshTopic(): Promise<string> {
  const name = `calls-consumer-${randomUUID()}`;
  await ensureCallTopics(admin, [{ name, stampedByKafka: false }], silentLogger);
  return name;
}

function consumerOf(topic: string): { consumer: CallsConsumer; taken: number[] } {
  const taken: number[] = [];
  const consumer = new CallsConsumer({
    kafka,
    groupPrefix: topic,
    topics: [topic],
    onPacket: (_topic, { value }) => taken.push(Number(value)),
    onCrash: () => undefined,
  });
  consumers.push(consumer);
  return { consumer, taken };
}

/** A Kafka that has just started has no coordinator for groups yet: the transporter, too, tries again. */
async function startUp(consumer: CallsConsumer): Promise<void> {
  await eventually(() => consumer.start(admin), { timeoutMs: 30_000, intervalMs: 250 });
}

interface Sender {
  /** What is written next, or just now. */
  next(): number;
  /** @returns how many numbers were written */
  stop(): Promise<number>;
}

/** Writes 0, 1, 2, … until told to stop. */
function keepSending(topic: string): Sender {
  let [number, isStopped] = [0, false];
  const sending = (async () => {
    while (!isStopped) {
      await producer.send({ topic, acks: 1, messages: [{ value: `${number}`, partition: 0 }] });
      number += 1;
    }
  })();
  // Whoever stops it hears of a failure; until then nobody listens.
  sending.catch(() => undefined);
  const sender = {
    next: () => number,
    stop: async () => {
      isStopped = true;
      await sending;
      return number;
    },
  };
  senders.push(sender);
  return sender;
}

test('nothing that is sent after a consumer has started is lost, start after start', async () => {
  for (let start = 0; start < STARTS; start += 1) {
    const topic = await freshTopic();
    const { consumer, taken } = consumerOf(topic);
    const sender = keepSending(topic);
    await eventually(() => {
      expect(sender.next()).toBeGreaterThan(5);
    });
    await startUp(consumer);
    // The number at hand may have been written already; the one after it is certain to come later.
    const firstAfter = sender.next() + 1;
    await eventually(() => {
      expect(sender.next()).toBeGreaterThan(firstAfter + 5);
    });
    const end = await sender.stop();
    await eventually(() => {
      expect(taken.at(-1)).toBe(end - 1);
    });
    const expected = Array.from({ length: end - firstAfter }, (_, index) => firstAfter + index);
    expect(taken.filter((number) => number >= firstAfter)).toEqual(expected);
    await consumer.stop();
  }
});

test('nothing that is sent while a consumer joins is lost: it reads from the ends that it saw first', async () => {
  const topic = await freshTopic();
  const { consumer, taken } = consumerOf(topic);
  const fetchTopicOffsets = admin.fetchTopicOffsets.bind(admin);
  const spy = jest.spyOn(admin, 'fetchTopicOffsets').mockImplementationOnce(async (name) => {
    const ends = await fetchTopicOffsets(name);
    await producer.send({ topic, messages: [{ value: '7', partition: 0 }] });
    return ends;
  });
  await startUp(consumer);
  spy.mockRestore();
  await eventually(() => {
    expect(taken).toEqual([7]);
  });
});

test('a consumer that was replaced goes on where it had stopped, and takes nothing twice', async () => {
  const topic = await freshTopic();
  const { consumer, taken } = consumerOf(topic);
  await startUp(consumer);
  const sender = keepSending(topic);
  for (let replacement = 0; replacement < 3; replacement += 1) {
    const before = sender.next();
    await consumer.stop();
    await eventually(() => {
      expect(sender.next()).toBeGreaterThan(before + 5);
    });
    await startUp(consumer);
  }
  const end = await sender.stop();
  await eventually(() => {
    expect(taken.at(-1)).toBe(end - 1);
  });
  expect(taken).toEqual(Array.from({ length: end }, (_, number) => number));
});
