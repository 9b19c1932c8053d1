import { SpanKind } from '@opentelemetry/api';
import type { Transaction } from 'sequelize';
import { crashPoint } from '../crash-points/crash-point.ts';
import { steadyNow } from '../kafka/deadline.ts';
import { outsideOfRequests } from '../logs/request-context.ts';
import type { WriteObserver } from '../metrics/write-metrics.ts';
import { problem } from '../problems/problems.ts';
import { Attribute } from '../tracing/attributes.ts';
import { traceShared, type ItemSpans, type SharedWork } from '../tracing/batch-spans.ts';
import { activeTraceparent, isTracing } from '../tracing/tracer.ts';
import { isConflict, isDatabaseUnavailable } from './database/errors.ts';
import type { IdempotencyKey } from './idempotency-keys/idempotency-key.ts';
import {
  writeOnce,
  type Answered,
  type Outcome,
  type Result,
  type Submitted,
  type WriteContext,
} from './idempotency-keys/write-once.ts';
import type { OpenTransaction, WriteStore } from './idempotency-keys/write-store.ts';
import { systemClock, type Clock } from './time/clock.ts';

export { PostgresWriteStore } from './idempotency-keys/write-store.ts';
export type { Answered, Outcome } from './idempotency-keys/write-once.ts';

export interface Submission {
  /** Of the call, by `steadyNow()`; left out when its caller waits for ever. */
  readonly deadline?: number | undefined;
  /** Under which an effect happens once. The service lists `idempotencyKeyMigrations` if it gives any. */
  readonly key?: IdempotencyKey | null;
}

/** `Answer` is what the action answers, as JSON can carry it: it is kept under idempotency keys, and replayed from there. */
export interface GroupCommitOptions<Item, Answer, T extends OpenTransaction = Transaction> {
  /** Says in errors what was asked for: `order`, `deposit`. */
  readonly what: string;
  readonly store: WriteStore<T>;
  /**
   * Writes a batch in one transaction and returns an outcome for each item, in order.
   *
   * `again` is true when an earlier transaction with some of these items may have been committed: then what is there
   * already, by the ids that the items carry, is answered and not written twice. The write has to take a lock (a row's, or a unique index')
   * that the earlier transaction held, so that it cannot still be on its way.
   */
  readonly write: (items: Item[], context: GroupWriteContext<Item, T>) => Promise<Outcome<Answer>[]>;
  /** The id of what an item writes, for its trace. Left out where it is a user's. */
  readonly idOf?: (item: Item) => string;
  /** Writes per transaction at most, 200 unless given. */
  readonly maxBatch?: number;
  /** Told what becomes of transactions. */
  readonly observer?: WriteObserver;
  /** The system's, or a simulated one; deadlines are by `now`. */
  readonly clock?: Clock;
  readonly now?: () => number;
}

/** What a write is given beside its items. */
export interface GroupWriteContext<Item, T extends OpenTransaction = Transaction> {
  readonly transaction: T;
  readonly again: boolean;
  /** The W3C trace context that goes with what an item causes; null when nobody traces it. */
  readonly traceparentOf: (item: Item) => string | null;
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

interface Waiting<Item, Answer> extends Submitted<Item> {
  /** By `steadyNow()`; after it the caller has given up. */
  readonly deadline: number;
  /** The trace of its caller. */
  readonly cause: string | null;
  readonly resolve: (answered: Answered<Answer>) => void;
  readonly reject: (error: Error) => void;
}

/** An error at COMMIT: whether it took effect is not known. */
class CommitUnknown extends Error {}

/**
 * Group commit: requests that arrive together share a transaction. Nothing waits for company: a batch is whatever has
 * gathered while the transactions before it were in flight.
 */
export class GroupCommit<Item, Answer, T extends OpenTransaction = Transaction> {
  readonly #options: GroupCommitOptions<Item, Answer, T>;
  readonly #clock: Clock;
  readonly #now: () => number;
  #waiting: Waiting<Item, Answer>[] = [];
  #inFlight = 0;

  constructor(options: GroupCommitOptions<Item, Answer, T>) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#now = options.now ?? steadyNow;
  }

