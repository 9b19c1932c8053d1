/** Below this there would be no work in flight for a fault to hit. */
const MIN_PER_SECOND = 20;
/** An answer that takes longer says that the machine has enough. */
const SLOW_MS = 400;
/** How fast the pace rises again, and falls. */
const RISE_PER_SECOND = 5;
const FALL_FACTOR = 0.8;
/** What was not sent in time is not made up for by a burst. */
const MAX_CREDIT = 20;

/**
 * How many requests a second: as many as the machine answers quickly, between a least and a most. Pure but for what it
 * remembers.
 */
export class Pace {
  readonly #maxPerSecond: number;
  #perSecond: number;
  #credit = 0;

  constructor(maxPerSecond: number) {
    this.#maxPerSecond = maxPerSecond;
    this.#perSecond = maxPerSecond;
  }

  get perSecond(): number {
    return this.#perSecond;
  }

  /** Once a second, with the median of what was answered in it. */
  adapt(medianMs: number | null): void {
    const isSlow = medianMs === null || medianMs > SLOW_MS;
    const next = isSlow ? this.#perSecond * FALL_FACTOR : this.#perSecond + RISE_PER_SECOND;
    this.#perSecond = Math.min(this.#maxPerSecond, Math.max(MIN_PER_SECOND, next));
  }

  /** @returns how many requests are due after so much time */
  due(elapsedMs: number): number {
    this.#credit = Math.min(MAX_CREDIT, this.#credit + (this.#perSecond * elapsedMs) / 1000);
    const whole = Math.floor(this.#credit);
    this.#credit -= whole;
    return whole;
  }
}
