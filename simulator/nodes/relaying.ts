import type { Logger } from '../../kafka/client.ts';
import { newRelayCounters } from '../../mixins/outbox/relay-stats.ts';
import { Relay } from '../../mixins/outbox/relay.ts';
import { SimulatedPublisher } from '../bus/publisher.ts';
import { SimulatedLaneSession } from '../store/lane-session.ts';
import type { NodeParts } from './node-parts.ts';

/** As in `RelayLoop`. */
const POLL_INTERVAL_MS = 250;
const BALANCE_INTERVAL_MS = 500;
const RECONNECT_MS = 200;

/** Runs the product's relay as `RelayLoop` does: a session, its lanes, cycle after cycle, a new session after each fault. */
export class Relaying {
  readonly #parts: NodeParts;
  #notified = false;
  #wake = new AbortController();

  constructor(parts: NodeParts) {
    this.#parts = parts;
  }

  /** Somebody committed events. */
  notify(): void {
    this.#notified = true;
    this.#wake.abort();
  }

  async run(): Promise<never> {
    const { clock, service, process, dice, lanes } = this.#parts;
    for (;;) {
      let session: SimulatedLaneSession | null = null;
      try {
        session = await SimulatedLaneSession.open(
          {
            database: service.database,
            process,
            dice,
            lanes,
            onEnd: () => {
              this.#wake.abort();
            },
          },
          (ms, work) => clock.every(ms, work),
        );
        await this.#serve(session);
      } catch {
        this.#parts.count('relay began anew');
      }
      session?.close();
      await clock.pause(RECONNECT_MS, new AbortController().signal);
    }
  }

  async #serve(session: SimulatedLaneSession): Promise<void> {
    const { clock, logger } = this.#parts;
    const relay = new Relay(session, new SimulatedPublisher(this.#parts.publishing), newRelayCounters(), logger, () =>
      clock.now(),
    );
    let balanceAt = -Infinity;
    let readAt = -Infinity;
    for (;;) {
      if (session.endedBecause !== null) throw session.endedBecause;
      if (clock.now() >= balanceAt) {
        if (await session.balance()) readAt = -Infinity;
        balanceAt = clock.now() + BALANCE_INTERVAL_MS;
      }
      if (this.#hasNews() || clock.now() >= readAt) {
        this.#notified = false;
        const count = await relay.runOnce();
        readAt = count > 0 ? -Infinity : clock.now() + Math.min(POLL_INTERVAL_MS, relay.untilRetryMs() ?? Infinity);
      }
      if (!this.#hasNews()) await this.#sleep(session, Math.min(readAt, balanceAt));
    }
  }

  #hasNews(): boolean {
    return this.#notified;
  }

  async #sleep(session: SimulatedLaneSession, untilMs: number): Promise<void> {
    const { clock } = this.#parts;
    if (untilMs <= clock.now() || session.endedBecause !== null) return;
    this.#wake = new AbortController();
    await clock.pause(untilMs - clock.now(), this.#wake.signal);
  }
}

/** Nobody reads a simulated node's log. */
export const silentLogger: Logger = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
};
