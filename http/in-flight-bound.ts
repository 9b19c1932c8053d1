import { problem } from '../problems/problems.ts';

/** As many as a door starts with: what keeps every batch on the way filled (256 do), and is answered soon. */
export const FIRST_LIMIT = 400;
/** Fewer would leave batches empty on the slowest machine; more would hold memory, and each of them waits elsewhere. */
const [LEAST, MOST] = [100, 2000];
/** A call that is let in should be answered by then, at the rate at which calls end (Little's law: so many are in flight). */
const ANSWERED_IN_MS = 200;
/** Long enough for several batches to end in it. */
const WINDOW_MS = 250;
/** By then a call of a healthy system has ended. */
const RETRY_AFTER_S = 1;

/**
 * Bounds the calls of a door: under overload a refusal at once costs little, a queue costs memory and everybody's time.
 *
 * The bound follows what the system carries: while it is what holds calls back, it becomes the number of calls that end
 * within 200 ms. With too many let in, what lies behind the door takes the processor that the refusals need, and is no
 * faster for it (`npm run bench:overload`, ADR 0010).
 */
export class InFlightBound {
  readonly #onRefused: () => void;
  readonly #now: () => number;
  #limit = FIRST_LIMIT;
  #inFlight = 0;
  #window = { since: 0, ended: 0, hasRefused: false };

  /**
   * @param onRefused counts
   * @param now monotonic milliseconds
   */
  constructor(onRefused: () => void, now: () => number = () => performance.now()) {
    this.#onRefused = onRefused;
    this.#now = now;
  }

  /** How many calls it lets in at once, as it is now. */
  get limit(): number {
    return this.#limit;
  }

  /**
   * To be asked before a request has cost anything. Nothing is taken yet: who sends a body slowly must not keep others
   * out.
   *
   * @returns the problem `service-unavailable` when there is no room for a call, which counts as refused then; null when
   *   there is
   */
  refusal(): Error | null {
    if (this.#inFlight < this.#limit) return null;
    this.#window.hasRefused = true;
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
      this.#ended();
    }
  }

  #ended(): void {
    const now = this.#now();
    const { since, hasRefused } = this.#window;
    const elapsedMs = now - since;
    const ended = ++this.#window.ended;
    if (elapsedMs < WINDOW_MS) return;
    this.#window = { since: now, ended: 0, hasRefused: false };
    // Who had room tells how many came, and not how many can; and in a window that is much longer, nothing ended for a while.
    if (!hasRefused || elapsedMs > 2 * WINDOW_MS) return;
    const aim = (ended * ANSWERED_IN_MS) / elapsedMs;
    // Half of the way: batches end in bursts.
    this.#limit = Math.round(Math.min(MOST, Math.max(LEAST, (this.#limit + aim) / 2)));
  }
}
