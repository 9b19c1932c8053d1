import { accessWarnings } from '../../config/access-config.ts';
import { ConfigError, doorAccess, loadConfig } from '../../config/config.ts';

test('without any variable everything has the default that npm start uses', () => {
  expect(loadConfig({})).toMatchObject({
    environment: 'development',
    namespace: '',
    nodeSlot: null,
    http: { apiPort: 8080, ordersPort: 8081, paymentsPort: 8082 },
    kafka: { brokers: ['localhost:29092'], tls: null, sasl: null },
    orders: { url: 'postgres://postgres:postgres@localhost:5432/orders' },
    payments: { url: 'postgres://postgres:postgres@localhost:5432/payments' },
  });
});

test('an empty or blank variable counts as absent', () => {
  expect(loadConfig({ KAFKA_BROKERS: '', API_PORT: '  ', NODE_SLOT: '' })).toEqual(loadConfig({}));
});

test('the direct URL is the URL unless it is given', () => {
  const url = 'postgres://u:p@db:5432/orders';
  const directUrl = 'postgres://u:p@db-direct:5432/orders';
  expect(loadConfig({ ORDERS_DATABASE_URL: url }).orders).toMatchObject({ url, directUrl: url });
  expect(loadConfig({ ORDERS_DATABASE_URL: url, ORDERS_DATABASE_DIRECT_URL: directUrl }).orders).toMatchObject({
    url,
    directUrl,
  });
});

test('the audit reads by the direct URL unless it is given one of its own', () => {
  const directUrl = 'postgres://u:p@db-direct:5432/orders';
  const auditUrl = 'postgres://auditor:p@db-direct:5432/orders';
  const env = { ORDERS_DATABASE_DIRECT_URL: directUrl };
  expect(loadConfig(env).orders.auditUrl).toBe(directUrl);
  expect(loadConfig({ ...env, ORDERS_DATABASE_AUDIT_URL: auditUrl }).orders).toMatchObject({ directUrl, auditUrl });
});

test('several brokers, TLS and SASL are read', () => {
  expect(
    loadConfig({
      KAFKA_BROKERS: 'a:9092, b:9092',
      KAFKA_TLS_CA_FILE: '/ca.pem',
      KAFKA_SASL_USERNAME: 'user',
      KAFKA_SASL_PASSWORD: 'secret',
      KAFKA_SASL_MECHANISM: 'scram-sha-512',
    }).kafka,
  ).toEqual({
    brokers: ['a:9092', 'b:9092'],
    tls: { caFile: '/ca.pem' },
    sasl: { mechanism: 'scram-sha-512', username: 'user', password: 'secret' },
  });
});

test.each([
  ['API_PORT', '80a'],
  ['API_PORT', '65536'],
  ['ORDERS_PORT', '-1'],
  ['KAFKA_BROKERS', 'kafka://a:9092'],
  ['KAFKA_BROKERS', 'a:9092,'],
  ['KAFKA_TLS', 'yes'],
  ['KAFKA_SASL_USERNAME', 'alone'],
  ['ORDERS_DATABASE_URL', 'mysql://localhost/orders'],
  ['ORDERS_DATABASE_URL', 'postgres://localhost:70000/orders'],
  ['ORDERS_DATABASE_URL', 'postgres://one,two/orders'],
  ['ORDERS_DATABASE_URL', 'postgres://one:5432,two:5432/orders'],
  ['PAYMENTS_DATABASE_URL', 'postgres://localhost/payments?options=-c%20statement_timeout%3D0'],
  ['PAYMENTS_DATABASE_DIRECT_URL', 'postgres://localhost/payments?sslmode=verify-full&sslrootcert=/no/such.pem'],
  ['PAYMENTS_DATABASE_DIRECT_URL', 'postgres://localhost'],
  ['ORDERS_DATABASE_POOL', '1'],
  ['NAMESPACE', 'with.dots'],
  ['NODE_SLOT', '1.5'],
  ['LOG_LEVEL', 'loud'],
  ['NODE_ENV', 'staging'],
  ['REQUEST_TIMEOUT_MS', '5'],
  ['AUTH', 'on'],
  ['AUTH', 'jwt'],
  ['AUTH_SECRET', 'hunter2'],
  ['AUTH_JWKS_URL', 'keys.json'],
  ['AUTH_JWKS_URL', 'file:///keys.json'],
  ['OPERATOR_TOKEN', 'hunter2'],
  ['OPERATOR_TOKEN', 'two words of a token'],
  ['RATE_LIMIT_PER_SECOND', '-1'],
  ['RATE_LIMIT_SERVICES_PER_SECOND', 'many'],
  ['CORS_ORIGINS', 'shop.example'],
  ['CORS_ORIGINS', 'https://shop.example/'],
  ['CORS_ORIGINS', 'https://shop.example,*'],
  ['CORS_ORIGINS', 'null'],
  ['TRUSTED_PROXIES', 'proxy.example'],
  ['TRUSTED_PROXIES', '10.0.0.0/33'],
  ['TRUSTED_PROXIES', '10.0.0.0/'],
  ['IDEMPOTENCY_KEY_HOURS', '23'],
  ['RECONCILE_AFTER_S', 'never'],
  ['CONSUMERS', 'no'],
  ['BATCHING', 'no'],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'localhost:4318'],
  ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'grpc://collector'],
  ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc'],
  ['OTEL_EXPORTER_OTLP_HEADERS', 'a token'],
  ['OTEL_TRACES_SAMPLER', 'sometimes'],
  ['OTEL_TRACES_SAMPLER_ARG', '1.5'],
])('%s=%s is refused with a sentence that names the variable', (name, value) => {
  const load = (): unknown => loadConfig({ [name]: value });
  expect(load).toThrow(ConfigError);
  expect(load).toThrow(name);
});

