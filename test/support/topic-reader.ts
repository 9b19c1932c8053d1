import { randomUUID } from 'node:crypto';
import { loadConfig } from '../../config/config.ts';
import { createKafka } from '../../kafka/client.ts';
import { silentLogger } from './silent-logger.ts';

export interface ReadRecord {
  readonly partition: number;
  readonly key: string;
  readonly value: string;
  readonly eventId: string;
  readonly headers: Readonly<Record<string, string>>;
  /** As Kafka has it, milliseconds since the epoch. */
  readonly timestamp: number;
}

export interface TopicReader {
  /** What came so far: within a partition in the topic's order. */
  readonly records: readonly ReadRecord[];
  close(): Promise<void>;
}

/** Reads a topic from its beginning and keeps everything, repeats included. The topic has to exist. */
export async function readTopic(brokers: string, topic: string): Promise<TopicReader> {
  const kafka = createKafka(loadConfig({ KAFKA_BROKERS: brokers }).kafka, 'test-reader', silentLogger);
  const consumer = kafka.consumer({ groupId: `test-${randomUUID()}`, maxWaitTimeInMs: 50 });
  const records: ReadRecord[] = [];
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachMessage: ({ partition, message }) => {
      const headers = Object.fromEntries(
        Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)]),
      );
      records.push({
        partition,
        key: String(message.key),
        value: String(message.value),
        eventId: headers['ce_id'] ?? '',
        headers,
        timestamp: Number(message.timestamp),
      });
      return Promise.resolve();
    },
  });
  return { records, close: () => consumer.disconnect() };
}
