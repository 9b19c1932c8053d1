import type { Sequelize, Transaction } from 'sequelize';
import { steadyNow } from '../kafka/deadline.ts';
import { outsideOfRequests } from '../logs/request-context.ts';
import { problem } from '../problems/problems.ts';
import { isConflict, isDatabaseUnavailable } from './database/errors.ts';

/** What became of one item: its answer, or the error that its caller gets. Neighbours are not concerned. */
export type Outcome<Answer> = { readonly ok: Answer } | { readonly error: Error };

export interface GroupCommitOptions<Item, Answer> {
  /** Says in errors what was asked for: `order`, `deposit`. */
  readonly what: string;
  readonly sequelize: Sequelize;
  /**
   * Writes a batch in one transaction and returns an outcome for each item, in order.
   *
   * `again` is true when an earlier transaction with some of these items may have been committed: then what is there
   * already, by the ids that the items carry, is answered and not written twice. The write has to take a lock (a row's, or a unique index')
   * that the earlier transaction held, so that it cannot still be on its way.
   */
  readonly write: (items: Item[], context: { transaction: Transaction; again: boolean }) => Promise<Outcome<Answer>[]>;
}

/** Writes per transaction: enough for the round trips to vanish, few enough for its locks to be short. */
const MAX_BATCH = 200;
/** Transactions at once: while one is in its fsync, the next one gathers. */
const MAX_IN_FLIGHT = 2;
/** Callers that may wait; beyond it they are told to come back rather than kept in memory. */
const MAX_WAITING = 5000;
/** Attempts after a deadlock or serialization failure; each is ordered anew, so more than one is rare. */
const MAX_CONFLICT_RETRIES = 5;
/** Pause between attempts to find out what became of a commit. */
const LOOKUP_PAUSE_MS = 200;

interface Waiting<Item, Answer> {
  readonly item: Item;
  /** By `steadyNow()`; after it the caller has given up. */
  readonly deadline: number;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/** An error at COMMIT: whether it took effect is not known. */
class CommitUnknown extends Error {}

/**
 * Group commit: requests that arrive together share a transaction. Nothing waits for company: a batch is whatever has
 * gathered while the transactions before it were in flight.
 */
export class GroupCommit<Item, Answer> {
  readonly #options: GroupCommitOptions<Item, Answer>;
  #waiting: Waiting<Item, Answer>[] = [];
  #inFlight = 0;

  constructor(options: GroupCommitOptions<Item, Answer>) {
    this.#options = options;
  }

  /**
   * Hands in one write and waits until it is committed.
   *
   * @param item carries the ids of what it writes, made before
   * @param deadline of the call, by `steadyNow()`; undefined when its caller waits for ever. An item that has not begun by then is dropped, because its caller has given up
   * @throws the item's own error; `service-unavailable` when nothing was done; `outcome-unknown` when that cannot be told in time
   */
  submit(item: Item, deadline = Number.POSITIVE_INFINITY): Promise<Answer> {
    if (this.#waiting.length >= MAX_WAITING) {
      return Promise.reject(
        problem(
          'service-unavailable',
          `Too many requests wait for the database; this ${this.#options.what} was not begun. Try again.`,
          {
            retryAfterS: 1,
          },
        ),
      );
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, deadline, resolve, reject });
      // In the same turn more may come: they share the first transaction.
      if (this.#waiting.length === 1) {
        outsideOfRequests(() =>
          setImmediate(() => {
            this.#start();
          }),
        );
      }
    });
  }

  #start(): void {
    while (this.#inFlight < MAX_IN_FLIGHT && this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, MAX_BATCH);
      this.#inFlight++;
      void this.#commit(this.#dropLate(batch), false).finally(() => {
        this.#inFlight--;
        this.#start();
      });
    }
  }

  #dropLate(batch: Waiting<Item, Answer>[]): Waiting<Item, Answer>[] {
    const now = steadyNow();
    const late = batch.filter(({ deadline }) => deadline <= now);
    for (const { reject } of late) {
      reject(
        problem(
          'service-unavailable',
          `This ${this.#options.what} was not begun in time. Nothing was changed; try again.`,
          { retryAfterS: 1 },
        ),
      );
    }
    return late.length === 0 ? batch : batch.filter(({ deadline }) => deadline > now);
  }

  /** Commits a batch and answers everyone in it; never throws. */
  async #commit(batch: Waiting<Item, Answer>[], again: boolean, conflicts = 0): Promise<void> {
    if (batch.length === 0) return;
    try {
      const outcomes = await this.#attempt(batch, again);
      batch.forEach(({ resolve, reject }, index) => {
        const outcome = outcomes[index];
        if (outcome === undefined) reject(new Error(`The write gave no outcome for ${this.#options.what} ${index}.`));
        else if ('ok' in outcome) resolve(outcome.ok);
        else reject(outcome.error);
      });
    } catch (error) {
      await this.#afterFailure(batch, again, conflicts, error as Error);
    }
  }

  async #afterFailure(batch: Waiting<Item, Answer>[], again: boolean, conflicts: number, error: Error): Promise<void> {
    if (error instanceof CommitUnknown || (again && isDatabaseUnavailable(error))) {
      await this.#lookUp(batch);
    } else if (isConflict(error) && conflicts < MAX_CONFLICT_RETRIES) {
      await this.#commit(batch, again, conflicts + 1);
    } else if (isDatabaseUnavailable(error) || isConflict(error) || batch.length === 1) {
      for (const { reject } of batch) reject(error);
    } else {
      // One of them is at fault; alone it fails alone.
      const middle = batch.length >> 1;
      await this.#commit(batch.slice(0, middle), again);
      await this.#commit(batch.slice(middle), again);
    }
  }

  async #attempt(batch: Waiting<Item, Answer>[], again: boolean): Promise<Outcome<Answer>[]> {
    const transaction = await this.#options.sequelize.transaction();
    let outcomes: Outcome<Answer>[];
    try {
      outcomes = await this.#options.write(
        batch.map(({ item }) => item),
        { transaction, again },
      );
    } catch (error) {
      // The first error is the one to tell; a connection that cannot roll back is rolled back by its end.
      await transaction.rollback().catch(() => undefined);
      throw error;
    }
    try {
      await transaction.commit();
    } catch (error) {
      throw new CommitUnknown('COMMIT failed', { cause: error });
    }
    return outcomes;
  }

  /** After an unknown COMMIT: the same batch again, which finds what is there. Until the callers have given up. */
  async #lookUp(batch: Waiting<Item, Answer>[]): Promise<void> {
    const now = steadyNow();
    for (const { deadline, reject } of batch) {
      if (deadline <= now) {
        reject(
          problem(
            'outcome-unknown',
            `The database broke off while it committed this ${this.#options.what}. Look whether it is there before you try again.`,
          ),
        );
      }
    }
    await new Promise((resolve) => setTimeout(resolve, LOOKUP_PAUSE_MS));
    await this.#commit(
      batch.filter(({ deadline }) => deadline > now),
      true,
    );
  }
}