test('a database URL, which may hold a password, is not repeated in the sentence', () => {
  expect(() => loadConfig({ ORDERS_DATABASE_URL: 'http://u:hunter2@db/x' })).not.toThrow(/hunter2/);
});

test('secrets are not repeated in the sentence', () => {
  for (const name of ['AUTH_SECRET', 'OPERATOR_TOKEN', 'OTEL_EXPORTER_OTLP_HEADERS']) {
    expect(() => loadConfig({ [name]: 'hunter2' })).not.toThrow(/hunter2/);
  }
});

describe('traces', () => {
  const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/otlp/' };

  test('are not made without an endpoint, nor when they are switched off', () => {
    expect(loadConfig({ OTEL_TRACES_SAMPLER: 'always_on' }).tracing).toBeNull();
    expect(loadConfig({ ...ENDPOINT, OTEL_SDK_DISABLED: 'true' }).tracing).toBeNull();
    expect(loadConfig({ ...ENDPOINT, OTEL_TRACES_EXPORTER: 'none' }).tracing).toBeNull();
  });

  test('go below the common endpoint, or to the one that is their own', () => {
    expect(loadConfig(ENDPOINT).tracing).toEqual({
      url: 'http://collector:4318/otlp/v1/traces',
      headers: {},
      sampler: 'parentbased_always_on',
      ratio: 1,
      resource: {},
    });
    const own = { ...ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://traces.example/in' };
    expect(loadConfig(own).tracing?.url).toBe('https://traces.example/in');
  });

  test('are sampled, and described, as OpenTelemetry says it', () => {
    const env = {
      ...ENDPOINT,
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.25',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20abc,x-team=shop',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    };
    expect(loadConfig(env).tracing).toMatchObject({
      sampler: 'parentbased_traceidratio',
      ratio: 0.25,
      headers: { authorization: 'Bearer abc', 'x-team': 'shop' },
      resource: { 'deployment.environment.name': 'test' },
    });
  });
});

describe('who may call', () => {
  const SECRET = 'a secret of more than thirty-two bytes';

  test('is everybody in development, with a warning', () => {
    const { access } = loadConfig({});
    expect(access).toEqual({
      auth: { mode: 'off' },
      operatorToken: null,
      rateLimitPerSecond: 0,
      rateLimitServicesPerSecond: 5000,
      corsOrigins: [],
      trustedProxies: [],
    });
    expect(accessWarnings(access)).toEqual([expect.stringContaining('Authorisation is off')]);
  });

  test('has to be said in production: a door refuses otherwise, and what has no door does not', () => {
    const { access } = loadConfig({ NODE_ENV: 'production' });
    expect(() => doorAccess(access)).toThrow(ConfigError);
    for (const name of ['NODE_ENV', 'AUTH=jwt', 'AUTH=off', 'AUTH_JWKS_URL', 'AUTH_SECRET_FILE', 'AUTH_SECRET']) {
      expect(() => doorAccess(access)).toThrow(name);
    }
    expect(doorAccess(loadConfig({ NODE_ENV: 'production', AUTH: 'off' }).access).auth).toEqual({ mode: 'off' });
    expect(doorAccess(loadConfig({ NODE_ENV: 'production', AUTH_SECRET: SECRET }).access).auth.mode).toBe('jwt');
  });

  test('is whoever has a token when keys are given, unless AUTH says off', () => {
    const { auth, rateLimitPerSecond } = loadConfig({ AUTH_SECRET: SECRET }).access;
    expect(auth).toEqual({
      mode: 'jwt',
      keys: { kind: 'secret', secret: SECRET },
      issuer: null,
      audience: null,
      userClaim: 'sub',
    });
    expect(rateLimitPerSecond).toBe(100);
    expect(loadConfig({ AUTH: 'off', AUTH_SECRET: SECRET }).access.auth).toEqual({ mode: 'off' });
  });

  test('has its keys from one place', () => {
    expect(() => loadConfig({ AUTH_SECRET: SECRET, AUTH_SECRET_FILE: '/s' })).toThrow(/exclude each other/);
  });

  test('is warned of when keys or tokens could be somebody else’s', () => {
    const warningsOf = (url: string, audience = 'shop'): string[] =>
      accessWarnings(loadConfig({ AUTH_JWKS_URL: url, AUTH_AUDIENCE: audience }).access);
    expect(warningsOf('https://issuer.example/keys')).toEqual([]);
    expect(warningsOf('http://127.0.0.1/keys')).toEqual([]);
    expect(warningsOf('http://issuer.example/keys')).toEqual([expect.stringContaining('AUTH_JWKS_URL is not https')]);
    expect(warningsOf('https://issuer.example/keys', '')).toEqual([expect.stringContaining('AUTH_AUDIENCE')]);
  });

  test('lists are read', () => {
    const { corsOrigins, trustedProxies } = loadConfig({
      CORS_ORIGINS: 'https://shop.example, http://localhost:3000',
      TRUSTED_PROXIES: '10.0.0.0/8,fd00::/8,192.0.2.1',
    }).access;
    expect(corsOrigins).toEqual(['https://shop.example', 'http://localhost:3000']);
    expect(trustedProxies).toEqual(['10.0.0.0/8', 'fd00::/8', '192.0.2.1']);
    expect(loadConfig({ CORS_ORIGINS: '*' }).access.corsOrigins).toBe('*');
  });
});
