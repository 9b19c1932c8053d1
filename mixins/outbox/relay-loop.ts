import type { Logger } from '../../kafka/client.ts';
import { errorText } from '../../problems/error-text.ts';
import { atMost } from '../time/backoff.ts';
import { systemClock, type Clock } from '../time/clock.ts';
import { Notifier } from './notifier.ts';
import { newRelayCounters, type RelayStats } from './relay-stats.ts';
import { Relay, type LaneSession, type Publisher } from './relay.ts';

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

/** A lane session from its opening to its end. */
export interface RelaySession extends LaneSession {
  /** Whether every lane is held here: then nobody else has to be woken. */
  readonly holdsAllLanes: boolean;
  /** Why it ended; null while it lives. */
  readonly endedBecause: Error | null;
  /** One step towards an equal share of the lanes, while nothing is being sent. @returns whether lanes were gained */
  balance(): Promise<boolean>;
  /** What waits in the lanes held here. */
  measure(): Promise<{ readonly backlog: number; readonly oldestAgeMs: number }>;
  /** Wakes the relays of the other nodes. Never rejects. */
  notify(): Promise<void>;
  /** Gives everything back; nothing may be in flight. */
  close(): Promise<void>;
}

/** What a session tells its relay. */
export interface SessionEvents {
  /** Another node committed events. */
  readonly onNotify: () => void;
  /** Once, when the session ends for whatever reason. */
  readonly onEnd: () => void;
}

export interface RelayPublisher extends Publisher {
  /** @throws when it cannot publish; to be called again then */
  connect(): Promise<void>;
  disconnect(): Promise<void>;
}

export interface RelayLoopOptions {
  /** Opens a session that holds no lane yet. @throws when the database cannot be reached */
  readonly openSession: (events: SessionEvents) => Promise<RelaySession>;
  readonly publisher: RelayPublisher;
  readonly logger: Logger;
  /** Messages per request at most; 2000 unless given. */
  readonly maxRequestRows?: number | undefined;
  /** For tests: how long the loop sleeps when nobody wakes it. */
  readonly pollIntervalMs?: number | undefined;
  /** Told of each cycle that published: how many, and how long ago the oldest of them was inserted, in milliseconds. */
  readonly onConfirmed?: (count: number, oldestMs: number) => void;
  /** The system's unless given. */
  readonly clock?: Clock;
}

/** Runs a relay for as long as the node lives: connects, wakes, polls, shares lanes, begins anew after every fault. */
export class RelayLoop {
  readonly #options: RelayLoopOptions;
  readonly #clock: Clock;
  readonly #counters = newRelayCounters();
  readonly #notifier = new Notifier(async () => this.#session?.notify());
  #session: RelaySession | null = null;
  #running: Promise<void> | null = null;
  #stopping = false;
  #notified = false;
  #wake = new AbortController();

  constructor(options: RelayLoopOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** Starts working; returns at once, also while Kafka or PostgreSQL is away. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Finishes the request in flight and its delete, gives up the lanes, closes. Takes 12 s at most. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wake.abort();
    await atMost(STOP_TIMEOUT_MS, Promise.resolve(this.#running), this.#clock);
    await this.#session?.close();
    await this.#options.publisher.disconnect().catch(() => undefined);
    this.#counters.trouble = 'the relay is stopped';
  }

  /**
   * Something was committed: wakes the relays of all nodes, this one without a way round by PostgreSQL. Call it after each
   * commit; a burst becomes one NOTIFY.
   */
  notify(): void {
    this.#wakeUp();
    if (this.#session?.holdsAllLanes !== true) this.#notifier.notify();
  }

  #wakeUp(): void {
    this.#notified = true;
    this.#wake.abort();
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
        await this.#options.publisher.connect();
        this.#session = await this.#options.openSession({
          onNotify: () => {
            this.#wakeUp();
          },
          onEnd: () => {
            this.#wake.abort();
          },
        });
        this.#counters.trouble = null;
        pauseMs = RECONNECT_MIN_MS;
        await this.#serve(this.#session);
      } catch (error) {
        this.#counters.trouble = `the relay begins anew: ${errorText(error)}`;
        this.#options.logger.warn(`The relay begins anew: ${errorText(error)}`);
      } finally {
        await this.#session?.close();
        this.#session = null;
      }
      await this.#sleep(pauseMs);
    }
  }

  /** Until the session ends, which throws, or the relay is stopped. */
  async #serve(session: RelaySession): Promise<void> {
    const { publisher, logger, maxRequestRows, pollIntervalMs = DEFAULT_POLL_INTERVAL_MS } = this.#options;
    const now = (): number => this.#clock.now();
    const relay = new Relay(session, publisher, this.#counters, logger, now, maxRequestRows);
    let balanceAt = -Infinity;
    let measureAt = -Infinity;
    let readAt = -Infinity;
    while (!this.#stopping) {
      if (session.endedBecause !== null) throw session.endedBecause;
      if (now() >= balanceAt) {
        if (await session.balance()) readAt = -Infinity;
        balanceAt = now() + BALANCE_INTERVAL_MS;
      }
      if (now() >= measureAt) measureAt = now() + (await this.#measure(session));
      if (this.#hasNews() || now() >= readAt) {
        // Cleared before reading: a notification that comes during the read is about something it may not have seen.
        this.#notified = false;
        const publishedBefore = this.#counters.publishedTotal;
        const count = await relay.runOnce();
        const published = this.#counters.publishedTotal - publishedBefore;
        if (published > 0) this.#options.onConfirmed?.(published, this.#counters.lagMs);
        const pauseMs = Math.min(pollIntervalMs, relay.untilRetryMs() ?? Infinity);
        readAt = count > 0 && relay.hasMore ? -Infinity : now() + pauseMs;
      }
      if (!this.#hasNews()) await this.#sleep(Math.min(readAt, balanceAt) - now());
    }
  }

  /** @returns the pause until the next time, in milliseconds */
  async #measure(session: RelaySession): Promise<number> {
    const began = this.#clock.now();
    Object.assign(this.#counters, await session.measure());
    return Math.max(MEASURE_INTERVAL_MS, (this.#clock.now() - began) * MEASURE_SHARE);
  }

  /** Read through a method: between two lines the callbacks may have changed it. */
  #hasNews(): boolean {
    return this.#notified;
  }

  async #sleep(ms: number): Promise<void> {
    if (ms <= 0 || this.#stopping || this.#session?.endedBecause) return;
    this.#wake = new AbortController();
    await this.#clock.pause(ms, this.#wake.signal);
  }
}
