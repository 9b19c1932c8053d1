import type { KafkaConfig } from '../../config/config.ts';
import { EventSchemas } from '../../events/envelope.ts';
import type { EventDefinition } from '../../events/event.ts';
import type { EventTopic } from '../../events/topics.ts';
import type { ConsumerState } from '../../contract/node-states.ts';
import { createKafka, withAdmin, type Logger } from '../../kafka/client.ts';
import { groupLag } from '../../kafka/group-lag.ts';
import { ensureEventTopics, topicRetentionMs } from '../../kafka/topics.ts';
import type { ConsumerParts } from './assignment.ts';
import { atMost } from '../time/backoff.ts';
import { BatchSize } from './batch-size.ts';
import { emptyStats, type ConsumerStats } from './consumer-stats.ts';
import { systemClock } from '../time/clock.ts';
import { createGroupConsumer } from './group-consumer.ts';
import type { GroupMember } from './group-member.ts';
import { renewInboxPartitions } from './inbox-partitions.ts';
import { keepConsuming } from './keep-consuming.ts';
import { MemberWatch } from './member-watch.ts';
import { inboxRetention } from './inbox-retention.ts';
import { PostgresInboxStore, type InboxContext } from './postgres-inbox-store.ts';
import { RecentLags } from './recent-lags.ts';
import type { Handle } from './settle-batch.ts';

/** How often partitions of the inbox are made and dropped. */
const RENEW_INTERVAL_MS = 60 * 60 * 1000;
/** Longer than a member takes to finish, commit and leave, each of which is bounded. */
const STOP_TIMEOUT_MS = 20_000;

/** One consumer of a service: where it reads, and what it does with it. */
export interface DescribedConsumer extends InboxContext {
  readonly kafka: KafkaConfig;
  readonly topic: EventTopic;
  readonly groupId: string;
  /** The event types that it knows; others are skipped. */
  readonly events: readonly EventDefinition[];
  readonly handle: Handle;
  readonly logger: Logger;
}

export interface EventConsumerOptions extends DescribedConsumer {
  /** Events per transaction at most; a thousand unless given. */
  readonly maxBatch?: number | undefined;
  /** How long nothing may move while there is work, until the member is replaced. */
  readonly silenceLimitMs: number;
  /** Told of each committed transaction: its events, and how many milliseconds it took. */
  readonly onBatch: (count: number, tookMs: number) => void;
  /** What it stands on is away, and said so: its silence then means nothing. */
  readonly isExcused: () => boolean;
}

interface Position {
  /** Partitions that it holds; none while it joins its group. */
  readonly partitions: number;
  /** How long the oldest record waits that is not settled, in milliseconds; null while it holds no partition. */
  readonly lagAgeMs: number | null;
}

/** Consumes a topic into a service for as long as its node lives. */
export class EventConsumer {
  readonly #options: EventConsumerOptions;
  readonly #parts: ConsumerParts;
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #renewal: NodeJS.Timeout | undefined;
  readonly #watch: MemberWatch;
  readonly #lags: RecentLags;
  #member: GroupMember | null = null;

  constructor(options: EventConsumerOptions) {
    this.#options = options;
    this.#parts = {
      store: new PostgresInboxStore(options),
      clock: systemClock,
      consumer: options.consumer,
      handle: options.handle,
      logger: options.logger,
      schemas: new EventSchemas(options.events),
      batchSize: new BatchSize(options.maxBatch),
      stats: emptyStats(),
      onBatch: options.onBatch,
      waitsFor: 'has not joined its group yet',
    };
    this.#watch = new MemberWatch({ ...options, stats: this.#parts.stats });
    this.#lags = new RecentLags(() =>
      groupLag(options.kafka, { groupId: options.groupId, topic: options.topic.name }, options.logger),
    );
  }

  /** Begins to consume, in the background: Kafka may be away, and the service starts all the same. */
  start(): void {
    const { kafka, groupId, topic, logger } = this.#options;
    this.#running = keepConsuming(
      {
        parts: this.#parts,
        topic,
        prepare: () => this.#prepare(),
        newConsumer: () => createGroupConsumer(kafka, groupId, logger),
        watch: (member) => {
          this.#member = member;
          return this.#watch.begin(member);
        },
      },
      this.#stop.signal,
    );
  }

  /** Finishes the transaction in flight, commits offsets, leaves the group. Bounded; never throws. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await atMost(STOP_TIMEOUT_MS, this.#running);
    clearInterval(this.#renewal);
  }

  /** What settles an event here, for those who settle events that come from elsewhere than the topic. */
  get parts(): Readonly<Omit<ConsumerParts, 'waitsFor' | 'stats' | 'batchSize'>> {
    return this.#parts;
  }

  stats(): Readonly<ConsumerStats> {
    return { ...this.#parts.stats };
  }

  /** What it holds now, and how far behind that is. */
  position(): Position {
    const partitions = this.#member?.partitions.length ?? 0;
    const oldestAt = this.#member?.oldestWaitingAt() ?? null;
    const lagAgeMs = oldestAt === null ? this.#watch.stalledMs() : Math.max(0, this.#parts.clock.epochMs() - oldestAt);
    return { partitions, lagAgeMs: partitions === 0 ? null : lagAgeMs };
  }

  /** @returns what it waits for, as a sentence; null when it is at work */
  unready(): string | null {
    return this.#parts.waitsFor ?? this.#watch.trouble();
  }

  /** What it holds and how far that is behind: for operators, who may ask often. */
  async state(): Promise<ConsumerState> {
    const { consumer, groupId, topic } = this.#options;
    const { settled, duplicates, skipped, parked } = this.#parts.stats;
    const lags = await this.#lags.read();
    return {
      consumer,
      groupId,
      topic: topic.name,
      partitionCount: topic.partitions,
      partitions: [...(this.#member?.partitions ?? [])]
        .sort((a, b) => a - b)
        .map((partition) => ({
          partition,
          lag: lags.get(partition)?.toString() ?? null,
          ageMs: ageOf(this.#member?.oldestWaiting(partition) ?? null),
        })),
      groupLag: [...lags].sort(([a], [b]) => a - b).map(([partition, lag]) => ({ partition, lag: lag.toString() })),
      settled,
      duplicates,
      skipped,
      deadLetters: parked,
      trouble: this.unready(),
    };
  }

  /** Topics and inbox partitions, once before the first member. */
  async #prepare(): Promise<void> {
    const { kafka, topic, groupId, logger, sequelize, consumer } = this.#options;
    const retention = await withAdmin(createKafka(kafka, groupId, logger), async (admin) => {
      await ensureEventTopics(admin, [topic], logger);
      return inboxRetention(await topicRetentionMs(admin, topic.name));
    });
    if (retention.warning !== null) logger.warn(`Consumer ${consumer}, topic ${topic.name}: ${retention.warning}`);
    const { keepMs } = retention;
    const renew = (): Promise<void> =>
      renewInboxPartitions(sequelize, keepMs).catch((error: unknown) => {
        // No reason to wait: the default partition takes what has none of its own.
        logger.warn(`Inbox partitions were not renewed, next attempt in an hour: ${String(error)}`);
      });
    await renew();
    this.#renewal = setInterval(() => void renew(), RENEW_INTERVAL_MS);
    this.#renewal.unref();
  }
}

/** Clocks differ: what Kafka has appended is never from the future. */
function ageOf(time: Date | null): number | null {
  return time === null ? null : Math.max(0, Date.now() - time.getTime());
}
