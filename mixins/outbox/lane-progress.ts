/**
 * An ordinary read begins behind what was gone this long ago: transactions that run beside each other commit out of
 * order by milliseconds, and are seen at once. Longer would make each read step over more rows that are deleted and
 * not yet vacuumed.
 */
const LOW_WATER_LAG_MS = 500;
/** A transaction that commits later than that is found by a read from 0 this often. */
const SCAN_INTERVAL_MS = 1000;
/**
 * A long snapshot elsewhere (a backup) keeps deleted rows in the way of a scan from 0; then scans take a tenth of the
 * time at most.
 */
const SCAN_SHARE = 10;
/** After a failure: quickly again at first, since most are a leader that moves; capped, so that recovery is seen soon. */
const RETRY_MIN_MS = 100;
const RETRY_MAX_MS = 3000;

/** How far a relay has come with one lane. Times are monotonic milliseconds. */
export class LaneProgress {
  readonly lane: number;
  /** Keys whose messages are parked instead of sent, those after the id given with each. */
  parkedKeys = new Map<string, number>();
  /** Not to be read before, after a failure. */
  waitsUntil = -Infinity;
  #failures = 0;
  #lowWaterId = 0;
  #nextLowWaterId = 0;
  #nextSince = -Infinity;
  #scanDueAt = -Infinity;

  constructor(lane: number) {
    this.lane = lane;
  }

  isScanDue(now: number): boolean {
    return now >= this.#scanDueAt;
  }

  /** @returns the id after which to read */
  readAfter(now: number): number {
    return this.isScanDue(now) ? 0 : this.#lowWaterId;
  }

  /** The lane was read: from 0, if that was due then. */
  noteRead(readAt: number, tookMs: number): void {
    if (this.isScanDue(readAt)) this.#scanDueAt = readAt + Math.max(SCAN_INTERVAL_MS, tookMs * SCAN_SHARE);
  }

  /** A message left the outbox. */
  noteGone(id: number, now: number): void {
    this.#failures = 0;
    if (now - this.#nextSince >= LOW_WATER_LAG_MS) {
      this.#lowWaterId = this.#nextLowWaterId;
      this.#nextSince = now;
      this.#nextLowWaterId = Math.max(this.#nextLowWaterId, id);
    }
  }

  /** A request with messages of this lane was not confirmed: the same messages again, later. */
  noteFailure(now: number): void {
    this.waitsUntil = now + Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** this.#failures++);
    // Whatever was read before, an unknown outcome is repeated from the lane's beginning.
    this.scanSoon();
  }

  /** What is known of the lane is out of date: the next read begins at 0. */
  scanSoon(): void {
    this.#scanDueAt = -Infinity;
  }
}
