import { problem } from '../problems/problems.ts';

/**
 * Calls of one door that are under way at most: more than keep every batch on the way filled (256 do), and as few as are
 * answered within a quarter of a second at two thousand a second. With 1000, what lies behind the door took the processor
 * that the refusals need, and was no faster for it (`npm run bench:overload`, ADR 0010).
 */
export const MAX_CALLS_IN_FLIGHT = 400;
/** By then a call of a healthy system has ended. */
const RETRY_AFTER_S = 1;

/** Bounds the calls of a door: under overload a refusal at once costs little, a queue costs memory and everybody's time. */
export class InFlightBound {
  readonly #onRefused: () => void;
  #inFlight = 0;

  /** @param onRefused counts */
  constructor(onRefused: () => void) {
    this.#onRefused = onRefused;
  }

  /**
   * To be asked before a request has cost anything. Nothing is taken yet: who sends a body slowly must not keep others
   * out.
   *
   * @returns the problem `service-unavailable` when there is no room for a call, which counts as refused then; null when
   *   there is
   */
  refusal(): Error | null {
    if (this.#inFlight < MAX_CALLS_IN_FLIGHT) return null;
    this.#onRefused();
    return problem('service-unavailable', 'Too many calls are under way here. Nothing was done; try again.', {
      retryAfterS: RETRY_AFTER_S,
    });
  }

  /** @throws the problem `service-unavailable` when there is no room for a call */
  assertRoom(): void {
    const refusal = this.refusal();
    if (refusal !== null) throw refusal;
  }

  /**
   * Makes a call.
   *
   * @throws what it throws; the problem `service-unavailable` when others took the room meanwhile
   */
  async run<T>(call: () => Promise<T>): Promise<T> {
    this.assertRoom();
    this.#inFlight++;
    try {
      return await call();
    } finally {
      this.#inFlight--;
    }
  }
}
