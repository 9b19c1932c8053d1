/**
 * The one reader of the environment. Everything else is handed a `Config`.
 */

import { readAccess, type AccessConfig } from './access-config.ts';
import { ConfigError, read, readInteger, readOneOf, type Environment } from './read-variable.ts';
import { readTracing, type TracingConfig } from './tracing-config.ts';

export {
  accessWarnings,
  doorAccess,
  MIN_SECRET_BYTES,
  type AccessConfig,
  type DoorAccess,
  type JwtConfig,
} from './access-config.ts';
export { ConfigError } from './read-variable.ts';
export type { TracingConfig } from './tracing-config.ts';

/** How to reach Kafka: for calls and facts alike. */
export interface KafkaConfig {
  /** `host:port` of each bootstrap broker. */
  readonly brokers: readonly string[];
  /** TLS to the brokers; `caFile`, `certFile` and `keyFile` are paths of PEM files. */
  readonly tls: { readonly caFile?: string; readonly certFile?: string; readonly keyFile?: string } | null;
  readonly sasl: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: string;
  } | null;
}

/** How to reach one service's database. */
export interface DatabaseConfig {
  /** For transactions; may lead through a pooler that knows prepared statements. */
  readonly url: string;
  /** For LISTEN and session locks; must reach PostgreSQL itself. */
  readonly directUrl: string;
  /** For the audit, which only reads: a role that may do no more is enough. Reaches PostgreSQL itself. */
  readonly auditUrl: string;
  /** Connections that one node opens at most, besides the relay's own. */
  readonly poolSize: number;
}

export interface Config {
  readonly environment: 'development' | 'test' | 'production';
  readonly logLevel: (typeof LOG_LEVELS)[number];
  /** Separates clusters that share one Kafka: part of the names of topics and groups. Letters, digits, `_`, `-`. */
  readonly namespace: string;
  /** The node's ordinal among the nodes of its service, when something outside hands them out; otherwise null: a lease does. */
  readonly nodeSlot: number | null;
  /** Where slots are leased by nodes that have no database of their own (api, repl). */
  readonly slotDatabaseUrl: string;
  /** How long a caller waits for an answer over Kafka. */
  readonly requestTimeoutMs: number;
  /** How long an idempotency key is kept after its effect. */
  readonly idempotencyKeyHours: number;
  /** False: nodes join no group, and only replays settle events: for a database that is being restored. */
  readonly consumes: boolean;
  /** False: each write, event and packet alone, as systems without batches do it: what the benchmark compares with. */
  readonly batching: boolean;
  /** How long an order may be NEW before it is looked after, in seconds; 0: only by hand. */
  readonly reconcileAfterS: number;
  readonly http: {
    readonly host: string;
    readonly apiPort: number;
    readonly ordersPort: number;
    readonly paymentsPort: number;
  };
  /** Who may call what over HTTP. */
  readonly access: AccessConfig;
  readonly kafka: KafkaConfig;
  readonly orders: DatabaseConfig;
  readonly payments: DatabaseConfig;
  /** Where spans go; null: nowhere, and none are made. */
  readonly tracing: TracingConfig | null;
  /** A file that says at which point of the code the node kills itself; null: nowhere. For fault campaigns alone. */
  readonly crashPointFile: string | null;
}

/** A year: keys are kept for retries, not as an archive. */
const MAX_IDEMPOTENCY_KEY_HOURS = 366 * 24;

/**
 * Longer than payments is behind on an ordinary bad day: an order that is NEW for longer hardly waits its turn. At most
 * half of what a topic keeps, so that an event that was lost comes again while others of its time are still there.
 */
const DEFAULT_RECONCILE_AFTER_S = 15 * 60;
const MAX_RECONCILE_AFTER_S = 15 * 24 * 60 * 60;

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
const SASL_MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;

function readBoolean(env: Environment, name: string): boolean {
  return readOneOf(env, name, 'false', ['true', 'false']) === 'true';
}

function readBrokers(env: Environment): string[] {
  const value = read(env, 'KAFKA_BROKERS') ?? 'localhost:29092';
  const brokers = value.split(',').map((broker) => broker.trim());
  for (const broker of brokers) {
    if (!/^[^\s:/]+:\d{1,5}$|^\[[0-9a-fA-F:]+\]:\d{1,5}$/.test(broker)) {
      throw new ConfigError(
        `KAFKA_BROKERS is "${value}"; it has to be host:port, or several separated by commas ("${broker}" is not).`,
      );
    }
  }
  return brokers;
}

