/** Random choices that a seed repeats exactly: mulberry32 (Tommy Ettinger, 2017, public domain). Not for secrets. */
export class SeededRandom {
  private state: number;

  /** @param seed a whole number from 0 to 2^32 − 1 */
  constructor(seed: number) {
    this.state = seed;
  }

  /** @returns a number from 0 up to, and not, 1 */
  share(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** @returns a whole number from 0 to `bound` − 1; `bound` is at most 2^32 */
  below(bound: number): number {
    return Math.floor(this.share() * bound);
  }

  /** @returns a whole number from `min` to `max`, both included */
  between(min: number, max: number): number {
    return min + this.below(max - min + 1);
  }

  /** @returns whole minor units from `min` to `max`, both included */
  minorUnits(min: number, max: number): bigint {
    return BigInt(this.between(min, max));
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error('There is nothing to pick from.');
    return item;
  }

  shuffle<T>(items: readonly T[]): T[] {
    const shuffled = [...items];
    for (let last = shuffled.length - 1; last > 0; last--) {
      const other = this.below(last + 1);
      [shuffled[last], shuffled[other]] = [shuffled[other] as T, shuffled[last] as T];
    }
    return shuffled;
  }
}
