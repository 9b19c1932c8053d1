import { steadyNow } from '../../kafka/deadline.ts';
import { KafkaClock } from '../../kafka/kafka-clock.ts';

const HOUR_MS = 3_600_000;

/** To half a second, since time goes by between looking at two clocks. */
function expectOffset(clock: KafkaClock, offsetMs: number): void {
  expect(Math.abs(clock.now() - steadyNow() - offsetMs)).toBeLessThan(500);
}

test('a node whose clock is an hour off sees Kafka’s time after one round trip', () => {
  const clock = new KafkaClock();
  const sentAt = steadyNow();
  clock.sample(sentAt, sentAt + 5 - HOUR_MS, sentAt + 10);
  expectOffset(clock, -HOUR_MS);
});

test('a slow round trip does not spoil what a quick one showed', () => {
  const clock = new KafkaClock();
  const sentAt = steadyNow();
  clock.sample(sentAt, sentAt + 5, sentAt + 10);
  // The process was stopped for 20 s between sending and hearing.
  clock.sample(sentAt + 100, sentAt + 101, sentAt + 20_100);
  expectOffset(clock, 0);
});

test('a slow round trip is believed when the quick one was long ago', () => {
  const clock = new KafkaClock();
  const sentAt = steadyNow();
  clock.sample(sentAt, sentAt + 5, sentAt + 10);
  clock.sample(sentAt + 60_000, sentAt + 60_100 + HOUR_MS, sentAt + 60_200);
  expectOffset(clock, HOUR_MS);
});
