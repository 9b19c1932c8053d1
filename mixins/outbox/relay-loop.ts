import type { Logger } from '../../kafka/client.ts';
import { PostgresLaneSession } from './lane-session.ts';
import { Notifier } from './notifier.ts';
import { KafkaPublisher, type PublisherOptions } from './publisher.ts';
import { newRelayCounters, type RelayStats } from './relay-stats.ts';
import { Relay } from './relay.ts';

/** Covers a notification that was lost with its node. */
const DEFAULT_POLL_INTERVAL_MS = 250;
/** A lane that became free, or a member that came, is met after this long at most. */
const BALANCE_INTERVAL_MS = 500;
/** Counting what waits reads all of it: seldom, and when it takes long, more seldom (a twentieth of the time). */
const MEASURE_INTERVAL_MS = 5000;
const MEASURE_SHARE = 20;
/** Pauses between attempts to reach Kafka or PostgreSQL. */
const RECONNECT_MIN_MS = 200;
const RECONNECT_MAX_MS = 3000;
/** The request in flight has 10 s; beyond that a stop no longer waits, and the rows are sent again by someone else. */
const STOP_TIMEOUT_MS = 12_000;

export interface RelayLoopOptions extends PublisherOptions {
  readonly directUrl: string;
  readonly lanes: number;
  /** For tests: how long the loop sleeps when nobody wakes it. */
  readonly pollIntervalMs?: number;
  readonly logger: Logger;
}

/** Runs a relay for as long as the node lives: connects, wakes, polls, shares lanes, begins anew after every fault. */
export class RelayLoop {
  readonly #options: RelayLoopOptions;
  readonly #publisher: KafkaPublisher;
  readonly #counters = newRelayCounters();
  readonly #notifier = new Notifier(async () => this.#session?.notify());
  #session: PostgresLaneSession | null = null;
  #running: Promise<void> | null = null;
  #stopping = false;
  #notified = false;
  #wake: () => void = () => undefined;

  /** @throws Error when a TLS file for Kafka cannot be read */
  constructor(options: RelayLoopOptions) {
    this.#options = options;
    this.#publisher = new KafkaPublisher(options);
  }

  /** Starts working; returns at once, also while Kafka or PostgreSQL is away. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Finishes the request in flight and its delete, gives up the lanes, closes. Takes 12 s at most. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wake();
    let timer: NodeJS.Timeout | undefined;
    const bound = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, STOP_TIMEOUT_MS);
    });
    await Promise.race([this.#running, bound]);
    clearTimeout(timer);
    await this.#session?.close();
    await this.#publisher.disconnect().catch(() => undefined);
    this.#counters.trouble = 'the relay is stopped';
  }

  /** Something was committed: wakes the relays of all nodes. Call it after each commit; a burst becomes one NOTIFY. */
  notify(): void {
    this.#notifier.notify();
  }

  /** @returns a sentence while events cannot leave the outbox through this node, otherwise null */
  unready(): string | null {
    return this.#counters.trouble;
  }

  stats(): RelayStats {
    return { ...this.#counters, lanes: this.#session?.heldLanes() ?? [] };
  }

  async #run(): Promise<void> {
    for (let pauseMs = RECONNECT_MIN_MS; !this.#stopping; pauseMs = Math.min(pauseMs * 2, RECONNECT_MAX_MS)) {
      try {
        // Kafka first: a node that cannot publish leaves the lanes to those that can.
        await this.#publisher.connect();
        this.#session = await PostgresLaneSession.open({
          ...this.#options,
          onNotify: () => {
            this.#notified = true;
            this.#wake();
          },
          onEnd: () => {
            this.#wake();
          },
        });
        this.#counters.trouble = null;
        pauseMs = RECONNECT_MIN_MS;
        await this.#serve(this.#session);
      } catch (error) {
        this.#counters.trouble = `the relay begins anew: ${(error as Error).message}`;
        this.#options.logger.warn(`The relay begins anew: ${(error as Error).message}`);
      } finally {
        await this.#session?.close();
        this.#session = null;
      }
      await this.#sleep(pauseMs);
    }
  }

  /** Until the session ends, which throws, or the relay is stopped. */
  async #serve(session: PostgresLaneSession): Promise<void> {
    const relay = new Relay(session, this.#publisher, this.#counters, this.#options.logger);
    const pollIntervalMs = this.#options.pollIntervalMs ?? DEFAULT_POLL_INTERVAL_MS;
    let balanceAt = -Infinity;
    let measureAt = -Infinity;
    let readAt = -Infinity;
    while (!this.#stopping) {
      if (session.endedBecause !== null) throw session.endedBecause;
      if (performance.now() >= balanceAt) {
        if (await session.balance()) readAt = -Infinity;
        balanceAt = performance.now() + BALANCE_INTERVAL_MS;
      }
      if (performance.now() >= measureAt) measureAt = performance.now() + (await this.#measure(session));
      if (this.#hasNews() || performance.now() >= readAt) {
        // Cleared before reading: a notification that comes during the read is about something it may not have seen.
        this.#notified = false;
        const count = await relay.runOnce();
        const pauseMs = Math.min(pollIntervalMs, relay.untilRetryMs() ?? Infinity);
        readAt = count > 0 ? -Infinity : performance.now() + pauseMs;
      }
      if (!this.#hasNews()) await this.#sleep(Math.min(readAt, balanceAt) - performance.now());
    }
  }

  /** @returns the pause until the next time, in milliseconds */
  async #measure(session: PostgresLaneSession): Promise<number> {
    const began = performance.now();
    Object.assign(this.#counters, await session.measure());
    return Math.max(MEASURE_INTERVAL_MS, (performance.now() - began) * MEASURE_SHARE);
  }

  /** Read through a method: between two lines the callbacks may have changed it. */
  #hasNews(): boolean {
    return this.#notified;
  }

  async #sleep(ms: number): Promise<void> {
    if (ms <= 0 || this.#stopping || this.#session?.endedBecause) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = () => undefined;
  }
}
