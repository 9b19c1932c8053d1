import type { FaultKind, FaultRecord, Touched } from '../../../chaos/faults/fault.ts';
import { FAULT_KINDS } from '../../../chaos/faults/kinds.ts';
import { firstWindows, fits, kindsFor, nextWindow, quietAfterMs } from '../../../chaos/faults/schedule.ts';
import { SeededRandom } from '../../../shop/random.ts';

const MINUTE_MS = 60_000;

function chance(seed: number): { random: SeededRandom } {
  return { random: new SeededRandom(seed) };
}

function kind(name: string, touches: readonly Touched[], usualS = 5): FaultKind {
  return { name, what: name, touches, usualS, run: () => Promise.reject(new Error('not run here')) };
}

function record(name: string, hit: boolean): FaultRecord {
  return { kind: name, target: '', hit, evidence: '', startedAtMs: 0, healedAtMs: 0, ordersInFlight: 1 };
}

function touchTheSame(window: readonly FaultKind[]): boolean {
  const touched = window.flatMap(({ touches }) => touches);
  return new Set(touched).size < touched.length;
}

test('a campaign knows more than twelve kinds of faults, each by a name of its own', () => {
  expect(FAULT_KINDS.length).toBeGreaterThan(12);
  expect(new Set(FAULT_KINDS.map(({ name }) => name)).size).toBe(FAULT_KINDS.length);
});

test('a long run shows each kind alone once; a short one shows each once, beside others', () => {
  const [long, short] = [kindsFor(30 * MINUTE_MS, FAULT_KINDS), kindsFor(5 * MINUTE_MS, FAULT_KINDS)];
  const alone = firstWindows(chance(1), long, 60 * MINUTE_MS);
  expect(alone.every(({ length }) => length === 1)).toBe(true);
  expect(new Set(alone.flat())).toEqual(new Set(long));

  const shared = firstWindows(chance(1), short, 5 * MINUTE_MS);
  expect(shared.length).toBeLessThan(short.length);
  expect(shared.flat()).toHaveLength(short.length);
  expect(new Set(shared.flat())).toEqual(new Set(short));
});

test('what takes minutes is left out of a short run', () => {
  const names = kindsFor(5 * MINUTE_MS, FAULT_KINDS).map(({ name }) => name);
  expect(names).not.toContain('backlog-100000');
  expect(names).toContain('backlog');
});

test('no two faults of one window touch the same part', () => {
  const random = chance(3);
  const windows = firstWindows(random, FAULT_KINDS, MINUTE_MS);
  for (let time = 0; time < 500; time++) {
    const window = nextWindow(random, FAULT_KINDS, [], 30 * MINUTE_MS);
    if (window !== null) windows.push(window);
  }
  expect(windows.some(({ length }) => length === 3)).toBe(true);
  expect(windows.filter(touchTheSame)).toEqual([]);
});

test('a kind that has hit nothing yet comes before the others', () => {
  const kinds = [kind('kafka', ['kafka']), kind('postgres', ['postgres']), kind('api', ['api'])];
  const records = [record('kafka', true), record('postgres', false), record('api', true)];
  for (let seed = 0; seed < 50; seed++) {
    expect(nextWindow(chance(seed), kinds, records, MINUTE_MS)?.[0]?.name).toBe('postgres');
  }
});

test('a kind that has missed twice waits its turn like the others', () => {
  const kinds = [kind('kafka', ['kafka']), kind('postgres', ['postgres']), kind('api', ['api'])];
  const records = [record('kafka', true), record('postgres', false), record('postgres', false), record('api', true)];
  const first = new Set(
    Array.from({ length: 50 }, (_, seed) => nextWindow(chance(seed), kinds, records, MINUTE_MS)?.[0]?.name),
  );
  expect(first).toEqual(new Set(['kafka', 'postgres', 'api']));
});

test('nothing begins that cannot end before the run does', () => {
  const kinds = [kind('long', ['kafka'], 50), kind('short', ['postgres'], 3)];
  for (let seed = 0; seed < 50; seed++) {
    expect(nextWindow(chance(seed), kinds, [], 10_000)).toEqual([kinds[1]]);
  }
  expect(nextWindow(chance(1), kinds, [], 2000)).toBeNull();
  expect(fits(kinds, 49_000)).toBe(false);
});

test('more than 30 % of the time lies outside of every window, however long the windows are', () => {
  for (const windowMs of [100, 1000, 5000, 60_000]) {
    expect(quietAfterMs(windowMs) / (windowMs + quietAfterMs(windowMs))).toBeGreaterThan(0.3);
  }
});

test('a seed repeats its windows', () => {
  const windows = (seed: number): string[][] =>
    firstWindows(chance(seed), FAULT_KINDS, MINUTE_MS).map((window) => window.map(({ name }) => name));
  expect(windows(5)).toEqual(windows(5));
  expect(windows(5)).not.toEqual(windows(6));
});
