/**
 * Every variable there is. One is added by a line here and a line where `Config` is made; `npm run docs` brings it
 * into docs/configuration.md and .env.example.
 */

import { ConfigError } from './read-variable.ts';
import {
  databaseUrl,
  integer,
  list,
  oneOf,
  splitList,
  text,
  variable,
  type Described,
  type Setting,
} from './setting.ts';

/** HMAC keys are at least as long as the shortest hash (RFC 7518, 3.2). */
export const MIN_SECRET_BYTES = 32;
/** Longer than what can be guessed over a network. */
const MIN_OPERATOR_TOKEN_CHARACTERS = 16;
/** What may stand behind `Bearer` (RFC 6750, 2.1). */
const BEARER_TOKEN = /^[A-Za-z0-9._~+/-]+=*$/;
export const SERVICES_RATE_LIMIT_PER_SECOND = 5000;
export const JWT_RATE_LIMIT_PER_SECOND = 100;
const MAX_RATE_LIMIT_PER_SECOND = 1_000_000;

/** A year: keys are kept for retries, not as an archive. */
const MAX_IDEMPOTENCY_KEY_HOURS = 366 * 24;

/**
 * Longer than payments is behind on an ordinary bad day: an order that is NEW for longer hardly waits its turn. At most
 * half of what a topic keeps, so that an event that was lost comes again while others of its time are still there.
 */
const DEFAULT_RECONCILE_AFTER_S = 15 * 60;
const MAX_RECONCILE_AFTER_S = 15 * 24 * 60 * 60;
/** Money that is wrong is known before many act on it; an incremental audit reads what is new since the last. */
const DEFAULT_AUDIT_INTERVAL_S = 15 * 60;
/** Well below what the alert on missing audits waits for. */
const MAX_AUDIT_INTERVAL_S = 24 * 60 * 60;

const PORTS = { from: 0, to: 65_535 };
const ON_OR_OFF = ['on', 'off'] as const;
const TRUE_OR_FALSE = ['true', 'false'] as const;

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;
export type Sampler = (typeof SAMPLERS)[number];

export const nodeSettings = {
  environment: oneOf('NODE_ENV', ['development', 'test', 'production'], {
    meaning: '`production` logs JSON, and opens no door until `AUTH` is decided',
  }).or('development'),
  logLevel: oneOf('LOG_LEVEL', LOG_LEVELS, {
    meaning:
      'what is logged: this and what is worse; `debug` has a line for each request and order ([logs.md](logs.md))',
  }).or('info'),
  namespace: variable('NAMESPACE', {
    allowed: 'up to 40 letters, digits, `_` and `-`',
    meaning: 'separates clusters that share one Kafka: part of the names of topics and groups',
    parse: parseNamespace,
  }).or('', 'empty'),
  nodeSlot: integer('NODE_SLOT', {
    from: 0,
    to: 9999,
    meaning: 'ordinal of a node among those of its service, where something outside hands them out',
  }).orNull('leased'),
  slotDatabaseUrl: databaseUrl('NODE_SLOT_DATABASE_URL', {
    meaning: 'where the gateway and REPLs lease their slots; PostgreSQL itself, not a pooler',
  }).orNull('the orders database'),
};

export const httpSettings = {
  host: text('HTTP_HOST', { allowed: 'an address of this machine', meaning: 'address that HTTP listens on' }).or(
    '0.0.0.0',
  ),
  apiPort: integer('API_PORT', { ...PORTS, meaning: 'HTTP port of the gateway' }).or(8080),
  ordersPort: integer('ORDERS_PORT', { ...PORTS, meaning: 'HTTP port of orders' }).or(8081),
  paymentsPort: integer('PAYMENTS_PORT', { ...PORTS, meaning: 'HTTP port of payments' }).or(8082),
  requestTimeoutMs: integer('REQUEST_TIMEOUT_MS', {
    from: 100,
    to: 600_000,
    meaning: 'how long a caller waits for an answer, in milliseconds',
  }).or(10_000),
  corsOrigins: list('CORS_ORIGINS', {
    allowed: '`*`, or origins like `https://shop.example`',
    meaning: 'origins whose pages may call, separated by commas; `*`: all',
  }),
  trustedProxies: list('TRUSTED_PROXIES', {
    allowed: 'addresses, or networks like `10.0.0.0/8`',
    meaning: 'who is believed about `X-Forwarded-For`, separated by commas',
  }),
};

