import type { ServiceSchema, ServiceSettingSchema } from 'moleculer';
import type { Transaction } from 'sequelize';
import type { KafkaConfig } from '../config/config.ts';
import type { OutboxState } from '../contract/node-states.ts';
import type { Waiting } from '../contract/story.ts';
import { EventSchemas } from '../events/envelope.ts';
import type { EventDefinition, NewEvent } from '../events/event.ts';
import type { EventTopic } from '../events/topics.ts';
import { addReadinessCheck } from '../health/readiness.ts';
import { outboxMetricsOf } from '../metrics/outbox-metrics.ts';
import { Reading } from '../metrics/reading.ts';
import { activeTraceparent } from '../tracing/tracer.ts';
import type { DatabaseService } from './database.mixin.ts';
import { readBounded } from './database/read-bounded.ts';
import { deadLetterActions } from './dead-letters/actions.ts';
import { offerSide } from './dead-letters/sides.ts';
import { addToOutbox } from './outbox/add-to-outbox.ts';
import { findWaiting } from './outbox/find-waiting.ts';
import { assertLaneCount } from './outbox/lane-count.ts';
import { DEFAULT_LANES } from './outbox/lanes.ts';
import { ParkedTable } from './outbox/parked/parked-table.ts';
import { outboxState } from './outbox/outbox-state.ts';
import { relaySide } from './outbox/parked/relay-side.ts';
import { PostgresLaneSession } from './outbox/lane-session.ts';
import { KafkaPublisher } from './outbox/publisher.ts';
import { RelayLoop } from './outbox/relay-loop.ts';

export { outboxMigrations } from './outbox/migrations.ts';

export interface OutboxOptions {
  /** PostgreSQL itself, not a pooler: for LISTEN and session locks. */
  readonly directUrl: string;
  readonly kafka: KafkaConfig;
  /** Where this service's events go. Made if it is missing. */
  readonly topic: EventTopic;
  /** Every event type that the service publishes; others are refused. */
  readonly events: readonly EventDefinition[];
  /** CloudEvents `source` of every event: a URI reference that names the service, such as `/orders`. */
  readonly source: string;
  /** In how many lanes the keys are divided among relays; the same for all nodes of a service, for good. 16 unless given. */
  readonly lanes?: number;
  /** Events per request at most; 2000 unless given. */
  readonly maxRequestRows?: number;
  /** Whether a commit wakes the relays; it does unless told otherwise. */
  readonly wakes?: boolean;
  /** How often the relay looks when nobody wakes it, in milliseconds. 250 unless given. */
  readonly pollIntervalMs?: number;
}

/** What the mixin gives to its service. */
export interface OutboxService extends DatabaseService {
  /**
   * Writes events to the outbox. They are published after the transaction committed, and only then: each at least once,
   * those of one `partitionKey` in order. For that order to be the order of the changes, write the aggregate (its row,
   * naming the version) before its events: the row's lock makes others wait.
   *
   * @param events in the order in which they happened
   * @param options.transaction the live transaction of the change that the events report
   * @param options.traceparentOf W3C trace context to go with an event; that of where this is called, unless given
   * @throws OutboxRefused when there is no live transaction, or an event is invalid or too large: a mistake in the code
   */
  addToOutbox(
    events: readonly NewEvent[],
    options: { transaction: Transaction; traceparentOf?: (event: NewEvent) => string | null },
  ): Promise<void>;
  /** Where an event is that has not left the outbox; null when it has, or never was there. For an operator's question. */
  findWaiting(event: { readonly eventId: string; readonly partitionKey: string }): Promise<Waiting | null>;
  relay: RelayLoop;
}

/**
 * Transactional outbox: a service's events reach Kafka if and only if the change that caused them committed.
 *
 * Needs the database mixin after it in the list (`mixins: [outbox(…), database(…)]`), and `outboxMigrations` in that
 * mixin's migrations. Gives the service `addToOutbox` and a relay that runs on each of its nodes; nodes share the work
 * by lanes. What it guarantees, its table and how it fails: docs/outbox.md.
 *
 * @param options where from, where to, and what
 */
export function outbox(options: OutboxOptions): Partial<ServiceSchema> {
  const schemas = new EventSchemas(options.events);
  const lanes = options.lanes ?? DEFAULT_LANES;
  // A transaction that adds events in several calls wakes the relays once.
  const announced = new WeakSet<Transaction>();

  const mixin: Partial<ServiceSchema<ServiceSettingSchema, OutboxService>> = {
    actions: {
      ...deadLetterActions(),
      /** What waits in this node's lanes. */
      'outbox.state': {
        visibility: 'public',
        handler(this: OutboxService): Promise<OutboxState> {
          const { sequelize, name: service } = this;
          return outboxState({ nodeId: this.broker.nodeID, service, sequelize, lanes, relay: this.relay.stats() });
        },
      },
    },

    methods: {
      async addToOutbox(
        this: OutboxService,
        events: readonly NewEvent[],
        {
          transaction,
          traceparentOf = activeTraceparent,
        }: { transaction?: Transaction; traceparentOf?: (event: NewEvent) => string | null } = {},
      ): Promise<void> {
        const writer = { sequelize: this.sequelize, schemas, lanes };
        const live = await addToOutbox(writer, events, transaction, traceparentOf);
        const outermost = outermostOf(live);
        if (options.wakes === false || events.length === 0 || announced.has(outermost)) return;
        announced.add(outermost);
        // Not inside the transaction: NOTIFY there makes all commits of the database wait for each other.
        outermost.afterCommit(() => {
          this.relay.notify();
        });
      },

      findWaiting(this: OutboxService, event: { readonly eventId: string; readonly partitionKey: string }) {
        const { sequelize } = this;
        return readBounded(sequelize, (transaction) => findWaiting(sequelize, { ...event, lanes }, transaction));
      },
    },

    created(this: OutboxService) {
      const { logger } = this;
      const metrics = outboxMetricsOf(this.broker);
      this.relay = new RelayLoop({
        openSession: (events) => PostgresLaneSession.open({ ...options, ...events, lanes, logger }),
        publisher: new KafkaPublisher({ ...options, clientId: `${this.name}-outbox`, logger }),
        logger,
        pollIntervalMs: options.pollIntervalMs,
        maxRequestRows: options.maxRequestRows,
        onConfirmed: (count, oldestMs) => {
          metrics.confirmed(this.name, count, oldestMs);
        },
      });
      metrics.relays.add(this.name, () => this.relay.stats());
    },

    async started(this: OutboxService) {
      await assertLaneCount(this.sequelize, lanes);
      addReadinessCheck(this.broker, 'relay', () => this.relay.unready());
      const parked = new Reading(() => new ParkedTable(this.sequelize).countSome());
      outboxMetricsOf(this.broker).parked.add(this.name, () => parked.get());
      offerSide(
        this,
        relaySide({
          sequelize: this.sequelize,
          node: this.broker.nodeID,
          notify: () => {
            this.relay.notify();
          },
        }),
      );
      this.relay.start();
    },

    async stopped(this: OutboxService) {
      await this.relay.stop();
    },
  };
  return mixin as Partial<ServiceSchema>;
}

/** A savepoint's "commit" is none: only the outermost transaction makes anything visible. */
function outermostOf(transaction: Transaction & { parent?: Transaction }): Transaction {
  return transaction.parent === undefined ? transaction : outermostOf(transaction.parent);
}