function readKafka(env: Environment): KafkaConfig {
  const caFile = read(env, 'KAFKA_TLS_CA_FILE');
  const certFile = read(env, 'KAFKA_TLS_CERT_FILE');
  const keyFile = read(env, 'KAFKA_TLS_KEY_FILE');
  const username = read(env, 'KAFKA_SASL_USERNAME');
  const password = read(env, 'KAFKA_SASL_PASSWORD');
  if ((username === undefined) !== (password === undefined)) {
    throw new ConfigError('KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD go together: set both or neither.');
  }
  return {
    brokers: readBrokers(env),
    tls:
      readBoolean(env, 'KAFKA_TLS') || caFile !== undefined
        ? { ...(caFile && { caFile }), ...(certFile && { certFile }), ...(keyFile && { keyFile }) }
        : null,
    sasl:
      username !== undefined && password !== undefined
        ? { mechanism: readOneOf(env, 'KAFKA_SASL_MECHANISM', 'plain', SASL_MECHANISMS), username, password }
        : null,
  };
}

function readDatabase(env: Environment, prefix: 'ORDERS' | 'PAYMENTS', name: string): DatabaseConfig {
  const url = readDatabaseUrl(env, `${prefix}_DATABASE_URL`) ?? `postgres://postgres:postgres@localhost:5432/${name}`;
  const directUrl = readDatabaseUrl(env, `${prefix}_DATABASE_DIRECT_URL`) ?? url;
  return {
    url,
    directUrl,
    auditUrl: readDatabaseUrl(env, `${prefix}_DATABASE_AUDIT_URL`) ?? directUrl,
    poolSize: readInteger(env, `${prefix}_DATABASE_POOL`, 10, 2, 500),
  };
}

function readDatabaseUrl(env: Environment, name: string): string | undefined {
  const value = read(env, name);
  if (value === undefined) return undefined;
  if (!/^postgres(ql)?:\/\/[^/]+\/[^/?]+/.test(value)) {
    // The value itself may hold a password: not repeated.
    throw new ConfigError(`${name} is no PostgreSQL URL; it has to look like postgres://user:password@host:5432/name.`);
  }
  return value;
}

function readCrashPointFile(env: Environment, environment: Config['environment']): string | null {
  const file = read(env, 'CRASH_POINT_FILE') ?? null;
  const isAllowed = readBoolean(env, 'CRASH_POINTS_IN_PRODUCTION');
  if (file !== null && environment === 'production' && !isAllowed) {
    throw new ConfigError(
      'CRASH_POINT_FILE is set and NODE_ENV is production: whoever writes that file ends the node. Leave it out; in a ' +
        'fault campaign say CRASH_POINTS_IN_PRODUCTION=true.',
    );
  }
  return file;
}

/**
 * Reads and checks the whole configuration.
 *
 * @param env the environment, usually `process.env`
 * @returns every setting, with defaults that suit `npm start`
 * @throws ConfigError naming the first variable that cannot be used
 */
export function loadConfig(env: Environment): Config {
  const namespace = read(env, 'NAMESPACE') ?? '';
  if (!/^[A-Za-z0-9_-]{0,40}$/.test(namespace)) {
    throw new ConfigError(`NAMESPACE is "${namespace}"; it takes up to 40 letters, digits, "_" and "-" (no dots).`);
  }
  const orders = readDatabase(env, 'ORDERS', 'orders');
  const environment = readOneOf(env, 'NODE_ENV', 'development', ['development', 'test', 'production']);
  return {
    environment,
    logLevel: readOneOf(env, 'LOG_LEVEL', 'info', LOG_LEVELS),
    namespace,
    nodeSlot: read(env, 'NODE_SLOT') === undefined ? null : readInteger(env, 'NODE_SLOT', 0, 0, 9999),
    slotDatabaseUrl: readDatabaseUrl(env, 'NODE_SLOT_DATABASE_URL') ?? orders.directUrl,
    requestTimeoutMs: readInteger(env, 'REQUEST_TIMEOUT_MS', 10_000, 100, 600_000),
    idempotencyKeyHours: readInteger(env, 'IDEMPOTENCY_KEY_HOURS', 24, 24, MAX_IDEMPOTENCY_KEY_HOURS),
    consumes: readOneOf(env, 'CONSUMERS', 'on', ['on', 'off']) === 'on',
    batching: readOneOf(env, 'BATCHING', 'on', ['on', 'off']) === 'on',
    reconcileAfterS: readInteger(env, 'RECONCILE_AFTER_S', DEFAULT_RECONCILE_AFTER_S, 0, MAX_RECONCILE_AFTER_S),
    http: {
      host: read(env, 'HTTP_HOST') ?? '0.0.0.0',
      apiPort: readInteger(env, 'API_PORT', 8080, 0, 65_535),
      ordersPort: readInteger(env, 'ORDERS_PORT', 8081, 0, 65_535),
      paymentsPort: readInteger(env, 'PAYMENTS_PORT', 8082, 0, 65_535),
    },
    access: readAccess(env, environment),
    kafka: readKafka(env),
    orders,
    payments: readDatabase(env, 'PAYMENTS', 'payments'),
    tracing: readTracing(env),
    crashPointFile: readCrashPointFile(env, environment),
  };
}
