import { growthOf } from '../../../bench/overload/memory-growth.ts';

/** @returns a curve of two minutes */
function curve(mbAt: (second: number) => number): { node: string; residentMb: number[] } {
  return { node: 'api', residentMb: Array.from({ length: 120 }, (_, second) => mbAt(second)) };
}

describe('The growth of a node’s memory under overload', () => {
  it('is none when it rises in the first third only', () => {
    expect(growthOf(curve((second) => Math.min(200 + 3 * second, 320)))).toEqual({
      node: 'api',
      middleMb: 320,
      lastMb: 320,
      flat: true,
    });
  });

  it('is none when memory is a saw, wherever its last tooth ends', () => {
    for (let phase = 0; phase < 25; phase++) {
      expect(growthOf(curve((second) => 200 + 3 * ((second + phase) % 25))).flat).toBe(true);
    }
  });

  it('is found when one refused request in twenty is kept, at 3 000 refused a second and 8 KB each', () => {
    expect(growthOf(curve((second) => 280 + (second * 3000 * 8) / 20 / 1024)).flat).toBe(false);
  });

  it('of what shrinks is none', () => {
    expect(growthOf(curve((second) => 300 - second)).flat).toBe(true);
  });
});
