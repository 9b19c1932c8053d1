import { randomBytes } from 'node:crypto';
import { Type } from '@sinclair/typebox';
import { ServiceBroker, type ServiceSchema } from 'moleculer';
import { QueryTypes, type Transaction } from 'sequelize';
import { uuidv7 } from 'uuidv7';
import { loadConfig } from '../../config/config.ts';
import { encodeEnvelope } from '../../events/envelope.ts';
import { defineEvent, type EventDefinition, type ReceivedEvent } from '../../events/event.ts';
import type { EventTopic } from '../../events/topics.ts';
import { createKafka, createPartitioner, type Kafka, type Logger, type Message } from '../../kafka/client.ts';
import { ensureEventTopics } from '../../kafka/topics.ts';
import { database, type DatabaseService, type Migration } from '../../mixins/database.mixin.ts';
import {
  idempotentConsumer,
  inboxMigrations,
  type ConsumerDefinition,
  type ConsumingSchema,
  type ConsumingService,
} from '../../mixins/idempotent-consumer.mixin.ts';
import { testKafkaBrokers } from './database.ts';
import { eventually } from './eventually.ts';

/** Something that happened to a parcel: the events of these tests. */
export const parcelMoved = defineEvent({
  type: 'parcel.moved',
  dataschema: 'parcel.moved/1',
  aggregateType: 'parcel',
  data: Type.Object({ parcel: Type.String(), to: Type.String() }),
});

export interface ParcelMoved {
  readonly parcel: string;
  readonly to: string;
}

/** Every effect leaves a row: an event that is settled twice shows. */
export const movesMigration: Migration = {
  name: 'moves-0001',
  up: `CREATE TABLE moves (position bigint GENERATED ALWAYS AS IDENTITY, event_id uuid NOT NULL, parcel text NOT NULL, place text NOT NULL,
         txid xid8 NOT NULL DEFAULT pg_current_xact_id())`,
};

export type TestService = ConsumingService & DatabaseService;

export interface Node {
  readonly broker: ServiceBroker;
  readonly service: TestService;
}

const quiet: Logger = { error() {}, warn() {}, info() {}, debug() {} };

/** A client of the test's own. */
export function testKafka(brokers = testKafkaBrokers()): Kafka {
  return createKafka(loadConfig({ KAFKA_BROKERS: brokers }).kafka, 'test', quiet);
}

/** A topic that no other test uses. */
export async function freshTopic(partitions = 3, brokers = testKafkaBrokers()): Promise<EventTopic> {
  const topic = { name: `parcels.${randomBytes(6).toString('hex')}.v1`, partitions };
  const admin = testKafka(brokers).admin();
  await admin.connect();
  await ensureEventTopics(admin, [topic], quiet);
  // Leaders are named before they know it: a producer that repeats itself then would append records twice.
  await eventually(() => admin.fetchTopicOffsets(topic.name));
  await admin.disconnect();
  return topic;
}

/** An event as its record; `to` tells a test's events apart. */
export function moved(
  parcel: string,
  to: string,
  { eventId = uuidv7(), partition }: { eventId?: string; partition?: number } = {},
): Message & { eventId: string } {
  return {
    eventId,
    ...encodeEnvelope({
      eventId,
      source: '/test',
      type: parcelMoved.type,
      dataschema: parcelMoved.dataschema,
      time: new Date().toISOString(),
      aggregateType: 'parcel',
      aggregateId: parcel,
      aggregateVersion: 1,
      traceparent: null,
      partitionKey: parcel,
      payload: JSON.stringify({ parcel, to }),
    }),
    ...(partition !== undefined && { partition }),
  };
}

/** Appends records to a topic, in one request. */
export async function publish(topic: EventTopic, messages: Message[], brokers = testKafkaBrokers()): Promise<void> {
  const producer = testKafka(brokers).producer({ createPartitioner, allowAutoTopicCreation: false });
  await producer.connect();
  await producer.send({ topic: topic.name, acks: -1, messages });
  await producer.disconnect();
}

