import { problem } from '../problems/problems.ts';

/**
 * Calls of one door that are under way at most. A node carries some thousands a second, so a thousand wait for less than
 * a second; what came on top of them would only wait longer, and hold memory meanwhile.
 */
export const MAX_CALLS_IN_FLIGHT = 1000;
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

  get hasRoom(): boolean {
    return this.#inFlight < MAX_CALLS_IN_FLIGHT;
  }

  /**
   * To be asked before a request has cost anything. Nothing is taken yet: who sends a body slowly must not keep others
   * out.
   *
   * @throws the problem `service-unavailable` when there is no room for a call
   */
  assertRoom(): void {
    if (this.hasRoom) return;
    this.#onRefused();
    throw problem('service-unavailable', 'Too many calls are under way here. Nothing was done; try again.', {
      retryAfterS: RETRY_AFTER_S,
    });
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
