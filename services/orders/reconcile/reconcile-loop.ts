import { setTimeout as sleep } from 'node:timers/promises';
import type { Reconciled } from '../../../contract/reconcile.ts';
import type { Logger } from '../../../kafka/client.ts';
import { errorText } from '../../../problems/error-text.ts';

/** Between two looks: an order is helped this much later than it could be. Cheap, by the index of undecided orders. */
const MAX_INTERVAL_MS = 60_000;
const MIN_INTERVAL_MS = 1000;

export interface ReconcileLoopOptions {
  /** How long an order may be NEW, in milliseconds. */
  readonly afterMs: number;
  readonly runOnce: () => Promise<Reconciled>;
  readonly logger: Logger;
}

/** Reconciles on every node, again and again; the database lets one of them choose at a time. */
export class ReconcileLoop {
  readonly #options: ReconcileLoopOptions;
  readonly #stop = new AbortController();
  #running: Promise<void> | null = null;

  constructor(options: ReconcileLoopOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Waits for the round in flight, which is bounded. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    const { afterMs, runOnce, logger } = this.#options;
    // eslint-disable-next-line no-restricted-syntax -- milliseconds
    const intervalMs = Math.min(MAX_INTERVAL_MS, Math.max(MIN_INTERVAL_MS, afterMs / 4));
    for (;;) {
      // No reason to keep a process alive.
      await sleep(intervalMs, undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        report(await runOnce(), logger);
      } catch (error) {
        // It is tried again, and nobody waits for it.
        logger.warn(`Orders were not reconciled: ${errorText(error)}`);
      }
    }
  }
}

function report({ overdue, repeated, sent, postponed, paymentsAway }: Reconciled, logger: Logger): void {
  if (repeated + sent > 0) {
    logger.warn(
      `${overdue} orders were NEW for too long: payments tells ${repeated} decisions again, ${sent} orders get their event again.`,
    );
  }
  if (postponed > 0) {
    logger.warn(
      `${postponed} orders are NEW for too long and wait for payments, which did not answer: ${paymentsAway}`,
    );
  }
}
