import { randomUUID } from 'node:crypto';
import { createKafka, withAdmin, type Kafka, type KafkaMessage, type Producer } from '../../kafka/client.ts';
import type { ChaosCluster } from '../cluster/chaos-cluster.ts';
import { eventTopics } from '../../events/topics.ts';
import { silent } from './groups.ts';

/** A record as it lies in a topic. */
export interface TopicRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: KafkaMessage['headers'];
}

/** What a fault appends. */
export interface Appended {
  readonly partition: number;
  readonly key: Buffer | string | null;
  readonly value: Buffer | string | null;
  readonly headers: KafkaMessage['headers'];
}

/** A place in a topic. */
export interface Place {
  readonly partition: number;
  readonly offset: bigint;
}

/** Marks what a fault has appended: it is not doubled once more. No consumer reads this header. */
const AGAIN_HEADER = 'chaos-again';
const READ_TIMEOUT_MS = 15_000;

/** The topics of events of the cluster under test. */
export function topicsOf({ namespace }: ChaosCluster): { orders: string; payments: string } {
  const { orders, payments } = eventTopics(namespace);
  return { orders: orders.name, payments: payments.name };
}

export function kafkaOf({ kafka }: ChaosCluster): Kafka {
  return createKafka(kafka, 'chaos-faults', silent);
}

async function withProducer<T>(cluster: ChaosCluster, work: (producer: Producer) => Promise<T>): Promise<T> {
  const producer = kafkaOf(cluster).producer({ allowAutoTopicCreation: false });
  await producer.connect();
  try {
    return await work(producer);
  } finally {
    await producer.disconnect();
  }
}

/** @returns where a record of each partition's end would come */
export async function endsOf(cluster: ChaosCluster, topic: string): Promise<Place[]> {
  const offsets = await withAdmin(kafkaOf(cluster), (admin) => admin.fetchTopicOffsets(topic));
  return offsets.map(({ partition, high }) => ({ partition, offset: BigInt(high) }));
}

/**
 * Appends records, each to its partition, in this order.
 *
 * @returns where they lie, in order
 */
export async function append(
  cluster: ChaosCluster,
  topic: string,
  records: readonly Appended[],
): Promise<readonly Place[]> {
  if (records.length === 0) return [];
  const written = await withProducer(cluster, (producer) =>
    producer.send({
      topic,
      acks: -1,
      messages: records.map(({ headers, ...record }) => ({
        ...record,
        headers: { ...headers, [AGAIN_HEADER]: 'yes' },
      })),
    }),
  );
  const next = new Map(written.map(({ partition, baseOffset }) => [partition, BigInt(baseOffset ?? '0')]));
  return records.map(({ partition }) => {
    const offset = next.get(partition) ?? 0n;
    next.set(partition, offset + 1n);
    return { partition, offset };
  });
}

/**
 * Reads the newest records that the system itself wrote.
 *
 * @param count of them at most, over all partitions
 */
export async function readNewest(cluster: ChaosCluster, topic: string, count: number): Promise<TopicRecord[]> {
  const ends = await endsOf(cluster, topic);
  const each = BigInt(Math.ceil((count * 2) / ends.length));
  const from = ends.map(({ partition, offset }) => ({ partition, offset: offset > each ? offset - each : 0n }));
  const read = await readUntil(cluster, topic, from, ends);
  return read.filter(({ headers }) => headers?.[AGAIN_HEADER] === undefined).slice(-count);
}

/** Reads from places to others, with a reader of its own that leaves no group behind. */
export async function readUntil(
  cluster: ChaosCluster,
  topic: string,
  from: readonly Place[],
  to: readonly Place[],
): Promise<TopicRecord[]> {
  const missing = new Map(
    to
      .filter(({ partition, offset }) => offset > (from.find((each) => each.partition === partition)?.offset ?? 0n))
      .map(({ partition, offset }) => [partition, offset]),
  );
  if (missing.size === 0) return [];
  const groupId = `chaos-reader-${randomUUID()}`;
  const consumer = kafkaOf(cluster).consumer({ groupId, maxWaitTimeInMs: 100, allowAutoTopicCreation: false });
  const records: TopicRecord[] = [];
  const isRead = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => {
    isRead.reject(new Error(`The topic ${topic} could not be read in ${READ_TIMEOUT_MS} ms.`));
  }, READ_TIMEOUT_MS);
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch: ({ batch: { partition, messages } }) => {
        for (const { offset, key, value, headers } of messages) {
          const end = missing.get(partition);
          if (end === undefined) break;
          records.push({ topic, partition, offset: BigInt(offset), key, value, headers });
          if (BigInt(offset) + 1n >= end) missing.delete(partition);
        }
        if (missing.size === 0) isRead.resolve(undefined);
        return Promise.resolve();
      },
    });
    for (const { partition, offset } of from) consumer.seek({ topic, partition, offset: offset.toString() });
    await isRead.promise;
  } finally {
    clearTimeout(timer);
    await consumer.disconnect();
    await withAdmin(kafkaOf(cluster), (admin) => admin.deleteGroups([groupId])).catch(() => undefined);
  }
  return records;
}

/** @returns whether a group has committed at least these places: what lies before them is settled */
export async function hasPassed(
  cluster: ChaosCluster,
  group: string,
  topic: string,
  places: readonly Place[],
): Promise<boolean> {
  const [found] = await withAdmin(kafkaOf(cluster), (admin) => admin.fetchOffsets({ groupId: group, topics: [topic] }));
  const committed = new Map(found?.partitions.map(({ partition, offset }) => [partition, BigInt(offset)]));
  return places.every(({ partition, offset }) => (committed.get(partition) ?? -1n) > offset);
}
