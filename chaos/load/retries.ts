import type { Write } from '../history/account-history.ts';

const FIRST_PAUSE_MS = 200;
const MAX_PAUSE_MS = 3000;

/** Posts of which nobody knows whether they were done, each with the time when it is asked for again. */
export class Retries {
  readonly #dueAtMs = new Map<Write, number>();

  /** Waits longer after each attempt. */
  add(write: Write, nowMs: number): void {
    const pauseMs = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (write.attempts - 1));
    this.#dueAtMs.set(write, nowMs + pauseMs);
  }

  /** Takes one that is due and still unknown. */
  next(nowMs: number): Write | undefined {
    for (const [write, dueAtMs] of this.#dueAtMs) {
      if (write.outcome === 'unknown' && dueAtMs > nowMs) continue;
      this.#dueAtMs.delete(write);
      if (write.outcome === 'unknown') return write;
    }
    return undefined;
  }
}
