import { readStartOptions } from '../../start/options.ts';
import { StartError } from '../../start/start-error.ts';
import { UsageError } from '../../terminal/command.js';

describe('the options of npm start', () => {
  test('without any, everything is embedded on the usual ports', () => {
    const options = readStartOptions([], {});
    expect(options).toMatchObject({
      fresh: false,
      external: { kafka: false, orders: false, payments: false },
      embeddedPorts: { kafka: 29092, postgres: 5432 },
      config: { http: { apiPort: 8080, ordersPort: 8081, paymentsPort: 8082 } },
    });
    expect(options.dataDir).toMatch(/\.data$/);
  });

  test('each part that is given replaces that embedded part alone', () => {
    const { external } = readStartOptions([], {
      KAFKA_BROKERS: 'a:9092',
      PAYMENTS_DATABASE_URL: 'postgres://h/payments',
    });
    expect(external).toEqual({ kafka: true, orders: false, payments: true });
  });

  test('an empty variable counts as absent', () => {
    expect(readStartOptions([], { KAFKA_BROKERS: '', DATA_DIR: ' ' })).toMatchObject({ external: { kafka: false } });
  });

  test.each([
    ['a port that is no number', [], { API_PORT: 'x' }, 'API_PORT is "x"'],
    ['two nodes on one port', [], { API_PORT: '8081' }, 'three different ports'],
    ['a direct URL without its URL', [], { ORDERS_DATABASE_DIRECT_URL: 'postgres://h/orders' }, 'set both'],
    ['an embedded port out of range', [], { KAFKA_PORT: '70000' }, 'KAFKA_PORT is "70000"'],
  ])('%s is refused in one sentence', (_name, args, env, sentence) => {
    const read = (): unknown => readStartOptions(args, env);
    expect(read).toThrow(StartError);
    expect(read).toThrow(sentence);
  });

  test('an option that does not exist is no problem of the machine', () => {
    expect(() => readStartOptions(['--nope'], {})).toThrow(UsageError);
  });
});
