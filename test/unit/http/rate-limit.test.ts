import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { RateLimit } from '../../../http/rate-limit.ts';

/** How many of so many requests of one moment are let through. */
async function passing(limit: RateLimit, caller: string, requests: number): Promise<number> {
  const results = await Promise.allSettled(Array.from({ length: requests }, () => limit.count(caller)));
  return results.filter(({ status }) => status === 'fulfilled').length;
}

test('a caller may send its rate and a burst, and is then told when to come back', async () => {
  const limit = new RateLimit(10);
  expect(await passing(limit, 'alice', 100)).toBe(30);
  await expect(limit.count('alice')).rejects.toMatchObject({ type: 'rate-limited', data: { retryAfterS: 1 } });
});

test('callers are counted each for itself', async () => {
  const limit = new RateLimit(1);
  await passing(limit, 'alice', 10);
  expect(await passing(limit, 'bob', 1)).toBe(1);
});

test('any number of callers takes a bounded memory: those longest away are forgotten', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const limit = new RateLimit(1);
  await passing(limit, 'still here', 10);
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < 500_000; i += 1) {
    await limit.count(`caller ${i}`);
    if (i % 1000 === 0) await limit.count('still here').catch(() => undefined);
  }
  collect();
  // The library alone keeps 336 MB for as many.
  expect((process.memoryUsage().heapUsed - before) / 1e6).toBeLessThan(60);
});
