import {
  newAccount,
  TERNARY_DEPOSIT,
  TERNARY_ORDERS,
  type AccountHistory,
} from '../../../chaos/history/account-history.ts';
import { Pace } from '../../../chaos/load/pace.ts';
import { Population } from '../../../chaos/load/population.ts';
import { Retries } from '../../../chaos/load/retries.ts';
import { MAX_MINOR_UNITS } from '../../../money/money.ts';
import { SeededRandom } from '../../../shop/random.ts';

test('the money of a ternary account pays each of its orders twice, and is a balance that there may be', () => {
  const all = Array.from({ length: TERNARY_ORDERS }, (_, digit) => 3n ** BigInt(digit)).reduce(
    (sum, amount) => sum + amount,
  );
  expect(TERNARY_DEPOSIT).toBeGreaterThanOrEqual(2n * all);
  expect(TERNARY_DEPOSIT).toBeLessThan(MAX_MINOR_UNITS);
});

test('a ternary account orders each power of three once, then another account takes its place', () => {
  const accounts: AccountHistory[] = [];
  const population = new Population(new SeededRandom(1), 'c', accounts);
  const ordered = new Map<AccountHistory, bigint[]>();
  for (let each = 0; each < 60_000; each++) {
    // Whoever is opened has its money at once.
    for (let next = population.nextOpening(); next !== undefined; next = population.nextOpening()) next.hasMoney = true;
    const write = population.someOrder();
    if (write?.account.kind !== 'ternary' || write.post.call !== 'order') continue;
    ordered.set(write.account, [...(ordered.get(write.account) ?? []), write.post.amount]);
  }
  const powers = Array.from({ length: TERNARY_ORDERS }, (_, digit) => 3n ** BigInt(digit));
  const done = [...ordered.values()].filter(({ length }) => length >= TERNARY_ORDERS);
  expect(done.length).toBeGreaterThan(100);
  for (const amounts of done) expect(amounts).toEqual(powers);
  expect(accounts.filter(({ kind }) => kind === 'ternary')).toHaveLength(1000 + done.length);
});

test('the same seed asks for the same', () => {
  const asked = (seed: number): unknown[] => {
    const population = new Population(new SeededRandom(seed), 'c', []);
    return Array.from({ length: 200 }, () => population.someOrder()?.post);
  };
  expect(asked(3)).toEqual(asked(3));
  expect(asked(3)).not.toEqual(asked(4));
});

test('the pace falls while answers are slow or none come, never below what keeps work in flight, and rises again', () => {
  const pace = new Pace(100);
  for (let second = 0; second < 60; second++) pace.adapt(null);
  expect(pace.perSecond).toBe(20);
  for (let second = 0; second < 60; second++) pace.adapt(10);
  expect(pace.perSecond).toBe(100);
  expect(pace.due(100) + pace.due(100)).toBe(20);
  // What was missed while this process stood still comes as no burst.
  expect(pace.due(60_000)).toBe(20);
});

test('a post is asked for again after a pause that grows, and not when somebody knows by then', () => {
  const post = { call: 'open', userId: 'u' } as const;
  const account = newAccount('u', 'hot');
  const write = {
    post,
    key: 'k',
    account,
    digit: null,
    outcome: 'unknown' as const,
    first: null,
    attempts: 1,
    firstSentAtMs: 0,
  };
  const known = { ...write, outcome: 'done' as const };
  const retries = new Retries();
  retries.add(write, 0);
  retries.add(known, 0);
  expect(retries.next(100)).toBeUndefined();
  expect(retries.next(200)).toBe(write);
  retries.add({ ...write, attempts: 4 }, 0);
  expect(retries.next(1500)).toBeUndefined();
  expect(retries.next(1600)).toBeDefined();
});
