import { keepConsuming } from '../../../mixins/inbox/keep-consuming.ts';
import { systemClock } from '../../../mixins/time/clock.ts';
import { consumerParts } from './consumer-parts.ts';
import { fakeGroupConsumer } from './fake-group-consumer.ts';

const topic = { name: 'orders', partitions: 1 };

test('a consumer that is stopped while its topics are prepared never joins', async () => {
  const prepared = Promise.withResolvers<undefined>();
  const stop = new AbortController();
  const { consumer, called } = fakeGroupConsumer();
  const ended = keepConsuming(
    { parts: consumerParts(), topic, prepare: () => prepared.promise, newConsumer: () => consumer },
    stop.signal,
  );
  stop.abort();
  prepared.resolve(undefined);
  await ended;
  expect(called).toEqual([]);
});

test('a consumer that is stopped while it joins leaves', async () => {
  const stop = new AbortController();
  const { consumer, connected, running, called } = fakeGroupConsumer();
  const ended = keepConsuming({ parts: consumerParts(), topic, newConsumer: () => consumer }, stop.signal);
  await systemClock.nextTurn();
  stop.abort();
  connected.resolve(undefined);
  running.resolve(undefined);
  await ended;
  expect(called).toEqual(['connect', 'disconnect']);
});