export interface NodeOptions {
  readonly databaseUrl: string;
  readonly topic: EventTopic;
  readonly handle: ConsumerDefinition<TestService>['handle'];
  readonly name?: string;
  readonly nodeID?: string;
  readonly brokers?: string;
  readonly events?: readonly EventDefinition[];
  readonly silenceLimitMs?: number;
}

/** Starts a node with one consumer, `parcels.track`, that shares its group with the other nodes of that name. */
export async function startNode(options: NodeOptions): Promise<Node> {
  const config = loadConfig({
    KAFKA_BROKERS: options.brokers ?? testKafkaBrokers(),
    ORDERS_DATABASE_URL: options.databaseUrl,
  });
  const broker = new ServiceBroker({
    nodeID: options.nodeID ?? `node-${randomBytes(3).toString('hex')}`,
    transporter: null,
    logger: false,
  });
  const schema: ServiceSchema & ConsumingSchema<TestService> = {
    name: options.name ?? groupOf(options.topic),
    mixins: [
      idempotentConsumer({
        kafka: config.kafka,
        ...(options.silenceLimitMs !== undefined && { silenceLimitMs: options.silenceLimitMs }),
      }),
      database({ config: config.orders, migrations: [...inboxMigrations, movesMigration] }),
    ],
    consumes: {
      track: { topic: options.topic, events: options.events ?? [parcelMoved], handle: options.handle },
    },
  };
  const service: unknown = broker.createService(schema);
  await broker.start();
  return { broker, service: service as TestService };
}

/** The service name of a topic's nodes, unless they are given one: a topic of its own, a group of its own. */
export function groupOf(topic: EventTopic): string {
  return topic.name.replaceAll('.', '-');
}

/** A handler that records each event as a move. */
export async function recordMoves(
  this: TestService,
  events: ReceivedEvent[],
  { transaction }: { transaction: Transaction },
): Promise<void> {
  for (const { eventId, data } of events as ReceivedEvent<ParcelMoved>[]) {
    await this.sequelize.query('INSERT INTO moves (event_id, parcel, place) VALUES ($1, $2, $3)', {
      bind: [eventId, data.parcel, data.to],
      transaction,
    });
  }
}

export interface Move {
  readonly event_id: string;
  readonly parcel: string;
  readonly place: string;
  readonly txid: string;
}

/** Every effect that a handler has had, in order. */
export function movesOf({ service }: Node): Promise<Move[]> {
  return service.sequelize.query<Move>('SELECT event_id, parcel, place, txid::text FROM moves ORDER BY position', {
    type: QueryTypes.SELECT,
  });
}

export interface DeadLetterRow {
  readonly reason: string;
  readonly error: string;
  readonly event_id: string | null;
  readonly aggregate_id: string | null;
  readonly partition: number;
  readonly offset: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Record<string, unknown>;
}

export function deadLettersOf({ service }: Node): Promise<DeadLetterRow[]> {
  return service.sequelize.query<DeadLetterRow>('SELECT * FROM dead_letters ORDER BY id', { type: QueryTypes.SELECT });
}

/** The group's committed offsets by partition; -1 where there is none. */
export async function committedOffsets(topic: EventTopic, brokers = testKafkaBrokers()): Promise<number[]> {
  const admin = testKafka(brokers).admin();
  await admin.connect();
  try {
    const [found] = await admin.fetchOffsets({ groupId: `${groupOf(topic)}.track`, topics: [topic.name] });
    const offsets = new Array<number>(topic.partitions).fill(-1);
    for (const { partition, offset } of found?.partitions ?? []) offsets[partition] = Number(offset);
    return offsets;
  } finally {
    await admin.disconnect();
  }
}

/** Sets the group, which must have no members, back to the beginning of its topic. */
export async function rewind(topic: EventTopic): Promise<void> {
  const admin = testKafka().admin();
  await admin.connect();
  try {
    await admin.resetOffsets({ groupId: `${groupOf(topic)}.track`, topic: topic.name, earliest: true });
  } finally {
    await admin.disconnect();
  }
}
