/** Where a sweep begins: a range of so many rows is read in a few milliseconds. */
const START = 1000;
/** Below it, the round trips are what takes the time. */
const MIN = 100;
/** Above it, a sweep gets no faster, and a range that has to be compared row by row takes memory. */
const MAX = 10_000;
/**
 * How long a snapshot may be open: the relay steps over what was deleted from the outbox since the oldest snapshot
 * began, and that is at most some thousand rows in this time.
 */
const LIMIT_MS = 30;
/** Growth per range that was quick. */
const GROWTH = 1.25;

/** How many rows a range may have: halved by one that took too long, grown slowly by those that did not. */
export class RangeSize {
  #rows = START;

  get rows(): number {
    return Math.round(this.#rows);
  }

  /** @param snapshotMs how long the range's snapshot was open */
  observe(snapshotMs: number): void {
    if (snapshotMs > LIMIT_MS) this.#rows = Math.max(MIN, this.#rows / 2);
    // Not all the way up to the limit: every second range would be beyond it.
    else if (snapshotMs < LIMIT_MS / 2) this.#rows = Math.min(MAX, this.#rows * GROWTH);
  }
}
