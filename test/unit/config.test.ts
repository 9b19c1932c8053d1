import { readFileSync } from 'node:fs';
import { ConfigError, loadConfig } from '../../config/config.ts';

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
  ['PAYMENTS_DATABASE_DIRECT_URL', 'postgres://localhost'],
  ['ORDERS_DATABASE_POOL', '1'],
  ['NAMESPACE', 'with.dots'],
  ['NODE_SLOT', '1.5'],
  ['LOG_LEVEL', 'loud'],
  ['NODE_ENV', 'staging'],
  ['REQUEST_TIMEOUT_MS', '5'],
])('%s=%s is refused with a sentence that names the variable', (name, value) => {
  const load = (): unknown => loadConfig({ [name]: value });
  expect(load).toThrow(ConfigError);
  expect(load).toThrow(name);
});

test('a database URL, which may hold a password, is not repeated in the sentence', () => {
  expect(() => loadConfig({ ORDERS_DATABASE_URL: 'http://u:hunter2@db/x' })).not.toThrow(/hunter2/);
});

test('every variable that is read stands in the table of the README', () => {
  const source = readFileSync('config/config.ts', 'utf8');
  const literal = [...source.matchAll(/'([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)'/g)].map(([, name]) => name ?? '');
  const suffixes = [...source.matchAll(/\$\{prefix\}_([A-Z_]+)`/g)].flatMap(([, suffix]) =>
    ['ORDERS', 'PAYMENTS'].map((prefix) => `${prefix}_${suffix ?? ''}`),
  );
  const readme = readFileSync('README.md', 'utf8');
  expect([...literal, ...suffixes].filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
});