export const accessSettings = {
  auth: oneOf('AUTH', ['off', 'jwt'], {
    meaning:
      '`jwt`: who calls shows a bearer token ([authorization.md](authorization.md)); `off`: everybody may do everything. ' +
      'With `NODE_ENV=production` one of them has to be said, or keys given',
  }).orNull('off; jwt when keys are given'),
  jwksUrl: variable('AUTH_JWKS_URL', {
    allowed: 'an http(s) address',
    meaning: 'keys of tokens: the key set of an issuer. Excludes the other two',
    parse: parseJwksUrl,
  }).orNull('none'),
  secretFile: text('AUTH_SECRET_FILE', {
    allowed: 'a path',
    meaning: 'keys of tokens: a file with one shared secret a line, read again when it changes',
  }).orNull('none'),
  secret: variable('AUTH_SECRET', {
    allowed: `${MIN_SECRET_BYTES} bytes or more`,
    meaning: 'keys of tokens: one shared secret, made at random',
    isSecret: true,
    parse: parseSecret,
  }).orNull('none'),
  issuer: text('AUTH_ISSUER', { allowed: 'text', meaning: 'what `iss` of a token has to be' }).orNull('any'),
  audience: text('AUTH_AUDIENCE', { allowed: 'text', meaning: 'what `aud` of a token has to name' }).orNull('any'),
  userClaim: text('AUTH_USER_CLAIM', {
    allowed: 'a claim',
    meaning: 'which claim of a token is the user',
  }).or('sub'),
  operatorToken: variable('OPERATOR_TOKEN', {
    allowed: `${MIN_OPERATOR_TOKEN_CHARACTERS} or more of letters, digits and \`- . _ ~ + /\``,
    meaning: "a bearer token for the operator's addresses, besides JWTs with the scope `operator`",
    isSecret: true,
    parse: parseOperatorToken,
  }).orNull('none'),
  rateLimitPerSecond: integer('RATE_LIMIT_PER_SECOND', {
    from: 0,
    to: MAX_RATE_LIMIT_PER_SECOND,
    meaning: 'requests of one caller; 0: no limit',
  }).orNull(`${JWT_RATE_LIMIT_PER_SECOND}; 0 with \`AUTH=off\``),
  rateLimitServicesPerSecond: integer('RATE_LIMIT_SERVICES_PER_SECOND', {
    from: 0,
    to: MAX_RATE_LIMIT_PER_SECOND,
    meaning: 'requests of a caller that may act for every user; 0: no limit',
  }).or(SERVICES_RATE_LIMIT_PER_SECOND),
};

export const kafkaSettings = {
  brokers: variable('KAFKA_BROKERS', {
    allowed: '`host:port`, several separated by commas',
    meaning: 'the brokers to begin with; given to `npm start`, it starts no Kafka of its own',
    parse: parseBrokers,
  }).or(['localhost:29092'], 'localhost:29092'),
  tls: oneOf('KAFKA_TLS', TRUE_OR_FALSE, {
    meaning: 'TLS to the brokers; `KAFKA_TLS_CA_FILE` turns it on, too',
  }).or('false'),
  caFile: text('KAFKA_TLS_CA_FILE', {
    allowed: 'path of a PEM file',
    meaning: "who signs the brokers' certificates",
  }).orNull("Node's own list"),
  certFile: text('KAFKA_TLS_CERT_FILE', {
    allowed: 'path of a PEM file',
    meaning: 'the certificate that a node shows to the brokers',
  }).orNull('none'),
  keyFile: text('KAFKA_TLS_KEY_FILE', { allowed: 'path of a PEM file', meaning: "that certificate's key" }).orNull(
    'none',
  ),
  username: text('KAFKA_SASL_USERNAME', {
    allowed: 'text',
    meaning: 'turns SASL on, together with `KAFKA_SASL_PASSWORD`',
  }).orNull('none'),
  password: text('KAFKA_SASL_PASSWORD', {
    allowed: 'text',
    meaning: 'goes with `KAFKA_SASL_USERNAME`',
    isSecret: true,
  }).orNull('none'),
  mechanism: oneOf('KAFKA_SASL_MECHANISM', ['plain', 'scram-sha-256', 'scram-sha-512'], {
    meaning: 'how SASL proves who asks',
  }).or('plain'),
};

