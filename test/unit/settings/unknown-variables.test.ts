import { unknownVariables, knownVariables } from '../../../config/unknown-variables.ts';

test.each([
  ['KAFKA_BROKER', 'KAFKA_BROKERS'],
  ['KAKFA_BROKERS', 'KAFKA_BROKERS'],
  ['kafka_brokers', 'KAFKA_BROKERS'],
  ['ORDERS_DATABASE_ULR', 'ORDERS_DATABASE_URL'],
  ['ORDER_DATABASE_URL', 'ORDERS_DATABASE_URL'],
  ['PAYMENTS_DATABASE_DIRECT_UR', 'PAYMENTS_DATABASE_DIRECT_URL'],
  ['LOGLEVEL', 'LOG_LEVEL'],
  ['CONSUMER', 'CONSUMERS'],
  ['MIGRATION', 'MIGRATIONS'],
  ['AUTH_SECRET_FIEL', 'AUTH_SECRET_FILE'],
  ['RATE_LIMIT', 'RATE_LIMIT_PER_SECOND'],
  ['REQUEST_TIMEOUT', 'REQUEST_TIMEOUT_MS'],
])('%s is warned of, and %s is named', (name, meant) => {
  const warnings = unknownVariables({ [name]: 'x', PATH: '/bin' });
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain(`${name} is set`);
  expect(warnings[0]).toContain(`did you mean ${meant}?`);
});

test.each(['KAFKA_BOOTSTRAP_SERVERS', 'ORDERS_DB_CONNECTION_STRING', 'AUTH_PUBLIC_KEY'])(
  '%s, which is like nothing here but begins as ours do, is warned of',
  (name) => {
    expect(unknownVariables({ [name]: 'x' })).toEqual([
      expect.stringContaining(`${name} is set, and nothing reads it`),
    ]);
  },
);

test('what is set and known is not warned of', () => {
  expect(unknownVariables(Object.fromEntries(knownVariables().map((name) => [name, 'x'])))).toEqual([]);
});

test('what machines, shells, npm, CI, containers and orchestrators set is nobody’s mistake', () => {
  const others = [
    ...[
      'PATH',
      'HOME',
      'USER',
      'SHELL',
      'PWD',
      'OLDPWD',
      'LANG',
      'LC_ALL',
      'TERM',
      'TZ',
      'HOSTNAME',
      'EDITOR',
      'TMPDIR',
    ],
    ...['NODE_OPTIONS', 'NODE_PATH', 'NODE_VERSION', 'YARN_VERSION', 'NODE_COMPILE_CACHE', 'NODE_EXTRA_CA_CERTS'],
    ...['INIT_CWD', 'npm_config_cache', 'npm_lifecycle_event', 'npm_package_json', 'NO_COLOR', 'FORCE_COLOR', 'CI'],
    ...['JAVA_HOME', 'MAVEN_OPTS', 'KAFKA_HEAP_OPTS', 'KAFKA_HOME', 'PGHOST', 'PGPORT', 'PGSSLMODE', 'DATABASE_URL'],
    ...[
      'HTTP_PROXY',
      'HTTPS_PROXY',
      'NO_PROXY',
      'http_proxy',
      'DISPLAY',
      'SSH_AUTH_SOCK',
      'XAUTHORITY',
      'POSTGRES_USER',
    ],
    ...['KUBERNETES_SERVICE_HOST', 'KUBERNETES_PORT_443_TCP_ADDR', 'ORDERS_SERVICE_HOST', 'ORDERS_SERVICE_PORT_HTTP'],
    ...['ORDERS_PORT_8081_TCP', 'ORDERS_PORT_8081_TCP_PROTO', 'PAYMENTS_PORT_8082_TCP_ADDR', 'CHAOS_CLOCK_FILE'],
  ];
  expect(unknownVariables(Object.fromEntries(others.map((name) => [name, 'x'])))).toEqual([]);
});

test('the value, which may be a secret, is not repeated', () => {
  expect(unknownVariables({ AUTH_SECRT: 'hunter2' }).join()).not.toContain('hunter2');
});
