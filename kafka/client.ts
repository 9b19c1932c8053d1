import { readFileSync } from 'node:fs';
import {
  Kafka,
  KafkaJSError,
  Partitioners,
  logLevel,
  type LogEntry,
  type RetryOptions,
  type SASLOptions,
} from 'kafkajs';
import type { KafkaConfig } from '../config/config.ts';

/**
 * The one place that knows kafkajs (ADR 0002). Calls and facts both get their client here; a successor that keeps
 * kafkajs' API, such as Confluent's, is a change of this file.
 */

export type {
  Admin,
  Consumer,
  ConsumerConfig,
  EachBatchPayload,
  Kafka,
  KafkaMessage,
  Message,
  Producer,
  TopicMessages,
} from 'kafkajs';

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

/** kafkajs 2.2.4 arms a timer with a throttle of -1; Node 24 warns of it each time. That one warning, and no other. */
function silenceNegativeThrottleWarning(): void {
  const emitWarning = process.emitWarning.bind(process) as (...parts: unknown[]) => void;
  process.emitWarning = (warning: unknown, ...rest: unknown[]) => {
    if (rest[0] === 'TimeoutNegativeWarning' && new Error().stack?.includes('kafkajs') === true) return;
    emitWarning(warning, ...rest);
  };
}
silenceNegativeThrottleWarning();

/**
 * Makes a client; it connects when a producer, consumer or admin of it does.
 *
 * @param config brokers, TLS and SASL
 * @param clientId shown in the brokers' logs and quotas
 * @param logger receives kafkajs' log lines, one level lower than kafkajs would have them
 * @throws Error when a TLS file cannot be read
 */
export function createKafka(config: KafkaConfig, clientId: string, logger: Logger): Kafka {
  return new Kafka({
    clientId,
    brokers: [...config.brokers],
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    enforceRequestTimeout: true,
    retry: CLIENT_RETRY,
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

/** Java's murmur2, so that every client puts a key into the same partition. */
export const createPartitioner = Partitioners.DefaultPartitioner;

/**
 * Broker answers that another attempt with the same bytes cannot change. Everything else is worth retrying: a
 * record that waits is not lost, one that is set aside by mistake is.
 */
const PERMANENT_PRODUCE_ERRORS = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_RECORD',
  'INVALID_TIMESTAMP',
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
    error instanceof KafkaJSError &&
    (type === 'REBALANCE_IN_PROGRESS' ||
      type === 'ILLEGAL_GENERATION' ||
      type === 'UNKNOWN_MEMBER_ID' ||
      type === 'NOT_COORDINATOR_FOR_GROUP')
  );
}
