import { nameOf, type IdempotencyKey } from '../../mixins/idempotency-keys/idempotency-key.ts';
import type { KeptKey } from '../../mixins/idempotency-keys/key-table.ts';
import type { WriteStore } from '../../mixins/idempotency-keys/write-store.ts';
import type { Process } from '../scheduler.ts';
import type { Transaction } from './database.ts';
import { uniqueViolation } from './errors.ts';
import type { ServiceDatabase } from './service-database.ts';

/** What group commit works on. */
export class SimulatedWriteStore implements WriteStore<Transaction> {
  readonly #database: ServiceDatabase;
  readonly #process: Process;

  constructor(database: ServiceDatabase, process: Process) {
    this.#database = database;
    this.#process = process;
  }

  begin(): Promise<Transaction> {
    return this.#database.begin(this.#process);
  }

  lockKeys(keys: readonly IdempotencyKey[], transaction: Transaction): Promise<Set<string>> {
    const database = this.#database;

    return database.execute(transaction, 'tries for keys', function* () {
      return new Set(keys.map(nameOf).filter((name) => database.tryLock(transaction, `key ${name}`)));
    });
  }

  findKeys(keys: readonly IdempotencyKey[], transaction: Transaction): Promise<Map<string, KeptKey>> {
    const database = this.#database;

    return database.execute(transaction, 'looks for keys', function* () {
      const found = new Map<string, KeptKey>();
      for (const name of keys.map(nameOf)) {
        const kept = database.read(transaction, database.keys, name);
        if (kept !== undefined) found.set(name, kept);
      }
      return found;
    });
  }

  keepAnswers(kept: readonly KeptKey[], transaction: Transaction): Promise<void> {
    if (kept.length === 0) return Promise.resolve();
    const database = this.#database;
    return database.execute(transaction, `keeps ${kept.length} answers`, function* () {
      for (const each of kept) {
        const isNew = yield* database.insert(transaction, database.keys, nameOf(each), each);
        if (!isNew) throw uniqueViolation('idempotency_keys', nameOf(each));
      }
    });
  }
}
