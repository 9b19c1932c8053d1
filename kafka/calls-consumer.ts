import { randomUUID } from 'node:crypto';
import { NO_RETRY, type Admin, type Consumer, type Kafka, type KafkaMessage } from './client.ts';

/** After this long without a heartbeat Kafka forgets the member; the least that brokers allow by default. */
const SESSION_TIMEOUT_MS = 6000;
const HEARTBEAT_INTERVAL_MS = 2000;
/** How long an idle fetch waits at the broker; stopping waits for it. A packet ends the wait at once. */
const IDLE_FETCH_MS = 500;
/** From connecting to the first fetch. A broker's default delays a new group's first join by three seconds. */
const START_TIMEOUT_MS = 10_000;
/** A whole batch of calls, and the next one. */
const MAX_BYTES_PER_TOPIC = 2 * 1024 * 1024;

export interface CallsConsumerOptions {
  readonly kafka: Kafka;
  /** Shown in the names of its groups; each start makes a group of its own. */
  readonly groupPrefix: string;
  readonly topics: readonly string[];
  /** Takes a packet; it must not wait for what the packet starts. */
  readonly onPacket: (topic: string, message: KafkaMessage) => void;
  /** The consumer has ended by itself. */
  readonly onCrash: (error: Error) => void;
}

/**
 * Consumes the calls of one node. It commits nothing and its group is fresh for each start: calls are of interest to
 * this process only, and a member of an old group would first have to outwait its predecessor's session. Where it
 * stands is kept here, so that a replacement goes on where its predecessor crashed.
 */
export class CallsConsumer {
  readonly #options: CallsConsumerOptions;
  /** Offset of the next packet, by topic. */
  readonly #positions = new Map<string, bigint>();
  #consumer: Consumer | null = null;

  constructor(options: CallsConsumerOptions) {
    this.#options = options;
  }

  /** @returns false before the first start, after a crash and after `stop()` */
  get isRunning(): boolean {
    return this.#consumer !== null;
  }

  /**
   * Starts, or replaces what runs or crashed. Every packet written after the first call of this method began is seen.
   *
   * @param admin a connected admin client
   * @returns when the first fetch is answered
   * @throws Error when that does not happen in time; the consumer does not run then
   */
  async start(admin: Admin): Promise<void> {
    this.#discard();
    await this.#takePositions(admin);
    const consumer = this.#options.kafka.consumer({
      groupId: `${this.#options.groupPrefix}.${randomUUID()}`,
      sessionTimeout: SESSION_TIMEOUT_MS,
      heartbeatInterval: HEARTBEAT_INTERVAL_MS,
      rebalanceTimeout: SESSION_TIMEOUT_MS,
      maxWaitTimeInMs: IDLE_FETCH_MS,
      maxBytesPerPartition: MAX_BYTES_PER_TOPIC,
      allowAutoTopicCreation: false,
      // It is replaced as soon as anything fails; kafkajs' own restart takes tens of seconds.
      retry: { ...NO_RETRY, restartOnFailure: () => Promise.resolve(false) },
    });
    this.#consumer = consumer;
    try {
      await this.#run(consumer);
    } catch (error) {
      if (this.#consumer === consumer) this.#discard();
      throw error;
    }
  }

  /** Leaves the group, which then is empty and without commits: Kafka removes it. */
  async stop(): Promise<void> {
    const consumer = this.#consumer;
    this.#consumer = null;
    await consumer?.disconnect();
  }

  async #run(consumer: Consumer): Promise<void> {
    const { CRASH, FETCH, GROUP_JOIN } = consumer.events;
    // kafkajs would settle on an offset of its own after each join; what was sent until then would be lost.
    consumer.on(GROUP_JOIN, () => {
      this.#seek(consumer);
    });
    let timer: NodeJS.Timeout | undefined;
    const firstFetch = new Promise<void>((resolve, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`The consumer of calls fetched nothing for ${START_TIMEOUT_MS} ms.`));
      }, START_TIMEOUT_MS);
      consumer.on(FETCH, () => {
        resolve();
      });
      consumer.on(CRASH, ({ payload }) => {
        reject(payload.error);
        this.#crashed(consumer, payload.error);
      });
    });
    try {
      await Promise.all([firstFetch, this.#join(consumer)]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #join(consumer: Consumer): Promise<void> {
    await consumer.connect();
    await consumer.subscribe({ topics: [...this.#options.topics] });
    await consumer.run({
      autoCommit: false,
      eachBatch: ({ batch }) => {
        this.#take(consumer, batch.topic, batch.messages);
        return Promise.resolve();
      },
    });
  }

  #take(consumer: Consumer, topic: string, messages: readonly KafkaMessage[]): void {
    // One that was replaced may still have a fetch under way.
    if (this.#consumer !== consumer) return;
    for (const message of messages) {
      const next = BigInt(message.offset) + 1n;
      // After a seek backwards a fetch may return what was taken already.
      if (next <= (this.#positions.get(topic) ?? 0n)) continue;
      this.#positions.set(topic, next);
      this.#options.onPacket(topic, message);
    }
  }

  #seek(consumer: Consumer): void {
    for (const [topic, offset] of this.#positions) consumer.seek({ topic, partition: 0, offset: offset.toString() });
  }

  #crashed(consumer: Consumer, error: Error): void {
    if (this.#consumer !== consumer) return;
    this.#consumer = null;
    this.#options.onCrash(error);
  }

  /** Its end is not waited for: it may be stuck with a broker that is gone. */
  #discard(): void {
    const consumer = this.#consumer;
    this.#consumer = null;
    consumer?.disconnect().catch(() => undefined);
  }

  /** Where to read from: the topics' ends at first, later where the last consumer stood, within what Kafka still has. */
  async #takePositions(admin: Admin): Promise<void> {
    for (const topic of this.#options.topics) {
      // One after the other: kafkajs loses connections to brokers that two requests learn of at a time.
      const offsets = await admin.fetchTopicOffsets(topic);
      const found = offsets.find(({ partition }) => partition === 0);
      if (found === undefined) throw new Error(`Topic ${topic} has no partition 0.`);
      const [low, high] = [BigInt(found.low), BigInt(found.high)];
      const position = this.#positions.get(topic);
      if (position === undefined || position > high) this.#positions.set(topic, high);
      else if (position < low) this.#positions.set(topic, low);
    }
  }
}