/** Of one service's database. */
export interface DatabaseSettings {
  readonly url: Setting<string>;
  readonly directUrl: Setting<string | null>;
  readonly auditUrl: Setting<string | null>;
  readonly poolSize: Setting<number>;
}

export const ordersDatabaseSettings = databaseSettings('ORDERS', 'orders');
export const paymentsDatabaseSettings = databaseSettings('PAYMENTS', 'payments');

export const schemaSettings = {
  migrations: oneOf('MIGRATIONS', ['on-start', 'off'], {
    meaning:
      '`on-start`: nodes bring the schema up to date when they start; `off`: they wait, unready, until `npm run migrate` ' +
      'has done it ([deploy.md](deploy.md#migrations))',
  }).or('on-start'),
};

export const workSettings = {
  idempotencyKeyHours: integer('IDEMPOTENCY_KEY_HOURS', {
    from: 24,
    to: MAX_IDEMPOTENCY_KEY_HOURS,
    meaning: 'how long an `Idempotency-Key` is kept after its effect',
  }).or(24),
  consumers: oneOf('CONSUMERS', ON_OR_OFF, {
    meaning:
      '`off`: nodes consume no events, and only replays settle any: for a database that is being [restored](restore.md)',
  }).or('on'),
  reconcileAfterS: integer('RECONCILE_AFTER_S', {
    from: 0,
    to: MAX_RECONCILE_AFTER_S,
    meaning: 'how many seconds an order may be NEW before it is looked after ([replay.md](replay.md)); 0: only by hand',
  }).or(DEFAULT_RECONCILE_AFTER_S),
  auditIntervalS: integer('AUDIT_INTERVAL_S', {
    from: 0,
    to: MAX_AUDIT_INTERVAL_S,
    meaning:
      'how many seconds after the last [audit](audit.md) of the cluster, whoever asked for it, a payments node begins an ' +
      'incremental one; 0: only by hand',
  }).or(DEFAULT_AUDIT_INTERVAL_S),
  batching: oneOf('BATCHING', ON_OR_OFF, {
    meaning:
      '`off`: a transaction for each write and event, a request for each packet, a relay that polls every 200 ms: what ' +
      '`npm run bench` compares with',
  }).or('on'),
};

