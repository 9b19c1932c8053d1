import { randomUUID } from 'node:crypto';
import type { KafkaMessage } from './client.ts';
import { steadyNow } from './deadline.ts';
import type { KafkaClock } from './kafka-clock.ts';
import type { SendBatches } from './send-batches.ts';

/** Tells these packets from Moleculer's, which have no key. */
const LOOPBACK_KEY = Buffer.from('loopback');

/**
 * Packets that a node sends to itself through Kafka. Each that comes back shows that sending and hearing both work,
 * and what Kafka's clock says.
 */
export class Loopback {
  readonly #topic: string;
  readonly #batches: SendBatches;
  readonly #clock: KafkaClock;
  readonly #underWay = new Map<string, { sentAt: number; returned: () => void }>();
  #missing = 0;

  constructor(topic: string, batches: SendBatches, clock: KafkaClock) {
    this.#topic = topic;
    this.#batches = batches;
    this.#clock = clock;
  }

  /** How many of the last round trips, one after the other, did not end. */
  get missing(): number {
    return this.#missing;
  }

  /**
   * @returns when the packet is back
   * @throws Error when it could not be sent, or is not back in time
   */
  async roundTrip(timeoutMs: number): Promise<void> {
    const id = randomUUID();
    let timer: NodeJS.Timeout | undefined;
    const back = new Promise<void>((resolve, reject) => {
      this.#underWay.set(id, { sentAt: steadyNow(), returned: resolve });
      timer = setTimeout(() => {
        reject(new Error(`A packet to this node itself is not back after ${timeoutMs} ms`));
      }, timeoutMs).unref();
    });
    try {
      const packet = { topic: this.#topic, key: LOOPBACK_KEY, value: Buffer.from(id), timestampMs: this.#clock.now() };
      await Promise.all([back, this.#batches.add(packet)]);
      this.#missing = 0;
    } catch (error) {
      this.#missing += 1;
      throw error;
    } finally {
      clearTimeout(timer);
      this.#underWay.delete(id);
    }
  }

  /** @returns true when the message is one of these, so none of Moleculer's */
  take(topic: string, message: KafkaMessage): boolean {
    if (topic !== this.#topic || message.key?.equals(LOOPBACK_KEY) !== true) return false;
    const trip = this.#underWay.get(message.value?.toString() ?? '');
    if (trip !== undefined) {
      this.#clock.sample(trip.sentAt, Number(message.timestamp), steadyNow());
      trip.returned();
    }
    return true;
  }
}
