import { setTimeout as sleep } from 'node:timers/promises';
import { loadConfig } from '../../config/config.ts';
import type { EventTopic } from '../../events/topics.ts';
import { PostgresLaneSession } from '../../mixins/outbox/lane-session.ts';
import type { OutboxMessage } from '../../mixins/outbox/message.ts';
import { KafkaPublisher } from '../../mixins/outbox/publisher.ts';
import { RelayLoop } from '../../mixins/outbox/relay-loop.ts';
import { silentLogger } from '../../test/support/silent-logger.ts';
import { ORDERS } from './order-events.ts';

const POLL_MS = 1;

/** How rows left the outbox. */
export interface Drained {
  /** From the asking to the delete of the last row. */
  readonly elapsedMs: number;
  /** From the first send to the delete of the last row. */
  readonly sendingMs: number;
  /** Rows of the largest request. */
  readonly largestRequest: number;
}

/** The orders service's relay, with a watch in its hand. */
export class MeasuredRelay {
  readonly #publisher: WatchedPublisher;
  readonly #loop: RelayLoop;
  #drained = 0;

  constructor(databaseUrl: string, brokers: string, topic: EventTopic) {
    this.#publisher = new WatchedPublisher({
      kafka: loadConfig({ KAFKA_BROKERS: brokers }).kafka,
      topic,
      source: ORDERS.source,
      clientId: 'orders-outbox',
      logger: silentLogger,
    });
    this.#loop = new RelayLoop({
      openSession: (events) =>
        PostgresLaneSession.open({ directUrl: databaseUrl, lanes: ORDERS.lanes, logger: silentLogger, ...events }),
      publisher: this.#publisher,
      logger: silentLogger,
    });
  }

  start(): void {
    this.#loop.start();
  }

  /**
   * Tells the relay of a commit, and waits until so many more rows have left the outbox.
   *
   * @throws Error when a request failed, or a row was parked: such a measurement says nothing
   */
  async untilDrained(rows: number): Promise<Drained> {
    const askedAtMs = performance.now();
    this.#drained += rows;
    this.#loop.notify();
    while (this.#publishedTotal() < this.#drained) await sleep(POLL_MS);
    const endedAtMs = performance.now();
    const { firstAtMs, largest } = this.#publisher.takeNotes();
    return { elapsedMs: endedAtMs - askedAtMs, sendingMs: endedAtMs - firstAtMs, largestRequest: largest };
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  #publishedTotal(): number {
    const { publishedTotal, failedRequestsTotal, parkedTotal } = this.#loop.stats();
    if (failedRequestsTotal + parkedTotal > 0) {
      throw new Error(`${failedRequestsTotal} requests failed, ${parkedTotal} rows were parked.`);
    }
    return publishedTotal;
  }
}

/** The product's publisher, which notes what it sends. */
class WatchedPublisher extends KafkaPublisher {
  #firstAtMs = Infinity;
  #largest = 0;

  override publish(messages: readonly OutboxMessage[]): Promise<void> {
    this.#firstAtMs = Math.min(this.#firstAtMs, performance.now());
    this.#largest = Math.max(this.#largest, messages.length);
    return super.publish(messages);
  }

  /** @returns what was noted since the last time */
  takeNotes(): { readonly firstAtMs: number; readonly largest: number } {
    const notes = { firstAtMs: this.#firstAtMs, largest: this.#largest };
    this.#firstAtMs = Infinity;
    this.#largest = 0;
    return notes;
  }
}
