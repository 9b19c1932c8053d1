import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { loadConfig } from '../../config/config.ts';
import { encodeEnvelope } from '../../events/envelope.ts';
import { createKafka, createPartitioner } from '../../kafka/client.ts';
import { silentLogger } from '../../test/support/silent-logger.ts';
import { orderEvents, ORDERS } from './order-events.ts';
import { readyTopic } from './ready-topic.ts';
import { work } from './worker.ts';

export interface PeerRequest {
  /** An empty database. */
  readonly databaseUrl: string;
  readonly brokers: string;
  readonly rows: number;
}

export interface PeerDrained {
  /** From the first send until the last row is marked. */
  readonly sendingMs: number;
}

/** What is used of pg-transactional-outbox, which is installed only for this benchmark. */
interface Peer {
  readonly DatabaseSetupExporter: {
    createPollingScript(config: Readonly<Record<string, string>>, skipRoles: boolean): string;
  };
  getDisabledLogger(): object;
  initializePollingMessageListener(
    config: object,
    handler: { handle(message: PeerMessage): Promise<void> },
    logger: object,
    strategies: { batchSizeStrategy(): Promise<number> },
  ): [shutdown: () => Promise<void>];
}

/** A row as the peer's listener hands it over. */
interface PeerMessage {
  readonly id: string;
  readonly aggregateType: string;
  readonly aggregateId: string;
  readonly messageType: string;
  readonly segment: string;
  readonly payload: unknown;
  readonly metadata: { readonly aggregateVersion: number; readonly dataschema: string };
  readonly createdAt: string;
}

const NAME = 'pg-transactional-outbox';
const ACKS_ALL = -1;
/**
 * Its settings are those with which it was fastest here. Its polls meet each other: a message whose row another one has locked waits
 * until its own lock is over, which is why that is short.
 */
const SETTINGS = {
  dbSchema: 'public',
  dbTable: 'outbox',
  nextMessagesFunctionName: 'next_outbox_messages',
  nextMessagesBatchSize: 500,
  nextMessagesPollingIntervalInMs: 10,
  nextMessagesLockInMs: 1000,
  enableMaxAttemptsProtection: false,
  enablePoisonousMessageProtection: false,
};
const CONNECTIONS = 10;
const POLL_MS = 10;

const INSERT = `
  INSERT INTO outbox (id, aggregate_type, aggregate_id, message_type, segment, payload, metadata)
  SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::jsonb[], $7::jsonb[])`;
const IS_DONE = 'SELECT NOT EXISTS (SELECT FROM outbox WHERE processed_at IS NULL) AS done';

/** pg-transactional-outbox in a process of its own: its polling listener, with a handler that sends to Kafka. */
async function drain({ databaseUrl, brokers, rows }: PeerRequest): Promise<PeerDrained> {
  const peer = createRequire(import.meta.url)(NAME) as Peer;
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query(
    peer.DatabaseSetupExporter.createPollingScript(
      {
        outboxOrInbox: 'outbox',
        database: 'relay',
        schema: SETTINGS.dbSchema,
        table: SETTINGS.dbTable,
        listenerRole: 'postgres',
        nextMessagesName: SETTINGS.nextMessagesFunctionName,
      },
      true,
    ),
  );
  await fill(client, rows);

  const sender = await connectSender(brokers);
  let firstAtMs = Infinity;
  const connection = { connectionString: databaseUrl, max: CONNECTIONS };
  const [shutdown] = peer.initializePollingMessageListener(
    { outboxOrInbox: 'outbox', dbListenerConfig: connection, dbHandlerConfig: connection, settings: SETTINGS },
    {
      handle: async (message) => {
        firstAtMs = Math.min(firstAtMs, performance.now());
        await sender.send(message);
      },
    },
    peer.getDisabledLogger(),
    // Its own takes one message at a time for as many polls as a batch has messages.
    { batchSizeStrategy: () => Promise.resolve(SETTINGS.nextMessagesBatchSize) },
  );
  while (!(await client.query<{ done: boolean }>(IS_DONE)).rows[0]?.done) await sleep(POLL_MS);
  const sendingMs = performance.now() - firstAtMs;
  await shutdown();
  await sender.disconnect();
  await client.end();
  return { sendingMs };
}

/** Keys are segments: the peer keeps the order within each. */
async function fill(client: Client, rows: number): Promise<void> {
  const events = orderEvents(rows);
  await client.query(INSERT, [
    events.map(({ eventId }) => eventId),
    events.map(({ definition }) => definition.aggregateType),
    events.map(({ aggregateId }) => aggregateId),
    events.map(({ definition }) => definition.type),
    events.map(({ partitionKey }) => partitionKey),
    events.map(({ data }) => JSON.stringify(data)),
    events.map(({ aggregateVersion, definition: { dataschema } }) => JSON.stringify({ aggregateVersion, dataschema })),
  ]);
}

interface Sender {
  send(message: PeerMessage): Promise<void>;
  disconnect(): Promise<void>;
}

async function connectSender(brokers: string): Promise<Sender> {
  const topic = await readyTopic(brokers, 'peer');
  const kafka = createKafka(loadConfig({ KAFKA_BROKERS: brokers }).kafka, 'peer', silentLogger);
  const producer = kafka.producer({ createPartitioner });
  await producer.connect();
  return {
    send: async (message) => {
      await producer.send({ acks: ACKS_ALL, topic: topic.name, messages: [toRecord(message)] });
    },
    disconnect: () => producer.disconnect(),
  };
}

function toRecord(message: PeerMessage): ReturnType<typeof encodeEnvelope> {
  return encodeEnvelope({
    eventId: message.id,
    source: ORDERS.source,
    type: message.messageType,
    ...message.metadata,
    time: message.createdAt,
    aggregateType: message.aggregateType,
    aggregateId: message.aggregateId,
    traceparent: null,
    partitionKey: message.segment,
    payload: JSON.stringify(message.payload),
  });
}

work(drain);
