import { randomUUID } from 'node:crypto';
import type { KafkaConfig } from '../../config/config.ts';
import { createKafka, kafkaErrorType, type Admin, type EachBatchPayload, type Logger } from '../../kafka/client.ts';

/** Offsets by partition. */
export type Offsets = ReadonlyMap<number, bigint>;

/** A search that stands still for longer has lost its broker. */
const STILL_MS = 20_000;
/** Of a group whose only member reads once and leaves. */
const SESSION_TIMEOUT_MS = 10_000;
const MAX_WAIT_MS = 250;
const MAX_FETCH_BYTES = 5 * 1024 * 1024;

const silent = (): void => undefined;
/** A broker that is away is an answer of the audit, not a line in a log. */
const SILENT: Logger = { error: silent, warn: silent, info: silent, debug: silent };

/** Asks Kafka where groups and topics are, and what lies between. Nothing of a group is moved. */
export class TopicSpans {
  readonly #config: KafkaConfig;
  #admin: Admin | null = null;

  constructor(config: KafkaConfig) {
    this.#config = config;
  }

  /**
   * How far a group has come. Where it has committed nothing it begins with what the topic still has.
   *
   * @throws when Kafka does not answer
   */
  async committed(groupId: string, topic: string): Promise<Offsets> {
    const admin = await this.#connected();
    const [found] = await admin.fetchOffsets({ groupId, topics: [topic] });
    const begins = await this.#ends(topic, 'low');
    const committed = new Map((found?.partitions ?? []).map(({ partition, offset }) => [partition, BigInt(offset)]));
    return new Map(
      [...begins].map(([partition, begin]) => {
        const offset = committed.get(partition) ?? -1n;
        return [partition, offset < begin ? begin : offset];
      }),
    );
  }

  /** The offsets that the next records will have. @throws when Kafka does not answer */
  ends(topic: string): Promise<Offsets> {
    return this.#ends(topic, 'high');
  }

  /** The first offsets whose records are from that time or later. @throws when Kafka does not answer */
  async since(topic: string, timeMs: number): Promise<Offsets> {
    const admin = await this.#connected();
    const found = await admin.fetchTopicOffsetsByTimestamp(topic, timeMs);
    return new Map(found.map(({ partition, offset }) => [partition, BigInt(offset)]));
  }

  async close(): Promise<void> {
    const admin = this.#admin;
    this.#admin = null;
    await admin?.disconnect().catch(() => undefined);
  }

  /**
   * Reads a span of a topic and looks for the events of aggregates.
   *
   * @param subjects `ce_subject` of each: `<aggregate type>/<id>`
   * @returns those that were there; the search ends early when all are
   * @throws when Kafka does not answer for some time
   */
  async search(topic: string, from: Offsets, until: Offsets, subjects: ReadonlySet<string>): Promise<Set<string>> {
    const found = new Set<string>();
    const open = new Map([...until].filter(([partition, end]) => (from.get(partition) ?? 0n) < end));
    if (open.size === 0 || subjects.size === 0) return found;
    const consumer = createKafka(this.#config, 'audit', SILENT).consumer({
      groupId: `audit-${randomUUID()}`,
      sessionTimeout: SESSION_TIMEOUT_MS,
      maxWaitTimeInMs: MAX_WAIT_MS,
      maxBytes: MAX_FETCH_BYTES,
      allowAutoTopicCreation: false,
    });
    const { promise: done, resolve, reject } = Promise.withResolvers<undefined>();
    let watchdog = setTimeout(silent, 0);
    const moved = (): void => {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => {
        reject(new Error(`the topic ${topic} gave no records for ${STILL_MS} ms`));
      }, STILL_MS);
    };
    const eachBatch = ({ batch }: EachBatchPayload): Promise<void> => {
      moved();
      const begin = from.get(batch.partition) ?? 0n;
      for (const { offset, headers } of batch.messages) {
        const subject = headers?.['ce_subject']?.toString() ?? '';
        if (BigInt(offset) >= begin && subjects.has(subject)) found.add(subject);
      }
      if (BigInt(batch.lastOffset()) + 1n >= (open.get(batch.partition) ?? 0n)) open.delete(batch.partition);
      if (open.size === 0 || found.size === subjects.size) resolve(undefined);
      return Promise.resolve();
    };
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      reject(payload.error);
    });
    try {
      moved();
      await consumer.connect();
      await consumer.subscribe({ topics: [topic], fromBeginning: true });
      await consumer.run({ autoCommit: false, eachBatch });
      for (const [partition, end] of until) {
        const offset = from.get(partition) ?? 0n;
        consumer.seek({ topic, partition, offset: (offset < end ? offset : end).toString() });
      }
      await done;
    } finally {
      clearTimeout(watchdog);
      await consumer.disconnect().catch(() => undefined);
    }
    return found;
  }

  async #ends(topic: string, which: 'low' | 'high'): Promise<Offsets> {
    const admin = await this.#connected();
    try {
      const offsets = await admin.fetchTopicOffsets(topic);
      return new Map(offsets.map((each) => [each.partition, BigInt(each[which])]));
    } catch (error) {
      // Nobody has made it yet: nothing has been published.
      if (kafkaErrorType(error) === 'UNKNOWN_TOPIC_OR_PARTITION') return new Map();
      throw error;
    }
  }

  async #connected(): Promise<Admin> {
    if (this.#admin !== null) return this.#admin;
    const admin = createKafka(this.#config, 'audit', SILENT).admin();
    await admin.connect();
    this.#admin = admin;
    return admin;
  }
}
