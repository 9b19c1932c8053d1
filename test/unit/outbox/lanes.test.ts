import { laneOf, stepTowardsShare } from '../../../mixins/outbox/lanes.ts';

describe('the lane of a key', () => {
  test('never changes: rows that wait were given theirs by an older node', () => {
    expect(['alice', 'bob', 'user-1', 'ключ', ''].map((key) => laneOf(key, 16))).toEqual([5, 2, 7, 5, 9]);
  });

  test('spreads keys that differ in one digit only over all lanes', () => {
    const counts = new Array<number>(16).fill(0);
    for (let user = 0; user < 16_000; user++) {
      const lane = laneOf(`user-${user}`, 16);
      counts[lane] = (counts[lane] ?? 0) + 1;
    }
    expect(Math.min(...counts)).toBeGreaterThan(800);
    expect(Math.max(...counts)).toBeLessThan(1200);
  });
});

describe('sharing lanes', () => {
  test('a relay alone claims every lane, beginning where it likes', () => {
    const step = stepTowardsShare(4, { members: 1, heldHere: [], heldElsewhere: [] }, 2);
    expect(step).toEqual({ release: [], claim: [2, 3, 0, 1] });
  });

  test('a member that came makes the others give up what is above their share', () => {
    const step = stepTowardsShare(16, { members: 3, heldHere: [0, 1, 2, 3, 4, 5, 6, 7], heldElsewhere: [8, 9] }, 0);
    expect(step).toEqual({ release: [0, 1], claim: [] });
  });

  test('at its share a relay leaves free lanes to the others', () => {
    const step = stepTowardsShare(4, { members: 2, heldHere: [0, 1], heldElsewhere: [] }, 0);
    expect(step).toEqual({ release: [], claim: [] });
  });

  test.each([1, 2, 3, 5, 7, 16, 20])(
    '%i relays that step in turn end with every lane held, none above its share',
    (n) => {
      const held: number[][] = Array.from({ length: n }, () => []);
      for (let round = 0; round < 10; round++) {
        held.forEach((mine, relay) => {
          const others = held.filter((_, other) => other !== relay).flat();
          const step = stepTowardsShare(16, { members: n, heldHere: mine, heldElsewhere: others }, relay * 5);
          held[relay] = [...mine.filter((lane) => !step.release.includes(lane)), ...step.claim];
        });
      }
      expect(held.flat().toSorted((a, b) => a - b)).toEqual(Array.from({ length: 16 }, (_, lane) => lane));
      expect(Math.max(...held.map(({ length }) => length))).toBeLessThanOrEqual(Math.ceil(16 / n));
    },
  );

  test('after a member left, what it held is taken over whole', () => {
    const step = stepTowardsShare(6, { members: 2, heldHere: [0, 1], heldElsewhere: [4, 5] }, 0);
    expect(step).toEqual({ release: [], claim: [2] });
  });
});
