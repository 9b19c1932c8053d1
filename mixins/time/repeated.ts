import { Background } from './background.ts';
import { systemClock, type Clock } from './clock.ts';

/** A schedule looks more often than it acts: what is due is done at most a quarter late. */
const MAX_INTERVAL_MS = 60_000;
const MIN_INTERVAL_MS = 1000;

export interface RepeatedOptions {
  /** How long something may wait until it is due, in milliseconds; looks are a quarter of it apart, 1 to 60 s. */
  readonly dueAfterMs: number;
  /** Looks, and does what is due, unless it is told to stop. Every node looks: the work has to see that one of them does it. */
  readonly look: (stop: AbortSignal) => Promise<void>;
  /** It is tried again, and nobody waits for it. */
  readonly onFailure: (error: unknown) => void;
  readonly clock?: Clock;
}

/** Does what is due, again and again, until it is stopped. */
export class Repeated extends Background {
  readonly #options: RepeatedOptions;

  constructor(options: RepeatedOptions) {
    super();
    this.#options = options;
  }

  protected async run(signal: AbortSignal): Promise<void> {
    const { dueAfterMs, look, onFailure, clock = systemClock } = this.#options;
    const intervalMs = Math.min(MAX_INTERVAL_MS, Math.max(MIN_INTERVAL_MS, dueAfterMs / 4));
    for (;;) {
      await clock.pause(intervalMs, signal);
      if (signal.aborted) return;
      try {
        await look(signal);
      } catch (error) {
        onFailure(error);
      }
    }
  }
}