/** The names are OpenTelemetry's own. */
export const tracingSettings = {
  endpoint: collectorUrl(
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    'where traces go ([traces.md](traces.md)); without it none are made',
  ),
  tracesEndpoint: collectorUrl('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'the same, with its path: goes first'),
  protocol: oneOf('OTEL_EXPORTER_OTLP_PROTOCOL', ['http/protobuf'], { meaning: 'the only one there is' }).or(
    'http/protobuf',
  ),
  tracesProtocol: oneOf('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', ['http/protobuf'], {
    meaning: 'the only one there is',
  }).or('http/protobuf'),
  headers: pairs('OTEL_EXPORTER_OTLP_HEADERS', 'sent to the collector: its token, as a rule', true),
  tracesHeaders: pairs('OTEL_EXPORTER_OTLP_TRACES_HEADERS', 'the same, and goes first', true),
  exporter: oneOf('OTEL_TRACES_EXPORTER', ['otlp', 'none'], { meaning: '`none`: no traces' }).or('otlp'),
  disabled: oneOf('OTEL_SDK_DISABLED', TRUE_OR_FALSE, { meaning: '`true`: no traces' }).or('false'),
  sampler: oneOf('OTEL_TRACES_SAMPLER', SAMPLERS, { meaning: 'which traces are recorded' }).or('parentbased_always_on'),
  ratio: variable('OTEL_TRACES_SAMPLER_ARG', {
    allowed: '0 to 1',
    meaning: 'how many of the traces that begin here, for the samplers by ratio',
    parse: parseRatio,
  }).or(1),
  resource: pairs('OTEL_RESOURCE_ATTRIBUTES', 'said of each node', false),
};

export const faultSettings = {
  crashPointFile: text('CRASH_POINT_FILE', {
    allowed: 'a path',
    meaning: 'a file that names the point of the code where the node kills itself',
  }).orNull('none'),
  inProduction: oneOf('CRASH_POINTS_IN_PRODUCTION', TRUE_OR_FALSE, {
    meaning: 'allows that file with `NODE_ENV=production`',
  }).or('false'),
};

export const startSettings = {
  dataDir: text('DATA_DIR', { allowed: 'a path', meaning: 'data folder' }).or('.data'),
  kafkaPort: integer('KAFKA_PORT', { from: 1, to: 65_535, meaning: "Kafka's port, taken when it is free" }).or(29_092),
  postgresPort: integer('POSTGRES_PORT', {
    from: 1,
    to: 65_535,
    meaning: "PostgreSQL's port, taken when it is free",
  }).or(5432),
};

/** A part of the table. */
export interface Section {
  readonly title: string;
  readonly settings: Readonly<Record<string, Described>>;
}

/** Everything that is read, in the order of the table. */
export const SECTIONS: readonly Section[] = [
  { title: 'HTTP', settings: httpSettings },
  { title: 'Who may call', settings: accessSettings },
  { title: 'Kafka', settings: kafkaSettings },
  {
    title: 'Databases',
    settings: {
      ...prefixed('orders', ordersDatabaseSettings),
      ...prefixed('payments', paymentsDatabaseSettings),
      ...schemaSettings,
    },
  },
  { title: 'Work', settings: workSettings },
  { title: 'Node', settings: nodeSettings },
  { title: 'Traces', settings: tracingSettings },
  { title: 'Fault campaigns', settings: faultSettings },
  { title: 'The embedded start (npm start) alone', settings: startSettings },
];

/** Read by Docker Compose, which puts them into docker-compose.yml; no node sees them. */
export const COMPOSE_SECTION: Section = {
  title: 'docker-compose.yml alone',
  settings: {
    orders: composePassword('ORDERS_DATABASE_PASSWORD', 'orders', 'of the role `orders`'),
    payments: composePassword('PAYMENTS_DATABASE_PASSWORD', 'payments', 'of the role `payments`'),
    auditor: composePassword(
      'AUDITOR_DATABASE_PASSWORD',
      'auditor',
      'of the role `auditor`, which reads both databases',
    ),
    postgres: composePassword('POSTGRES_PASSWORD', 'postgres', 'of the superuser'),
  },
};

function databaseSettings(prefix: 'ORDERS' | 'PAYMENTS', name: string): DatabaseSettings {
  return {
    url: databaseUrl(`${prefix}_DATABASE_URL`, {
      meaning:
        `the database of ${name}, PostgreSQL 17 or newer; given to \`npm start\`, it starts none of its own. ` +
        'TLS: `?sslmode=verify-full`, with `&sslrootcert=` and the path of a PEM file where Node does not know who signed the certificate',
    }).or(`postgres://postgres:postgres@localhost:5432/${name}`),
    directUrl: databaseUrl(`${prefix}_DATABASE_DIRECT_URL`, {
      meaning: 'PostgreSQL itself, where a pooler stands between: for LISTEN, session locks and migrations',
    }).orNull('the same'),
    auditUrl: databaseUrl(`${prefix}_DATABASE_AUDIT_URL`, {
      meaning: 'by which [the audit](audit.md) reads; a role that can only read is enough',
    }).orNull('the direct one'),
    poolSize: integer(`${prefix}_DATABASE_POOL`, {
      from: 2,
      to: 500,
      meaning: "connections of one node at most, besides three or four of the relay's and the node's own",
    }).or(10),
  };
}

function prefixed(prefix: string, settings: DatabaseSettings): Record<string, Described> {
  return Object.fromEntries(
    Object.entries(settings).map(([name, setting]) => [`${prefix}.${name}`, setting as Described]),
  );
}

function composePassword(name: string, fallback: string, whose: string): Described {
  return {
    name,
    fallback,
    allowed: 'letters, digits, `-`, `_`',
    meaning: `password ${whose}; set before the first start`,
    isSecret: true,
  };
}

function collectorUrl(name: string, meaning: string): Setting<URL | null> {
  const parse = (value: string): URL => {
    const url = URL.parse(value);
    // The value may hold a password: not repeated.
    if (url === null || !/^https?:$/.test(url.protocol)) {
      throw new ConfigError(`${name} is no URL of a collector; it has to look like http://localhost:4318.`);
    }
    return url;
  };
  return variable(name, { allowed: 'an http(s) address', meaning, parse }).orNull('none');
}

/** Values are percent-encoded, as OpenTelemetry has them. */
function pairs(name: string, meaning: string, isSecret: boolean): Setting<Readonly<Record<string, string>>> {
  const parse = (text: string): Record<string, string> =>
    Object.fromEntries(
      splitList(text).map((pair): [string, string] => {
        const [, key, value] = /^([^=\s]+)\s*=(.*)$/s.exec(pair) ?? [];
        const decoded = decode(value?.trim());
        // A header may be a token: not repeated.
        if (key === undefined || decoded === null) {
          throw new ConfigError(
            `${name} has to be key=value, or several separated by commas, with values percent-encoded.`,
          );
        }
        return [key, decoded];
      }),
    );
  return variable<Readonly<Record<string, string>>>(name, {
    allowed: '`key=value`, several separated by commas',
    meaning,
    isSecret,
    parse,
  }).or({}, 'none');
}

function decode(value: string | undefined): string | null {
  try {
    return value === undefined ? null : decodeURIComponent(value);
  } catch {
    return null;
  }
}

function parseRatio(value: string): number {
  if (!/^(0(\.\d+)?|1(\.0+)?)$/.test(value)) {
    throw new ConfigError(`OTEL_TRACES_SAMPLER_ARG is "${value}"; it has to be a number from 0 to 1.`);
  }
  return Number(value);
}

function parseNamespace(value: string): string {
  if (!/^[A-Za-z0-9_-]{0,40}$/.test(value)) {
    throw new ConfigError(`NAMESPACE is "${value}"; it takes up to 40 letters, digits, "_" and "-" (no dots).`);
  }
  return value;
}

function parseBrokers(value: string): string[] {
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

function parseJwksUrl(url: string): string {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new ConfigError(`AUTH_JWKS_URL is "${url}"; it has to be the https address of a JSON Web Key Set.`);
  }
  return url;
}

function parseSecret(secret: string): string {
  if (Buffer.byteLength(secret) < MIN_SECRET_BYTES) {
    // The secret itself is not repeated.
    throw new ConfigError(
      `AUTH_SECRET has ${Buffer.byteLength(secret)} bytes; it needs at least ${MIN_SECRET_BYTES}, made at random.`,
    );
  }
  return secret;
}

function parseOperatorToken(token: string): string {
  if (token.length < MIN_OPERATOR_TOKEN_CHARACTERS || !BEARER_TOKEN.test(token)) {
    throw new ConfigError(
      `OPERATOR_TOKEN cannot be used: it has at least ${MIN_OPERATOR_TOKEN_CHARACTERS} characters, of letters, digits and - . _ ~ + /.`,
    );
  }
  return token;
}
