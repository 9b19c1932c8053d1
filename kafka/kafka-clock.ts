import { steadyNow } from './deadline.ts';

/** A sample this good is taken whatever was known before: what it can be wrong by is not worth a call. */
const GOOD_ROUND_TRIP_MS = 50;
/** A better sample from long ago gives way: clocks drift, and an administrator may set the broker's. */
const SAMPLE_MAX_AGE_MS = 30_000;

/**
 * The brokers' clock, estimated from packets that a node sends to itself: Kafka stamps them somewhere between their
 * sending and their return. Nodes compare the age of calls on this one clock, so that a node whose own clock is wrong,
 * or steps, neither drops good calls nor runs dead ones.
 */
export class KafkaClock {
  #offsetMs = 0;
  #roundTripMs = Number.POSITIVE_INFINITY;
  #sampledAt = Number.NEGATIVE_INFINITY;

  /** @returns milliseconds since the epoch by Kafka's clock; by this node's own until the first sample */
  now(): number {
    return steadyNow() + this.#offsetMs;
  }

  /**
   * @param sentAt when the packet was sent, by `steadyNow()`
   * @param stampedAt Kafka's time stamp on it
   * @param returnedAt when it came back, by `steadyNow()`
   */
  sample(sentAt: number, stampedAt: number, returnedAt: number): void {
    const roundTripMs = returnedAt - sentAt;
    const isOld = returnedAt - this.#sampledAt > SAMPLE_MAX_AGE_MS;
    if (roundTripMs > GOOD_ROUND_TRIP_MS && roundTripMs > this.#roundTripMs && !isOld) return;
    this.#offsetMs = stampedAt - (sentAt + roundTripMs / 2);
    this.#roundTripMs = roundTripMs;
    this.#sampledAt = returnedAt;
  }
}
