import { readFileSync } from 'node:fs';
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
// Node's loader does not find all of kafkajs' names among its CommonJS exports; the whole module it does.
import kafkajs, {
  type Admin,
  type ISocketFactoryArgs,
  type Kafka,
  type LogEntry,
  type RetryOptions,
  type SASLOptions,
} from 'kafkajs';
import type { KafkaConfig } from '../config/config.ts';
import { repairKafkajs } from './kafkajs-repairs.ts';
import { openForKafkajs } from './sockets.ts';

const { ConfigResourceTypes, Partitioners, logLevel } = kafkajs;

/**
 * The one place that knows kafkajs (ADR 0002), with `sockets.ts` and `kafkajs-repairs.ts` below it. Calls and facts both get their client here; a successor that keeps
 * kafkajs' API, such as Confluent's, is a change of this file.
 */

export type { Admin, Consumer, EachBatchPayload, Kafka, KafkaMessage, Message, Producer, TopicMessages } from 'kafkajs';

/** What the client needs of a logger: Moleculer's, pino's and the console all fit. */
export interface Logger {
  error(...parts: unknown[]): void;
  warn(...parts: unknown[]): void;
  info(...parts: unknown[]): void;
  debug(...parts: unknown[]): void;
}

/** Connection attempts of one request: bounded, because callers have their own retry that they can explain. */
const CLIENT_RETRY: RetryOptions = {
  initialRetryTime: 100,
  maxRetryTime: 1000,
  retries: 4,
  factor: 0.2,
  multiplier: 2,
};
const CONNECTION_TIMEOUT_MS = 3000;
const REQUEST_TIMEOUT_MS = 10_000;
/** A peer that vanished without a word is found out by the system, too. */
const KEEP_ALIVE_MS = 10_000;

/** Every retry value is given: with NODE_ENV=test kafkajs would change its defaults. */
export const NO_RETRY: RetryOptions = { ...CLIENT_RETRY, retries: 0 };

function toSasl(sasl: NonNullable<KafkaConfig['sasl']>): SASLOptions {
  return { mechanism: sasl.mechanism, username: sasl.username, password: sasl.password };
}

function log(logger: Logger, entry: LogEntry): void {
  const { message, error, groupId, broker } = entry.log as {
    message: string;
    error?: string;
    groupId?: string;
    broker?: string;
  };
  const context = [broker, groupId].filter((part) => part !== undefined && part !== '').join(' ');
  const line = `Kafka: ${message}${error === undefined || error === message ? '' : `: ${error}`}${context === '' ? '' : ` (${context})`}`;
  // kafkajs logs as errors what it then retries; whoever gets the rejection decides what is one.
  if (entry.level <= logLevel.ERROR) logger.warn(line);
  else if (entry.level === logLevel.WARN) logger.info(line);
  else logger.debug(line);
}

repairKafkajs();

/** What a client may have of its own; the defaults suit facts, which wait rather than fail. */
export interface KafkaClientOptions {
  /** Attempts of each request, connecting included. */
  readonly retry?: RetryOptions;
  /** How long one request may go unanswered, in milliseconds. */
  readonly requestTimeoutMs?: number;
  /** Called when a connection to a broker has ended, for whatever reason: kafkajs itself tells nobody. */
  readonly onConnectionClosed?: () => void;
}

function connectSocket({ host, port, ssl, onConnect }: ISocketFactoryArgs, onClosed?: () => void): Socket {
  return openForKafkajs((connected) => {
    // kafkajs' types promise TLS options; without TLS there are none.
    const tls = ssl as ISocketFactoryArgs['ssl'] | undefined;
    const socket = tls
      ? connectTls({ host, port, ...(isIP(host) === 0 && { servername: host }), ...tls }, connected)
      : connectPlain({ host, port }, connected);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    // A request is one write; Nagle's algorithm would hold the next one back until the first is acknowledged.
    socket.setNoDelay(true);
    if (onClosed) socket.once('close', onClosed);
    return socket;
  }, onConnect);
}