  /**
   * Hands in one write and waits until it is committed.
   *
   * @param item carries the ids of what it writes, made before
   * @param submission an item that has not begun by its deadline is dropped, because its caller has given up
   * @throws the item's own error; `service-unavailable` when nothing was done; `outcome-unknown` when that cannot be told
   *   in time; `idempotency-key-reused` and `idempotency-key-in-use`
   */
  submit(item: Item, { deadline = Number.POSITIVE_INFINITY, key = null }: Submission = {}): Promise<Answered<Answer>> {
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
      this.#waiting.push({ item, deadline, key, cause: activeTraceparent(), resolve, reject });
      // In the same turn more may come: they share the first transaction.
      if (this.#waiting.length === 1) {
        outsideOfRequests(() => {
          void this.#clock.nextTurn().then(() => {
            this.#start();
          });
        });
      }
    });
  }

  #start(): void {
    while (this.#inFlight < MAX_IN_FLIGHT && this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, this.#options.maxBatch ?? MAX_BATCH);
      this.#inFlight++;
      void this.#commit(this.#dropLate(batch), false).finally(() => {
        this.#inFlight--;
        this.#start();
      });
    }
  }

  #dropLate(batch: Waiting<Item, Answer>[]): Waiting<Item, Answer>[] {
    const now = this.#now();
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
  async #commit(batch: readonly Waiting<Item, Answer>[], again: boolean, conflicts = 0): Promise<void> {
    if (batch.length === 0) return;
    const unanswered = new Set(batch);
    try {
      await traceShared(this.#sharedBy(batch), (spans) => this.#attempt(unanswered, again, spans));
    } catch (error) {
      await this.#afterFailure([...unanswered], again, conflicts, error as Error);
      return;
    }
    await this.#lookUp([...unanswered]);
  }

  async #afterFailure(
    batch: readonly Waiting<Item, Answer>[],
    again: boolean,
    conflicts: number,
    error: Error,
  ): Promise<void> {
    if (error instanceof CommitUnknown || (again && isDatabaseUnavailable(error))) {
      await this.#lookUp(batch);
    } else if (isConflict(error) && conflicts < MAX_CONFLICT_RETRIES) {
      this.#options.observer?.retried();
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

  /**
   * Runs one transaction, and takes out of `unanswered` whom it has answered. Who is left when it has committed is to be
   * looked up again.
   */
  async #attempt(
    unanswered: Set<Waiting<Item, Answer>>,
    again: boolean,
    spans: ItemSpans<Waiting<Item, Answer>>,
  ): Promise<void> {
    const answer = (waiting: Waiting<Item, Answer>, result: Result<Answer>): void => {
      unanswered.delete(waiting);
      if ('error' in result) waiting.reject(result.error);
      else waiting.resolve(result);
    };
    const transaction = await this.#options.store.begin();
    let results: Map<Waiting<Item, Answer>, Result<Answer>>;
    try {
      const context = { ...this.#options, transaction, again, write: this.#traced([...unanswered], spans) };
      results = await writeOnce<Item, Answer, Waiting<Item, Answer>, T>([...unanswered], context, answer);
    } catch (error) {
      // The first error is the one to tell; a connection that cannot roll back is rolled back by its end.
      await transaction.rollback().catch(() => undefined);
      throw error;
    }
    crashPoint('write.before-commit');
    try {
      await transaction.commit();
    } catch (error) {
      throw new CommitUnknown('COMMIT failed', { cause: error });
    }
    crashPoint('write.after-commit');
    this.#options.observer?.committed(results.size);
    for (const [waiting, result] of results) answer(waiting, result);
  }

  /** The write, which is told each item's trace. */
  #traced(
    batch: readonly Waiting<Item, Answer>[],
    spans: ItemSpans<Waiting<Item, Answer>>,
  ): WriteContext<Item, Answer, T>['write'] {
    let byItem: ReadonlyMap<Item, Waiting<Item, Answer>> | undefined;
    const traceparentOf = (item: Item): string | null => {
      if (!isTracing()) return null;
      byItem ??= new Map(batch.map((each) => [each.item, each]));
      const waiting = byItem.get(item);
      return waiting === undefined ? null : spans.traceparentOf(waiting);
    };
    return (items, context) => this.#options.write(items, { ...context, traceparentOf });
  }

  #sharedBy(items: readonly Waiting<Item, Answer>[]): SharedWork<Waiting<Item, Answer>> {
    const { what, idOf } = this.#options;
    const attributes = { [Attribute.dbSystem]: 'postgresql' };
    return {
      name: `commit ${what}s`,
      kind: SpanKind.INTERNAL,
      attributes,
      items,
      causeOf: ({ cause }) => cause,
      describe: ({ item }) => ({
        name: `commit ${what}`,
        attributes: {
          ...attributes,
          ...(idOf !== undefined && { [Attribute.aggregateType]: what, [Attribute.aggregateId]: idOf(item) }),
        },
      }),
    };
  }

  /** When a COMMIT got no answer: the same items again, which finds what is there. Until their callers have given up. */
  async #lookUp(batch: readonly Waiting<Item, Answer>[]): Promise<void> {
    if (batch.length === 0) return;
    const now = this.#now();
    for (const { deadline, key, reject } of batch) {
      if (deadline <= now) reject(this.#unknown(key !== null));
    }
    await this.#clock.pause(LOOKUP_PAUSE_MS, new AbortController().signal);
    await this.#commit(
      batch.filter(({ deadline }) => deadline > now),
      true,
    );
  }

  #unknown(hasKey: boolean): Error {
    const next = hasKey
      ? 'Send it again with the same idempotency key: it is done once.'
      : 'Look whether it is there before you try again; with an idempotency key you could simply send it again.';
    return problem('outcome-unknown', `The database broke off while it committed this ${this.#options.what}. ${next}`);
  }
}
