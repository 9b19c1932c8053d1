import { BurstyRateLimiter, RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';
import { problem } from '../problems/problems.ts';

/** Beyond the rate, a caller may send this many seconds' worth more in each burst window. */
const BURST_S = 2;
const BURST_WINDOW_S = 10;
/** More callers than one node can serve in a burst window; the library itself keeps any number (0.7 kB each). */
const MAX_CALLERS = 20_000;
/** One by one, finding the oldest of a set walks over all that went before it. */
const FORGOTTEN_AT_ONCE = 2000;

/** Requests a second of each caller, counted in this process. Whose last request is longest ago is forgotten first. */
export class RateLimit {
  readonly #steady: RateLimiterMemory;
  readonly #burst: RateLimiterMemory;
  readonly #both: BurstyRateLimiter;
  readonly #callers = new Set<string>();

  /** @param perSecond at least 1 */
  constructor(perSecond: number) {
    this.#steady = new RateLimiterMemory({ points: perSecond, duration: 1 });
    this.#burst = new RateLimiterMemory({ points: perSecond * BURST_S, duration: BURST_WINDOW_S });
    this.#both = new BurstyRateLimiter(this.#steady, this.#burst);
  }

  /**
   * Counts one request.
   *
   * @throws the problem `rate-limited`
   */
  async count(caller: string): Promise<void> {
    this.#remember(caller);
    try {
      await this.#both.consume(caller);
    } catch (refused) {
      const retryAfterS = Math.max(1, Math.ceil((refused as RateLimiterRes).msBeforeNext / 1000));
      throw problem(
        'rate-limited',
        `This caller sends too many requests. Nothing was done; try again in ${retryAfterS} s.`,
        {
          retryAfterS,
        },
      );
    }
  }

  #remember(caller: string): void {
    if (!this.#callers.delete(caller) && this.#callers.size >= MAX_CALLERS) this.#forgetSome();
    this.#callers.add(caller);
  }

  #forgetSome(): void {
    for (const caller of [...this.#callers].slice(0, FORGOTTEN_AT_ONCE)) {
      this.#callers.delete(caller);
      // In memory both are done at once, whatever they return.
      void this.#steady.delete(caller);
      void this.#burst.delete(caller);
    }
  }
}
