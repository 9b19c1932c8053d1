import { loadConfig } from '../../config/config.ts';
import { createKafka, createPartitioner } from '../../kafka/client.ts';
import { silentLogger } from '../../test/support/silent-logger.ts';
import { orderEvents, toRecords } from './order-events.ts';
import { readyTopic } from './ready-topic.ts';
import { work } from './worker.ts';

export interface ProducerRequest {
  readonly brokers: string;
  readonly rows: number;
  /** Rows of one request: as many as the relay puts into one. */
  readonly requestRows: number;
}

export interface Produced {
  readonly elapsedMs: number;
}

const ACKS_ALL = -1;

/** Sends the records of so many events from memory, one request after the other, as the relay has to, too. */
async function produce({ brokers, rows, requestRows }: ProducerRequest): Promise<Produced> {
  const topic = await readyTopic(brokers, 'producer');
  const kafka = createKafka(loadConfig({ KAFKA_BROKERS: brokers }).kafka, 'producer', silentLogger);
  const producer = kafka.producer({ createPartitioner });
  await producer.connect();
  const records = toRecords(orderEvents(rows));
  const startedAtMs = performance.now();
  for (let sent = 0; sent < rows; sent += requestRows) {
    const messages = records.slice(sent, sent + requestRows);
    await producer.sendBatch({ acks: ACKS_ALL, topicMessages: [{ topic: topic.name, messages }] });
  }
  const elapsedMs = performance.now() - startedAtMs;
  await producer.disconnect();
  return { elapsedMs };
}

work(produce);
