/** Where a consumer begins: a transaction of this many typical events stays well under the limit of lock time. */
const START = 200;
/** Below it the fixed cost of a transaction (round trips, fsync) is what takes the time: smaller would only be slower. */
const MIN = 200;
/** Above it a transaction gets no cheaper per event, and a failing one is dear to repeat. */
const MAX = 1000;
/** The longest that a batch should hold locks on business rows: others (a deposit) wait for them. */
const LOCK_LIMIT_MS = 50;
/** Growth per batch that was full and quick: five batches double it. */
const GROWTH = 1.15;

/** How many events a batch may have: halved by one that held its locks too long, grown slowly by full ones that did not. */
export class BatchSize {
  readonly #max: number;
  #size: number;

  constructor(max = MAX) {
    this.#max = max;
    this.#size = Math.min(START, max);
  }

  get current(): number {
    return Math.round(this.#size);
  }

  /**
   * @param records how many the batch had
   * @param lockMs from the start of the handler to the end of the commit
   */
  observe(records: number, lockMs: number): void {
    if (lockMs > LOCK_LIMIT_MS) this.#size = Math.max(Math.min(MIN, this.#max), Math.min(this.#size, records) / 2);
    else if (records >= this.current) this.#size = Math.min(this.#max, this.#size * GROWTH);
  }
}