/**
 * Makes a client; it connects when a producer, consumer or admin of it does.
 *
 * @param config brokers, TLS and SASL
 * @param clientId shown in the brokers' logs and quotas
 * @param logger receives kafkajs' log lines, one level lower than kafkajs would have them
 * @param options what differs from the defaults
 * @throws Error when a TLS file cannot be read
 */
export function createKafka(
  config: KafkaConfig,
  clientId: string,
  logger: Logger,
  options: KafkaClientOptions = {},
): Kafka {
  return new kafkajs.Kafka({
    clientId,
    brokers: [...config.brokers],
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    requestTimeout: options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
    enforceRequestTimeout: true,
    retry: options.retry ?? CLIENT_RETRY,
    socketFactory: (socket) => connectSocket(socket, options.onConnectionClosed),
    ...(config.tls && {
      ssl: {
        ...(config.tls.caFile !== undefined && { ca: [readFileSync(config.tls.caFile, 'utf8')] }),
        ...(config.tls.certFile !== undefined && { cert: readFileSync(config.tls.certFile, 'utf8') }),
        ...(config.tls.keyFile !== undefined && { key: readFileSync(config.tls.keyFile, 'utf8') }),
      },
    }),
    ...(config.sasl && { sasl: toSasl(config.sasl) }),
    logLevel: logLevel.INFO,
    logCreator: () => (entry) => {
      log(logger, entry);
    },
  });
}

/**
 * Connects an admin client for some work, and lets go of it whatever comes of that.
 *
 * @param retry of each request; the client's own unless given
 * @throws when Kafka cannot be reached, and what the work throws
 */
export async function withAdmin<T>(kafka: Kafka, work: (admin: Admin) => Promise<T>, retry?: RetryOptions): Promise<T> {
  const admin = kafka.admin(retry && { retry });
  try {
    await admin.connect();
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

/** A topic, in requests about settings. */
export const TOPIC_RESOURCE = ConfigResourceTypes.TOPIC;

/** Java's murmur2, so that every client puts a key into the same partition. */
export const createPartitioner = Partitioners.DefaultPartitioner;

/**
 * Broker answers that another attempt with the same bytes cannot change. Everything else is worth retrying: a
 * record that waits is not lost, one that is set aside by mistake is. Not among them is INVALID_TIMESTAMP: the sender's
 * clock is wrong, not the record.
 */
const PERMANENT_PRODUCE_ERRORS = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_RECORD',
  'TOPIC_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'INVALID_TOPIC_EXCEPTION',
]);

/** Protocol name of a Kafka error (`MESSAGE_TOO_LARGE`), wherever kafkajs wrapped it; null when it has none. */
export function kafkaErrorType(error: unknown): string | null {
  for (let cause: unknown = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth++) {
    if ('type' in cause && typeof cause.type === 'string') return cause.type;
  }
  return null;
}

/** True when producing the same records again cannot succeed. */
export function isPermanentProduceError(error: unknown): boolean {
  const type = kafkaErrorType(error);
  return type !== null && PERMANENT_PRODUCE_ERRORS.has(type);
}

/** True for the error that tells a group's member to join again: the only one `eachBatch` may throw. */
export function isRebalanceError(error: unknown): boolean {
  const type = kafkaErrorType(error);
  return (
    type === 'REBALANCE_IN_PROGRESS' ||
    type === 'ILLEGAL_GENERATION' ||
    type === 'UNKNOWN_MEMBER_ID' ||
    type === 'NOT_COORDINATOR_FOR_GROUP'
  );
}

/** True when a topic was there already, or another node made it in the meantime: what was wanted. */
export function isTopicExists(error: unknown): boolean {
  const errors = error instanceof Error && 'errors' in error && Array.isArray(error.errors) ? error.errors : [error];
  return errors.every((each) => kafkaErrorType(each) === 'TOPIC_ALREADY_EXISTS');
}
