/** A new member that did not help is given twice the time, so many times: what it cannot change is not tried for ever. */
const MAX_DOUBLINGS = 4;

/** What is seen of a consumer at one moment. */
export interface Glance {
  /** Monotonic milliseconds. */
  readonly now: number;
  /** Counts whatever the consumer does: fetches, commits, failed attempts. Any other number than before is a sign of life. */
  readonly signs: number;
  /** Counts what is settled or skipped alone: the consumer gets on. */
  readonly progress: number;
  /** Whether there is anything to do: a batch under way, or records behind the end of its partitions. Null: not known now. */
  readonly hasWork: boolean | null;
}

/**
 * Finds a consumer that has died without a word: it has work, is in its group, and nothing moves. The group hears
 * heartbeats of such a member, and nothing was thrown. Pure.
 */
export class SilenceWatch {
  readonly #limitMs: number;
  #signs = -1;
  #silentSince = 0;
  /** The progress at which it was found silent; null while it was not, or has got on since. */
  #foundAt: number | null = null;
  /** How often it was found silent in a row. */
  #found = 0;

  /** @param limitMs longer than any attempt takes, or its pause: whoever waits for a database shows signs between */
  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  /** @returns true when the member has to be replaced; the time then begins anew */
  look({ now, signs, progress, hasWork }: Glance): boolean {
    if (hasWork === false || (this.#foundAt !== null && progress !== this.#foundAt)) {
      this.#foundAt = null;
      this.#found = 0;
    }
    if (signs !== this.#signs || hasWork !== true) {
      this.#signs = signs;
      this.#silentSince = now;
      return false;
    }
    if (now - this.#silentSince < this.#limitMs * 2 ** Math.min(this.#found, MAX_DOUBLINGS)) return false;
    this.#silentSince = now;
    this.#foundAt = progress;
    this.#found++;
    return true;
  }

  /** Whether it was found silent, and has not got on since: a new member has not helped, or not yet. */
  get isSilent(): boolean {
    return this.#foundAt !== null;
  }
}
