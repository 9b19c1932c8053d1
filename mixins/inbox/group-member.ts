import type { KafkaConfig } from '../../config/config.ts';
import type { EventTopic } from '../../events/topics.ts';
import {
  createKafka,
  isRebalanceError,
  kafkaErrorType,
  type Consumer,
  type EachBatchPayload,
  type KafkaMessage,
} from '../../kafka/client.ts';
import { Assignment, type ConsumerParts } from './assignment.ts';
import { atMost } from './backoff.ts';
import type { ArrivedRecord } from './record.ts';

/** After this long without a heartbeat the group gives the member's partitions to others. */
const SESSION_TIMEOUT_MS = 10_000;
/** How long the group waits for its members to come back when its membership changes. */
const REBALANCE_TIMEOUT_MS = 15_000;
const HEARTBEAT_INTERVAL_MS = 1000;
const COMMIT_INTERVAL_MS = 1000;
/** How long a fetch waits for the first record: bounds how late a silent member hears of a rebalance, and its stop. */
const MAX_WAIT_MS = 250;
/** What one fetch brings at most: bounds the memory of a consumer that is behind. */
const MAX_FETCH_BYTES = 5 * 1024 * 1024;
const MAX_PARTITION_BYTES = 1024 * 1024;
/** Each step of the way out is bounded: a broker that is away must not keep a node from stopping. */
const LEAVE_TIMEOUT_MS = 5000;
/** Every retry value is given: NODE_ENV=test would change kafkajs' defaults. A member that gives up is replaced. */
const RETRY = { initialRetryTime: 100, maxRetryTime: 1000, retries: 3, factor: 0.2, multiplier: 2 };

