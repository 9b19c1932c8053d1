import { ServiceBroker } from 'moleculer';
import { Reading } from '../../../metrics/reading.ts';
import { readGauge, Sources } from '../../../metrics/readings.ts';
import { registryOf } from '../../../metrics/registry.ts';

test('what was read is shown again for a while, and asked for once by scrapes that come together', async () => {
  let asked = 0;
  const reading = new Reading(() => Promise.resolve(++asked));
  expect(await Promise.all([reading.get(), reading.get()])).toEqual([1, 1]);
  expect(await reading.get()).toBe(1);
});

test('what fails is not known, and is asked for again', async () => {
  let fails = true;
  const reading = new Reading(() => (fails ? Promise.reject(new Error('away')) : Promise.resolve(7)));
  expect(await reading.get()).toBeNull();
  fails = false;
  expect(await reading.get()).toBe(7);
});

test('a database that does not answer holds no scrape up, and is not asked a second time meanwhile', async () => {
  let asked = 0;
  const answer = Promise.withResolvers<number>();
  const reading = new Reading(() => {
    asked++;
    return answer.promise;
  });
  expect(await reading.get()).toBeNull();
  expect(await reading.get()).toBeNull();
  expect(asked).toBe(1);
  answer.resolve(3);
  expect(await reading.get()).toBe(3);
});

test('a gauge whose source knows nothing has no sample, rather than 0, with labels and without', async () => {
  const registry = registryOf(new ServiceBroker({ logger: false }));
  const sources = new Sources<number>();
  let known: number | null = 5;
  sources.add('orders', () => known);
  const common = { help: 'Things that wait.', sources };
  readGauge([registry], {
    ...common,
    name: 'waiting_here',
    labelNames: ['service'] as const,
    toSamples: (value, service) => [{ labels: { service }, value }],
  });
  readGauge([registry], {
    ...common,
    name: 'waiting_everywhere',
    labelNames: [] as const,
    toSamples: (value) => [{ labels: {}, value }],
  });
  const samples = async (): Promise<string[]> =>
    (await registry.metrics()).split('\n').filter((line) => line.startsWith('waiting'));
  expect(await samples()).toEqual(['waiting_here{service="orders"} 5', 'waiting_everywhere 5']);
  known = null;
  expect(await samples()).toEqual([]);
});
