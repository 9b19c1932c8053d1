/**
 * The one reader of the environment. Everything else is handed a `Config`.
 */

import { readAccess, type AccessConfig } from './access-config.ts';
import { ConfigError, type Environment } from './read-variable.ts';
import {
  faultSettings,
  httpSettings,
  kafkaSettings,
  nodeSettings,
  ordersDatabaseSettings,
  paymentsDatabaseSettings,
  schemaSettings,
  workSettings,
  type DatabaseSettings,
  type LogLevel,
} from './settings.ts';
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
  /** False: nodes wait until somebody has brought the schema up to date. */
  readonly migratesOnStart: boolean;
}

export interface Config {
  readonly environment: 'development' | 'test' | 'production';
  readonly logLevel: LogLevel;
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
  /** How long after the last audit the next one begins, in seconds; 0: only by hand. */
  readonly auditIntervalS: number;
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

function readKafka(env: Environment): KafkaConfig {
  const caFile = kafkaSettings.caFile.read(env);
  const certFile = kafkaSettings.certFile.read(env);
  const keyFile = kafkaSettings.keyFile.read(env);
  const username = kafkaSettings.username.read(env);
  const password = kafkaSettings.password.read(env);
  const mechanism = kafkaSettings.mechanism.read(env);
  if ((username === null) !== (password === null)) {
    throw new ConfigError('KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD go together: set both or neither.');
  }
  return {
    brokers: kafkaSettings.brokers.read(env),
    tls:
      kafkaSettings.tls.read(env) === 'true' || caFile !== null
        ? {
            ...(caFile !== null && { caFile }),
            ...(certFile !== null && { certFile }),
            ...(keyFile !== null && { keyFile }),
          }
        : null,
    sasl: username !== null && password !== null ? { mechanism, username, password } : null,
  };
}

function readDatabase(env: Environment, settings: DatabaseSettings): DatabaseConfig {
  const url = settings.url.read(env);
  const directUrl = settings.directUrl.read(env) ?? url;
  return {
    url,
    directUrl,
    auditUrl: settings.auditUrl.read(env) ?? directUrl,
    poolSize: settings.poolSize.read(env),
    migratesOnStart: schemaSettings.migrations.read(env) === 'on-start',
  };
}

function readCrashPointFile(env: Environment, environment: Config['environment']): string | null {
  const file = faultSettings.crashPointFile.read(env);
  const isAllowed = faultSettings.inProduction.read(env) === 'true';
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
  const orders = readDatabase(env, ordersDatabaseSettings);
  const environment = nodeSettings.environment.read(env);
  return {
    environment,
    logLevel: nodeSettings.logLevel.read(env),
    namespace: nodeSettings.namespace.read(env),
    nodeSlot: nodeSettings.nodeSlot.read(env),
    slotDatabaseUrl: nodeSettings.slotDatabaseUrl.read(env) ?? orders.directUrl,
    requestTimeoutMs: httpSettings.requestTimeoutMs.read(env),
    idempotencyKeyHours: workSettings.idempotencyKeyHours.read(env),
    consumes: workSettings.consumers.read(env) === 'on',
    batching: workSettings.batching.read(env) === 'on',
    reconcileAfterS: workSettings.reconcileAfterS.read(env),
    auditIntervalS: workSettings.auditIntervalS.read(env),
    http: {
      host: httpSettings.host.read(env),
      apiPort: httpSettings.apiPort.read(env),
      ordersPort: httpSettings.ordersPort.read(env),
      paymentsPort: httpSettings.paymentsPort.read(env),
    },
    access: readAccess(env, environment),
    kafka: readKafka(env),
    orders,
    payments: readDatabase(env, paymentsDatabaseSettings),
    tracing: readTracing(env),
    crashPointFile: readCrashPointFile(env, environment),
  };
}