/** Answers to a commit that say: you are no member of this generation. */
const REFUSED_COMMIT = new Set(['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'FENCED_INSTANCE_ID']);

export interface MemberOptions {
  readonly kafka: KafkaConfig;
  readonly topic: EventTopic;
  readonly groupId: string;
  readonly parts: ConsumerParts;
}

/**
 * One kafkajs consumer, from its start until something is wrong with it; then a new one takes its place.
 *
 * kafkajs does not say when partitions are taken away, and what it throws out of `eachBatch` counts over the
 * consumer's life until it crashes: so nothing leaves `eachBatch` but the news of a rebalance.
 */
export class GroupMember {
  /** Resolves with a sentence once this member has to be replaced. */
  readonly ended: Promise<string>;
  readonly #options: MemberOptions;
  readonly #consumer: Consumer;
  #end: (reason: string) => void = () => undefined;
  #assignment: Assignment | null = null;
  /** The latest batch: its commit and heartbeat are the group's own, once, without the retries around the consumer's. */
  #latest: EachBatchPayload | null = null;
  /** On the monotonic clock: a clock that is set back silences kafkajs' heartbeat, while it goes on consuming. */
  #deadline = performance.now() + REBALANCE_TIMEOUT_MS + SESSION_TIMEOUT_MS;
  #timers: NodeJS.Timeout[] = [];
  #committing = false;
  #leaving = false;
  #started: Promise<void> = Promise.resolve();
  readonly #left = Promise.withResolvers<undefined>();

  constructor(options: MemberOptions) {
    this.#options = options;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    // A client of its own: kafkajs keeps the committed offsets of a group in the client, for all its consumers.
    this.#consumer = createKafka(options.kafka, options.groupId, options.parts.logger).consumer({
      groupId: options.groupId,
      sessionTimeout: SESSION_TIMEOUT_MS,
      rebalanceTimeout: REBALANCE_TIMEOUT_MS,
      // kafkajs sends no heartbeat sooner than this after the one before: a little less than our own interval.
      heartbeatInterval: HEARTBEAT_INTERVAL_MS - 100,
      maxWaitTimeInMs: MAX_WAIT_MS,
      minBytes: 1,
      maxBytes: MAX_FETCH_BYTES,
      maxBytesPerPartition: MAX_PARTITION_BYTES,
      allowAutoTopicCreation: false,
      retry: { ...RETRY, restartOnFailure: () => Promise.resolve(false) },
    });
  }

  /** Joins the group and consumes. @throws when Kafka cannot be reached */
  start(): Promise<void> {
    this.#started = this.#join();
    return this.#started;
  }

  async #join(): Promise<void> {
    const { topic } = this.#options;
    this.#listen();
    await this.#consumer.connect();
    await this.#consumer.subscribe({ topics: [topic.name], fromBeginning: true });
    this.#timers = [
      setInterval(() => void this.#beat(), HEARTBEAT_INTERVAL_MS),
      setInterval(() => void this.#commitSettled(), COMMIT_INTERVAL_MS),
    ];
    await this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      // One for each partition: with fewer a slow handler blocks every fetch.
      partitionsConsumedConcurrently: topic.partitions,
      eachBatch: (payload) => this.#eachBatch(payload),
    });
  }

  /** Finishes the transaction in flight, commits offsets and leaves the group. Bounded; never throws. */
  async leave(): Promise<void> {
    this.#leaving = true;
    await this.#assignment?.finish();
    await atMost(LEAVE_TIMEOUT_MS, this.#commitSettled());
    for (const timer of this.#timers) clearInterval(timer);
    this.#assignment?.release(null);
    await atMost(LEAVE_TIMEOUT_MS, this.#disconnect());
  }

  async #disconnect(): Promise<void> {
    try {
      // kafkajs does not stop a consumer that is about to join: it would consume for ever.
      await this.#started.catch(() => undefined);
      const disconnected = this.#consumer.disconnect();
      // Only now may waiting calls return: kafkajs would fetch the same records again and again.
      this.#left.resolve(undefined);
      await disconnected;
    } catch {
      // Whatever is wrong with the connection, the group gives the partitions to others when the session ends.
    }
  }

  #listen(): void {
    const { events } = this.#consumer;
    this.#consumer.on(events.HEARTBEAT, () => {
      this.#deadline = performance.now() + SESSION_TIMEOUT_MS;
    });
    this.#consumer.on(events.GROUP_JOIN, ({ payload }) => {
      this.#deadline = performance.now() + SESSION_TIMEOUT_MS;
      this.#begin((payload.memberAssignment as Record<string, number[]>)[this.#options.topic.name] ?? []);
    });
    this.#consumer.on(events.REBALANCING, () => {
      this.#rejoining();
      // Nothing waits, or kafkajs would not have come here; what is settled may still be committed, before the join.
      void this.#assignment?.finish();
      void this.#commitSettled();
    });
    this.#consumer.on(events.CRASH, ({ payload }) => {
      this.#end(`kafkajs gave up: ${payload.error.message}`);
    });
  }

  #rejoining(): void {
    this.#deadline = performance.now() + REBALANCE_TIMEOUT_MS + SESSION_TIMEOUT_MS;
  }

  #begin(partitions: number[]): void {
    // kafkajs rejoins by itself after some metadata errors: what waits then belongs to no generation any more.
    void this.#assignment?.finish();
    this.#assignment?.release(null);
    const { parts, topic } = this.#options;
    this.#assignment = new Assignment(parts, topic.name, partitions);
    parts.waitsFor = null;
    parts.logger.debug(`Consumer ${parts.consumer} holds partitions ${partitions.join(', ')} of ${topic.name}.`);
  }

  async #eachBatch(payload: EachBatchPayload): Promise<void> {
    const assignment = this.#assignment;
    if (this.#leaving || assignment === null) return this.#left.promise;
    this.#latest = payload;
    const { topic, partition, messages } = payload.batch;
    const receivedAt = new Date();
    const records = messages.map((message) => toRecord(topic, partition, message, receivedAt));
    // Rejects with a rebalance and with nothing else.
    const settled = await assignment.deliver(partition, records);
    const last = messages.at(-1);
    if (settled && last !== undefined && assignment === this.#assignment) payload.resolveOffset(last.offset);
    // It may have begun in the meantime.
    if (this.#isLeaving()) await this.#left.promise;
  }

  #isLeaving(): boolean {
    return this.#leaving;
  }

  /** Once a second: keeps the membership while batches wait, hears of rebalances, and watches the clock. */
  async #beat(): Promise<void> {
    if (this.#leaving) return;
    if (performance.now() > this.#deadline) {
      this.#end(`the group has heard nothing of this member for ${SESSION_TIMEOUT_MS} ms`);
      return;
    }
    const assignment = this.#assignment;
    if (this.#latest === null || assignment === null || !assignment.busy || assignment.ended) return;
    try {
      await this.#latest.heartbeat();
    } catch (error) {
      // Any other error: Kafka is away for a moment, or for longer; then the deadline passes.
      if (isRebalanceError(error)) await this.#giveUp(assignment, error as Error);
    }
  }

  /** The partitions are taken away: finish, say how far it got, and let kafkajs join again, within the rebalance timeout. */
  async #giveUp(assignment: Assignment, rebalance: Error): Promise<void> {
    this.#rejoining();
    await assignment.finish();
    await atMost(LEAVE_TIMEOUT_MS, this.#commitSettled());
    assignment.release(rebalance);
  }

  async #commitSettled(): Promise<void> {
    const assignment = this.#assignment;
    const partitions = assignment?.offsets.pending() ?? [];
    if (assignment === null || this.#latest === null || partitions.length === 0 || this.#committing) return;
    this.#committing = true;
    try {
      await this.#latest.commitOffsetsIfNecessary({ topics: [{ topic: this.#options.topic.name, partitions }] });
      assignment.committed(partitions);
    } catch (error) {
      // While the assignment ends, a refusal is what is to be expected.
      if (REFUSED_COMMIT.has(kafkaErrorType(error) ?? '') && assignment === this.#assignment && !assignment.ended) {
        this.#end(`the group refused a commit: ${kafkaErrorType(error) ?? ''}`);
      }
    } finally {
      this.#committing = false;
    }
  }
}

function toRecord(topic: string, partition: number, message: KafkaMessage, receivedAt: Date): ArrivedRecord {
  return {
    topic,
    partition,
    offset: BigInt(message.offset),
    key: message.key,
    value: message.value,
    ...(message.headers !== undefined && { headers: message.headers }),
    kafkaTime: new Date(Number(message.timestamp)),
    receivedAt,
  };
}
