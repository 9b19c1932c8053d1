import type { Service, ServiceSchema, ServiceSettingSchema } from 'moleculer';
import type { Sequelize } from 'sequelize';
import type { KafkaConfig } from '../config/config.ts';
import type { ConsumersState } from '../contract/node-states.ts';
import type { EventDefinition, ReceivedEvent } from '../events/event.ts';
import type { EventTopic } from '../events/topics.ts';
import { addReadinessCheck, unreadyParts } from '../health/readiness.ts';
import { consumerMetricsOf } from '../metrics/consumer-metrics.ts';
import { deadLetterMetricsOf, type OpenLetters } from '../metrics/dead-letter-metrics.ts';
import { Reading } from '../metrics/reading.ts';
import type { DatabaseService } from './database.mixin.ts';
import { deadLetterActions } from './dead-letters/actions.ts';
import { offerSide } from './dead-letters/sides.ts';
import type { ConsumerStats } from './inbox/consumer-stats.ts';
import { consumerSide } from './inbox/dead-letters/consumer-side.ts';
import { LettersTable } from './inbox/dead-letters/letters-table.ts';
import { EventConsumer, type DescribedConsumer } from './inbox/event-consumer.ts';
import { Replays } from './inbox/replay/replays.ts';
import type { HandleContext } from './inbox/settle-batch.ts';
import { replayActions, type Replaying } from './replay-actions.ts';

export { EventRefused } from './inbox/poison.ts';
export { inboxMigrations } from './inbox/migrations.ts';

export interface IdempotentConsumerOptions {
  readonly kafka: KafkaConfig;
  /** Separates clusters that share one Kafka: the prefix of every group id. */
  readonly namespace?: string;
  /** True: nothing is consumed, and only replays settle events: for a database that is being restored. */
  readonly paused?: boolean;
  /** Events per transaction at most; found by itself, and a thousand at most, unless given. */
  readonly maxBatch?: number;
  /** How long nothing may move in a consumer that has work, until its member of the group is replaced: 30 s. */
  readonly silenceLimitMs?: number;
}

/** A transaction ends within 15 s, and a pause between attempts within 3: whoever works shows it sooner. */
const DEFAULT_SILENCE_LIMIT_MS = 30_000;

/** One consumer of a service. */
export interface ConsumerDefinition<This> {
  readonly topic: EventTopic;
  /** The event types that it handles; others of the topic are skipped and counted. */
  readonly events: readonly EventDefinition[];
  /** It joins no group, and has only what replays bring it. */
  readonly onlyReplayed?: boolean;
  /**
   * Settles events that no committed transaction has settled before. All its writes go through `transaction`: they are
   * committed together with the inbox rows, or not at all. It may be called again with the same events when a
   * transaction fails, so it does nothing else (no call, no mail); a hint to others goes through `afterCommit`.
   *
   * @param events in order for each partition, several aggregates mixed
   * @throws EventRefused for one that will never be accepted; anything else is tried again
   */
  handle(this: This, events: ReceivedEvent[], context: HandleContext): Promise<void>;
}

/** The schema key that the mixin reads: consumers by name. `This` is the service, as its handlers see it. */
export interface ConsumingSchema<This> {
  readonly consumes: Readonly<Record<string, ConsumerDefinition<This>>>;
}

/** What the mixin gives to its service. */
export interface ConsumingService extends Service {
  /** Counters of each consumer since this node started. */
  consumerStats(): Record<string, Readonly<ConsumerStats>>;
}

type Running = ConsumingService & DatabaseService & { schema: Partial<ConsumingSchema<unknown>> };

/**
 * Lets a service consume domain events, each with one effect however often it is delivered.
 *
 * What has arrived from all partitions that the node holds is settled in one transaction: a row in the inbox for each
 * event, the service's handler on those that are new, commit. Offsets follow, never ahead of the commit. The service
 * lists `inboxMigrations` among its migrations, and the database mixin after this one:
 *
 *     mixins: [idempotentConsumer({ kafka }), database({ config, migrations: [...inboxMigrations, ...] })],
 *     consumes: {
 *       settleOrders: {
 *         topic: topics.orders,
 *         events: [orderCreated],
 *         async handle(events: ReceivedEvent<OrderCreated>[], { transaction }) { … },
 *       },
 *     },
 *
 * The group id and the inbox key are `<service>.<consumer>`: to rename either is to read the topic from its beginning
 * as a new consumer. Guarantees and limits: docs/idempotent-consumer.md.
 *
 * @param options how to reach Kafka
 */
