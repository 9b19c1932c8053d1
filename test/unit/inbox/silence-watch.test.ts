import { SilenceWatch, type Glance } from '../../../mixins/inbox/silence-watch.ts';

const LIMIT_MS = 30_000;

/** A look each ten seconds, from a time on, as long as nothing changes. @returns when the member was replaced */
function replacements(watch: SilenceWatch, glance: Omit<Glance, 'now'>, fromMs: number, untilMs: number): number[] {
  const found: number[] = [];
  for (let now = fromMs; now <= untilMs; now += 10_000) if (watch.look({ ...glance, now })) found.push(now);
  return found;
}

test('work and no sign of life for the limit: the member is replaced, and silent until something is settled', () => {
  const watch = new SilenceWatch(LIMIT_MS);
  expect(replacements(watch, { signs: 7, progress: 3, hasWork: true }, 0, 30_000)).toEqual([30_000]);
  expect(watch.isSilent).toBe(true);
  // The new one fetches: a sign of life, and no progress yet.
  expect(watch.look({ now: 40_000, signs: 8, progress: 3, hasWork: true })).toBe(false);
  expect(watch.isSilent).toBe(true);
  expect(watch.look({ now: 50_000, signs: 9, progress: 4, hasWork: true })).toBe(false);
  expect(watch.isSilent).toBe(false);
});

test.each([
  ['nothing to do', false],
  ['a Kafka that does not say', null],
])('a member that is silent with %s is left alone', (_, hasWork) => {
  const watch = new SilenceWatch(LIMIT_MS);
  expect(replacements(watch, { signs: 7, progress: 3, hasWork }, 0, 600_000)).toEqual([]);
});

test('a member that shows signs of life without getting on is no silent one: it says itself what it waits for', () => {
  const watch = new SilenceWatch(LIMIT_MS);
  for (let round = 0; round < 60; round++) {
    expect(watch.look({ now: round * 10_000, signs: round, progress: 3, hasWork: true })).toBe(false);
  }
});

test('new members that do not help come at longer and longer intervals', () => {
  const watch = new SilenceWatch(LIMIT_MS);
  expect(replacements(watch, { signs: 7, progress: 3, hasWork: true }, 0, 600_000)).toEqual([
    30_000, 90_000, 210_000, 450_000,
  ]);
});

test('work that is gone ends the alarm: another member has done it', () => {
  const watch = new SilenceWatch(LIMIT_MS);
  replacements(watch, { signs: 7, progress: 3, hasWork: true }, 0, 30_000);
  watch.look({ now: 40_000, signs: 7, progress: 3, hasWork: false });
  expect(watch.isSilent).toBe(false);
  expect(replacements(watch, { signs: 7, progress: 3, hasWork: true }, 50_000, 70_000)).toEqual([70_000]);
});
