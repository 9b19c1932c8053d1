import { randomUUID } from 'node:crypto';
import { ServiceBroker, type Context, type ServiceSchema } from 'moleculer';
import { loadConfig, type Config } from '../../config/config.ts';
import { brokerOptions } from '../../moleculer.config.ts';
import { unreadyParts } from '../../health/readiness.ts';

const namespace = `t-${randomUUID().slice(0, 8)}`;
const config: Config = {
  ...loadConfig({
    KAFKA_BROKERS: process.env['TEST_KAFKA_BROKERS'],
    LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'error',
  }),
  namespace,
};

const brokers: ServiceBroker[] = [];

async function node(nodeID: string, ...services: ServiceSchema[]): Promise<ServiceBroker> {
  const broker = new ServiceBroker({ ...brokerOptions(config, nodeID), skipProcessEventRegistration: true });
  brokers.push(broker);
  for (const service of services) broker.createService(service);
  await broker.start();
  return broker;
}

const echo: ServiceSchema = {
  name: 'echo',
  actions: {
    say: (ctx: Context): unknown => ctx.params,
  },
};

afterAll(async () => {
  await Promise.all(brokers.map((broker) => broker.stop()));
});

test('calls cross between nodes both ways, 64 at a time', async () => {
  const [one, two] = await Promise.all([
    node('one-0', { ...echo, name: 'one' }),
    node('two-0', { ...echo, name: 'two' }),
  ]);
  await Promise.all([one.waitForServices('two'), two.waitForServices('one')]);
  const calls = Array.from({ length: 64 }, (_, index) => index);
  expect(await Promise.all(calls.map((index) => one.call('two.say', { index })))).toEqual(
    calls.map((index) => ({ index })),
  );
  expect(await Promise.all(calls.map((index) => two.call('one.say', { index })))).toEqual(
    calls.map((index) => ({ index })),
  );
  expect(unreadyParts(one)).toEqual([]);
});
