import type { Transaction } from 'sequelize';
import type { EventTopic } from '../../events/topics.ts';
import { isRebalanceError, kafkaErrorType, type EachBatchPayload, type KafkaMessage } from '../../kafka/client.ts';
import { Assignment, type ConsumerParts } from './assignment.ts';
import { atMost } from '../time/backoff.ts';
import {
  HEARTBEAT_INTERVAL_MS,
  REBALANCE_TIMEOUT_MS,
  SESSION_TIMEOUT_MS,
  type GroupConsumer,
} from './group-consumer.ts';
import type { Clock } from '../time/clock.ts';
import type { ArrivedRecord } from './record.ts';

const COMMIT_INTERVAL_MS = 1000;
/** Each step of the way out is bounded: a broker that is away must not keep a node from stopping. */
const LEAVE_TIMEOUT_MS = 5000;
/** Answers to a commit that say: you are no member of this generation. */
const REFUSED_COMMIT = new Set(['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'FENCED_INSTANCE_ID']);

export interface MemberOptions<T = Transaction> {
  /** Not started yet, and this member's alone. */
  readonly consumer: GroupConsumer;
  readonly topic: EventTopic;
  readonly parts: ConsumerParts<T>;
}

/**
 * One kafkajs consumer, from its start until something is wrong with it; then a new one takes its place.
 *
 * kafkajs does not say when partitions are taken away, and what it throws out of `eachBatch` counts over the
 * consumer's life until it crashes: so nothing leaves `eachBatch` but the news of a rebalance.
 */
export class GroupMember<T = Transaction> {
  /** Resolves with a sentence once this member has to be replaced. */
  readonly ended: Promise<string>;
  readonly #options: MemberOptions<T>;
  readonly #consumer: GroupConsumer;
  readonly #clock: Clock;
  #end: (reason: string) => void = () => undefined;
  #assignment: Assignment<T> | null = null;
  /** The latest batch: its commit and heartbeat are the group's own, once, without the retries around the consumer's. */
  #latest: EachBatchPayload | null = null;
  /** On the monotonic clock: a clock that is set back silences kafkajs' heartbeat, while it goes on consuming. */
  #deadline: number;
  #endTimers: (() => void)[] = [];
  #committing = false;
  #leaving = false;
  #started: Promise<void> = Promise.resolve();
  readonly #left = Promise.withResolvers<undefined>();

  constructor(options: MemberOptions<T>) {
    this.#options = options;
    this.#consumer = options.consumer;
    this.#clock = options.parts.clock;
    this.#deadline = this.#clock.now() + REBALANCE_TIMEOUT_MS + SESSION_TIMEOUT_MS;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
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
    // Told to leave in the meantime: nobody would end what begins now.
    if (this.#isLeaving()) return;
    this.#endTimers = [
      this.#clock.every(HEARTBEAT_INTERVAL_MS, () => void this.#beat()),
      this.#clock.every(COMMIT_INTERVAL_MS, () => void this.#commitSettled()),
    ];
    await this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      // One for each partition: with fewer a slow handler blocks every fetch.
      partitionsConsumedConcurrently: topic.partitions,
      eachBatch: (payload) => this.#eachBatch(payload),
    });
  }

  /** Partitions that it holds; none while it joins. */
  get partitions(): readonly number[] {
    return this.#assignment?.ended === false ? this.#assignment.partitions : [];
  }

  /** When Kafka appended the oldest record of a partition that is in hand and not settled; null when there is none. */
  oldestWaiting(partition: number): Date | null {
    return this.#assignment?.oldestWaiting(partition) ?? null;
  }

  /** True while anything that was fetched waits to be settled. */
  get busy(): boolean {
    return this.#assignment?.busy === true;
  }

  /** When Kafka got the oldest record that was fetched and is not settled, milliseconds since the epoch; null: there is none. */
  oldestWaitingAt(): number | null {
    return this.#assignment?.ended === false ? this.#assignment.oldestWaitingAt() : null;
  }

  /** Something is wrong with it that it cannot see. */
  giveUp(reason: string): void {
    this.#end(reason);
  }

  /** Finishes the transaction in flight, commits offsets and leaves the group. Bounded; never throws. */
  async leave(): Promise<void> {
    this.#leaving = true;
    await this.#assignment?.finish();
    await atMost(LEAVE_TIMEOUT_MS, this.#commitSettled(), this.#clock);
    for (const end of this.#endTimers) end();
    this.#assignment?.release(null);
    await atMost(LEAVE_TIMEOUT_MS, this.#disconnect(), this.#clock);
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
      this.#deadline = this.#clock.now() + SESSION_TIMEOUT_MS;
    });
    this.#consumer.on(events.GROUP_JOIN, ({ payload }) => {
      this.#deadline = this.#clock.now() + SESSION_TIMEOUT_MS;
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
    this.#deadline = this.#clock.now() + REBALANCE_TIMEOUT_MS + SESSION_TIMEOUT_MS;
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
    const receivedAt = new Date(this.#clock.epochMs());
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
    if (this.#clock.now() > this.#deadline) {
      this.#end(`the group has heard nothing of this member for ${SESSION_TIMEOUT_MS} ms`);
      return;
    }
    const assignment = this.#assignment;
    if (this.#latest === null || assignment === null || !assignment.busy || assignment.ended) return;
    try {
      await this.#latest.heartbeat();
    } catch (error) {
      // Any other error: Kafka is away for a moment, or for longer; then the deadline passes.
      if (isRebalanceError(error)) await this.#letGo(assignment, error as Error);
    }
  }

  /** The partitions are taken away: finish, say how far it got, and let kafkajs join again, within the rebalance timeout. */
  async #letGo(assignment: Assignment<T>, rebalance: Error): Promise<void> {
    this.#rejoining();
    await assignment.finish();
    await atMost(LEAVE_TIMEOUT_MS, this.#commitSettled(), this.#clock);
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

/** A record as it came from Kafka. */
export function toRecord(topic: string, partition: number, message: KafkaMessage, receivedAt: Date): ArrivedRecord {
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
