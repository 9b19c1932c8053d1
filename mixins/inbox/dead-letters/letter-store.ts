import type { Transaction } from 'sequelize';
import type { ActedLetter } from '../../../contract/dead-letters.ts';
import type { Parked, SettleStore } from '../inbox-store.ts';
import type { InboxMessage } from '../record.ts';
import { acted, type Letter } from './letter.ts';
import type { LettersTable } from './letters-table.ts';

/** Somebody else acted on these letters meanwhile: what is left is to be looked at again. */
export class LettersChanged extends Error {
  constructor() {
    super('Somebody else acts on these letters.');
  }
}

/** Ends a transaction whose work was only to be tried. */
class RollBack extends Error {}

export interface LetterStoreOptions {
  readonly inner: SettleStore<Transaction>;
  readonly table: LettersTable;
  /** By place. */
  readonly letters: ReadonlyMap<string, Letter>;
  /** Rolls back instead of committing. */
  readonly dryRun: boolean;
  /** Letters that count as gone, in a dry run. */
  readonly gone: readonly string[];
  readonly note: (outcomes: readonly ActedLetter[], transaction: Transaction) => Promise<void>;
}

/**
 * The inbox as a replay sees it, for one batch of dead letters that is settled as any batch: the letters' aggregates are
 * locked for as long as the transaction lasts, so that the consumer parks what comes for them until it is known that
 * nothing of them is parked; letters that are refused again stay; those that are settled go.
 */
export class LetterStore implements SettleStore<Transaction> {
  readonly #options: LetterStoreOptions;
  readonly #messages: readonly InboxMessage[];
  #fresh = new Set<string>();
  #kept = new Map<string, Parked>();
  #outcomes: readonly ActedLetter[] = [];

  /** @param messages of the batch, in order of their letters' ids */
  constructor(options: LetterStoreOptions, messages: readonly InboxMessage[]) {
    this.#options = options;
    this.#messages = messages;
  }

  /** What became of the letters; there once the transaction has ended well. */
  get outcomes(): readonly ActedLetter[] {
    return this.#outcomes;
  }

  /** @throws LettersChanged when one of them is gone, or an earlier one of its aggregate is not */
  async transaction(work: (transaction: Transaction) => Promise<void>): Promise<void> {
    const { inner, dryRun } = this.#options;
    try {
      await inner.transaction(async (transaction) => {
        this.#fresh = new Set();
        this.#kept = new Map();
        await this.#lock(transaction);
        await work(transaction);
        if (dryRun) throw new RollBack();
      });
    } catch (error) {
      if (!(error instanceof RollBack)) throw error;
    }
  }

  /** Just before the end of the transaction: what is settled goes, what is refused again stays, and all is noted. */
  async close(transaction: Transaction): Promise<void> {
    const { table, note } = this.#options;
    this.#outcomes = this.#messages.map((message) => this.#outcomeOf(message));
    const gone = this.#outcomes.filter(({ outcome }) => outcome === 'settled' || outcome === 'settled-before');
    await table.remove(
      gone.map(({ id }) => id),
      transaction,
    );
    const refused = [...this.#kept.values()].filter(({ poison }) => poison.reason !== 'follows');
    if (refused.length > 0) {
      await table.keep(
        refused.map(({ message, poison }) => ({ id: this.#letterOf(message).id, ...poison })),
        transaction,
      );
    }
    await note(this.#outcomes, transaction);
  }

  lockAggregates(...args: Parameters<SettleStore<Transaction>['lockAggregates']>): Promise<void> {
    return this.#options.inner.lockAggregates(...args);
  }

  /** The transaction has seen that nothing stands before the batch: what is parked of its aggregates is the batch, or comes after it. */
  parkedAggregates(): Promise<Set<string>> {
    return Promise.resolve(new Set());
  }

  settledHashes(eventIds: readonly string[], transaction: Transaction): Promise<Map<string, Buffer>> {
    return this.#options.inner.settledHashes(eventIds, transaction);
  }

  async insertInboxRows(
    messages: readonly InboxMessage[],
    transaction: Transaction,
    attempt?: number,
  ): Promise<Set<string>> {
    this.#fresh = await this.#options.inner.insertInboxRows(messages, transaction, attempt);
    return this.#fresh;
  }

  countDuplicates(...args: Parameters<SettleStore<Transaction>['countDuplicates']>): Promise<void> {
    return this.#options.inner.countDuplicates(...args);
  }

  /** They lie there already. */
  park(parked: readonly Parked[]): Promise<number> {
    this.#kept = new Map(parked.map((each) => [each.message.place, each]));
    return Promise.resolve(0);
  }

  async #lock(transaction: Transaction): Promise<void> {
    const { inner, table, gone } = this.#options;
    await inner.lockAggregates(
      this.#messages.flatMap(({ aggregate }) => aggregate ?? []),
      transaction,
    );
    const ids = this.#messages.map((message) => this.#letterOf(message).id);
    if ((await table.lock(ids, transaction)).size < ids.length) throw new LettersChanged();
    if ((await table.blocked(ids, gone, transaction)).size > 0) throw new LettersChanged();
  }

  #letterOf({ place }: InboxMessage): Letter {
    const letter = this.#options.letters.get(place);
    if (letter === undefined) throw new Error(`${place} is no letter of this batch.`);
    return letter;
  }

  #outcomeOf(message: InboxMessage): ActedLetter {
    const letter = this.#letterOf(message);
    const kept = this.#kept.get(message.place);
    if (kept !== undefined) {
      const { reason, error } = kept.poison;
      return acted(letter, reason === 'follows' ? 'waits' : 'refused-again', `${reason}: ${error}`);
    }
    const isFresh = message.eventId !== null && this.#fresh.has(message.eventId);
    return acted(letter, isFresh ? 'settled' : 'settled-before');
  }
}
