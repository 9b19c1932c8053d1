import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import type { KafkaConfig } from '../../config/config.ts';
import { createKafka, type Consumer } from '../../kafka/client.ts';
import { silentLogger } from '../../test/support/silent-logger.ts';

/** As long as the product's consumers let Kafka wait for a record that does not come. */
const MAX_WAIT_MS = 250;

/** Two commits and two Kafka hops, and nothing besides: what no order can do without. */
export interface BarePath {
  /** @returns milliseconds from the first statement to the second hop's end */
  timeOne(): Promise<number>;
  close(): Promise<void>;
}

/** @param databaseUrl of an empty database */
export async function openBarePath(kafka: KafkaConfig, databaseUrl: string): Promise<BarePath> {
  const database = new Client({ connectionString: databaseUrl });
  await database.connect();
  await database.query('CREATE TABLE writes (id uuid PRIMARY KEY, step int NOT NULL)');
  const client = createKafka(kafka, 'bare', silentLogger);
  const producer = client.producer({ allowAutoTopicCreation: false });
  const admin = client.admin();
  await admin.connect();
  const topics = ['bare-there', 'bare-back'];
  await admin.createTopics({ topics: topics.map((topic) => ({ topic, numPartitions: 1 })), waitForLeaders: true });
  await admin.disconnect();
  await producer.connect();

  const commit = async (id: string, step: number): Promise<void> => {
    await database.query('INSERT INTO writes VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET step = $2', [id, step]);
  };
  const send = async (topic: string, id: string): Promise<void> => {
    await producer.send({ topic, acks: -1, messages: [{ value: id }] });
  };
  const waiting = new Map<string, () => void>();
  const consumers = [
    await consume(
      client.consumer({ groupId: 'bare-there', maxWaitTimeInMs: MAX_WAIT_MS }),
      'bare-there',
      async (id) => {
        await commit(id, 2);
        await send('bare-back', id);
      },
    ),
    await consume(client.consumer({ groupId: 'bare-back', maxWaitTimeInMs: MAX_WAIT_MS }), 'bare-back', (id) => {
      waiting.get(id)?.();
      waiting.delete(id);
      return Promise.resolve();
    }),
  ];
  return {
    timeOne: async () => {
      const id = randomUUID();
      const arrived = new Promise<void>((resolve) => waiting.set(id, resolve));
      const startedAtMs = performance.now();
      await commit(id, 1);
      await send('bare-there', id);
      await arrived;
      return performance.now() - startedAtMs;
    },
    close: async () => {
      await Promise.all([...consumers.map((consumer) => consumer.disconnect()), producer.disconnect()]);
      await database.end();
    },
  };
}

async function consume(consumer: Consumer, topic: string, handle: (id: string) => Promise<void>): Promise<Consumer> {
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  const joined = new Promise<void>((resolve) =>
    consumer.on(consumer.events.GROUP_JOIN, () => {
      resolve();
    }),
  );
  await consumer.run({
    autoCommit: false,
    eachMessage: ({ message }) => handle(String(message.value)),
  });
  await joined;
  return consumer;
}
