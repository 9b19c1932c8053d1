import { setTimeout as sleep } from 'node:timers/promises';
import type { Sequelize } from 'sequelize';
import type { Logger } from '../../kafka/client.ts';
import { errorText } from '../../problems/error-text.ts';
import { Background } from '../time/background.ts';
import { deleteOldKeys } from './key-table.ts';

/** Keys that one statement deletes: some ten milliseconds of locks that nobody waits for. */
const MAX_ROWS = 1000;
/** Between two statements while there are more, so that writes go first. Some 9 000 keys a second on each node. */
const PAUSE_MS = 100;
/** Between two looks when there is nothing left: a key is kept this much longer than asked for. */
const IDLE_MS = 60_000;

export interface KeyExpiryOptions {
  readonly sequelize: Sequelize;
  readonly keepHours: number;
  readonly logger: Logger;
}

/** Deletes idempotency keys that are too old, on every node: those that are at it at once take different rows. */
export class KeyExpiry extends Background {
  readonly #options: KeyExpiryOptions;

  constructor(options: KeyExpiryOptions) {
    super();
    this.#options = options;
  }

  /** @returns how many keys were deleted: less than a full statement's worth when none are left */
  runOnce(): Promise<number> {
    return deleteOldKeys(this.#options.sequelize, this.#options.keepHours * 60 * 60 * 1000, MAX_ROWS);
  }

  protected async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const deleted = await this.runOnce().catch((error: unknown) => {
        // It is tried again, and nobody waits for it.
        this.#options.logger.warn(`Old idempotency keys were not deleted: ${errorText(error)}`);
        return 0;
      });
      // No reason to keep a process alive.
      await sleep(deleted < MAX_ROWS ? IDLE_MS : PAUSE_MS, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }
}