export function idempotentConsumer(options: IdempotentConsumerOptions): Partial<ServiceSchema> {
  // By service: a schema that is used by several brokers of one process must not share its consumers.
  const consumersOf = new WeakMap<Service, Map<string, EventConsumer>>();
  const replayingOf = new WeakMap<Service, Replaying>();

  const mixin: Partial<ServiceSchema<ServiceSettingSchema, Running>> = {
    actions: {
      ...replayActions((service) => replayingOf.get(service)),
      ...deadLetterActions(),
      /** What this node holds of the topics, and how far it is behind. */
      'consumers.state': {
        visibility: 'public',
        async handler(this: Running): Promise<ConsumersState> {
          const joined = [...(consumersOf.get(this) ?? [])].filter(([name]) => !isOnlyReplayed(this, name));
          const consumers = await Promise.all(joined.map(([, consumer]) => consumer.state()));
          return { nodeId: this.broker.nodeID, service: this.name, consumers };
        },
      },
    },

    started(this: Running) {
      const consumers = new Map<string, EventConsumer>();
      const definitions = new Map<string, DescribedConsumer>();
      const metrics = consumerMetricsOf(this.broker);
      consumersOf.set(this, consumers);
      for (const [name, definition] of Object.entries(this.schema.consumes ?? {})) {
        const described = describeConsumer(this, options, name, definition);
        definitions.set(described.consumer, described);
        const consumer = new EventConsumer({
          ...described,
          maxBatch: options.maxBatch,
          silenceLimitMs: options.silenceLimitMs ?? DEFAULT_SILENCE_LIMIT_MS,
          onBatch: (count, tookMs) => {
            metrics.settledBatch(described.consumer, count, tookMs);
          },
          isExcused: () => unreadyParts(this.broker).some(({ part }) => part === 'database'),
        });
        consumers.set(name, consumer);
        if (isOnlyReplayed(this, name) || options.paused === true) continue;
        addReadinessCheck(this.broker, `consumer ${described.consumer}`, () => consumer.unready());
        metrics.consumers.add(described.consumer, () => ({ ...consumer.stats(), ...consumer.position() }));
        consumer.start();
      }
      const letters = new Reading(() => openLetters(this.sequelize, [...definitions.keys()]));
      deadLetterMetricsOf(this.broker).services.add(this.name, () => letters.get());
      const { sequelize, logger } = this;
      replayingOf.set(this, { definitions, replays: new Replays({ sequelize, logger, node: this.broker.nodeID }) });
      if (options.paused === true) logger.warn('This node consumes no events: it is started for a restore.');
      offerSide(
        this,
        consumerSide({
          sequelize: this.sequelize,
          node: this.broker.nodeID,
          consumers: [...consumers.values()].map(({ parts }) => parts),
        }),
      );
      return Promise.resolve();
    },

    async stopped(this: Running) {
      await replayingOf.get(this)?.replays.stopAll();
      await Promise.all([...(consumersOf.get(this)?.values() ?? [])].map((consumer) => consumer.stop()));
    },

    methods: {
      consumerStats(this: Running) {
        return Object.fromEntries(
          [...(consumersOf.get(this) ?? [])].map(([name, consumer]) => [name, consumer.stats()]),
        );
      },
    },
  };
  return mixin as Partial<ServiceSchema>;
}

/** Of each consumer, also of those that have none. */
async function openLetters(sequelize: Sequelize, consumers: readonly string[]): Promise<OpenLetters[]> {
  const counted = await new LettersTable(sequelize).countSome();
  const known = consumers.filter((consumer) => !counted.some((each) => each.consumer === consumer));
  return [...counted, ...known.map((consumer) => ({ consumer, poison: 0, follows: 0 }))];
}

function isOnlyReplayed(service: Running, name: string): boolean {
  return service.schema.consumes?.[name]?.onlyReplayed === true;
}

function describeConsumer(
  service: Running,
  { kafka, namespace }: IdempotentConsumerOptions,
  name: string,
  definition: ConsumerDefinition<unknown>,
): DescribedConsumer {
  const consumer = `${service.name}.${name}`;
  return {
    consumer,
    groupId: namespace ? `${namespace}.${consumer}` : consumer,
    kafka,
    topic: definition.topic,
    events: definition.events,
    handle: definition.handle.bind(service),
    sequelize: service.sequelize,
    node: service.broker.nodeID,
    logger: service.logger,
  };
}
