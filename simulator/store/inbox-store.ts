import type { CrashMarker, InboxStore, Parked } from '../../mixins/inbox/inbox-store.ts';
import { aggregateKey, type Aggregate, type InboxMessage } from '../../mixins/inbox/record.ts';
import type { Process } from '../scheduler.ts';
import type { Statement, Transaction } from './database.ts';
import type { ServiceDatabase } from './service-database.ts';

/** The inbox of one consumer. A simulated service has one, so its rows need not name it. */
export class SimulatedInboxStore implements InboxStore<Transaction> {
  readonly #database: ServiceDatabase;
  readonly #process: Process;

  constructor(database: ServiceDatabase, process: Process) {
    this.#database = database;
    this.#process = process;
  }

  async transaction(work: (transaction: Transaction) => Promise<void>): Promise<void> {
    const transaction = await this.#database.begin(this.#process);
    try {
      await work(transaction);
    } catch (error) {
      await transaction.rollback().catch(() => undefined);
      throw error;
    }
    await transaction.commit();
  }

  lockAggregates(aggregates: readonly Aggregate[], transaction: Transaction): Promise<void> {
    const database = this.#database;
    return database.execute(transaction, 'locks aggregates', function* () {
      for (const key of inOrder(aggregates.map(aggregateKey))) yield* database.lock(transaction, `aggregate ${key}`);
    });
  }

  parkedAggregates(aggregates: readonly Aggregate[], transaction: Transaction): Promise<Set<string>> {
    return this.#read(transaction, 'reads parked aggregates', () => {
      const asked = new Set(aggregates.map(aggregateKey));
      const parked = new Set<string>();
      for (const { message } of this.#database.readAll(transaction, this.#database.deadLetters)) {
        if (message.aggregate === null) continue;
        const key = aggregateKey(message.aggregate);
        if (asked.has(key)) parked.add(key);
      }
      return parked;
    });
  }

  settledHashes(eventIds: readonly string[], transaction: Transaction): Promise<Map<string, Buffer>> {
    if (eventIds.length === 0) return Promise.resolve(new Map<string, Buffer>());
    return this.#read(transaction, 'reads inbox rows', () => {
      const found = new Map<string, Buffer>();
      for (const eventId of eventIds) {
        const row = this.#database.read(transaction, this.#database.inbox, eventId);
        if (row !== undefined) found.set(eventId, row.payloadHash);
      }
      return found;
    });
  }

  insertInboxRows(messages: readonly InboxMessage[], transaction: Transaction, attempt = 1): Promise<Set<string>> {
    const database = this.#database;
    return database.execute(transaction, `inserts ${messages.length} inbox rows`, function* () {
      const fresh = new Set<string>();
      const rows = messages.map(({ eventId, payloadHash, triedBefore = 0 }) => ({
        eventId: eventId ?? '',
        payloadHash,
        attempts: triedBefore + attempt,
        duplicates: 0,
      }));
      rows.sort((one, other) => (one.eventId < other.eventId ? -1 : 1));
      for (const row of rows) {
        if (yield* database.insert(transaction, database.inbox, row.eventId, row)) fresh.add(row.eventId);
      }
      return fresh;
    });
  }

  countDuplicates(eventIds: readonly string[], transaction: Transaction): Promise<void> {
    const database = this.#database;
    return database.execute(transaction, `counts ${eventIds.length} duplicates`, function* () {
      for (const eventId of [...eventIds].sort()) {
        const row = yield* database.lockRow(transaction, database.inbox, eventId);
        if (row !== undefined) {
          database.write(transaction, database.inbox, eventId, { ...row, duplicates: row.duplicates + 1 });
        }
      }
    });
  }

  park(parked: readonly Parked[], transaction: Transaction): Promise<number> {
    const database = this.#database;
    return database.execute(transaction, `parks ${parked.length}`, function* () {
      let count = 0;
      for (const each of parked) {
        const letter = { ...each, id: database.nextId() };
        if (yield* database.insert(transaction, database.deadLetters, each.message.place, letter)) count++;
      }
      return count;
    });
  }

  readMarkers(topic: string, partitions: readonly number[]): Promise<CrashMarker[]> {
    const { markers } = this.#database;

    return this.#database.executeAlone(this.#process, 'reads crash markers', function* () {
      return partitions.flatMap((partition) => markers.rows.get(`${topic}/${partition}`) ?? []);
    });
  }

  writeMarkers(topic: string, markers: readonly CrashMarker[]): Promise<void> {
    const database = this.#database;
    const sorted = [...markers].sort((one, other) => one.partition - other.partition);
    return database.executeAlone(this.#process, 'writes crash markers', function* (transaction) {
      for (const marker of sorted) {
        const key = `${topic}/${marker.partition}`;
        yield* database.lock(transaction, database.markers.lockOf(key));
        database.write(transaction, database.markers, key, marker);
      }
    });
  }

  advanceMarker(topic: string, partition: number, firstOffset: bigint, transaction: Transaction): Promise<void> {
    return this.#change(transaction, 'advances a crash marker', [
      [`${topic}/${partition}`, (marker) => ({ ...marker, firstOffset, aloneOffset: null, attempts: 0 })],
    ]);
  }

  forgiveMarkers(topic: string, partitions: readonly number[]): Promise<void> {
    return this.#change(
      null,
      'forgives crash markers',
      partitions.map((partition) => [
        `${topic}/${partition}`,
        (marker) => ({ ...marker, attempts: Math.max(0, marker.attempts - 1) }),
      ]),
    );
  }

  removeMarkers(topic: string, partitions: readonly number[], transaction: Transaction | null): Promise<void> {
    return this.#change(
      transaction,
      'removes crash markers',
      partitions.map((partition) => [`${topic}/${partition}`, () => undefined]),
    );
  }

  /** Changes the markers that are there. @param transaction null: one of its own */
  #change(
    transaction: Transaction | null,
    label: string,
    changes: readonly [key: string, change: (marker: CrashMarker) => CrashMarker | undefined][],
  ): Promise<void> {
    const database = this.#database;
    const statement = function* (within: Transaction): Statement<void> {
      for (const [key, change] of changes) {
        const marker = yield* database.lockRow(within, database.markers, key);
        if (marker !== undefined) database.write(within, database.markers, key, change(marker));
      }
    };
    return transaction === null
      ? database.executeAlone(this.#process, label, statement)
      : database.execute(transaction, label, () => statement(transaction));
  }

  #read<Result>(transaction: Transaction, label: string, read: () => Result): Promise<Result> {
    return this.#database.execute(transaction, label, function* () {
      return read();
    });
  }
}

/** Sorted, each once: the order in which everybody takes locks. */
export function inOrder(keys: readonly string[]): string[] {
  return [...new Set(keys)].sort();
}
