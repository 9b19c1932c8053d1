import type { Sequelize, Transaction } from 'sequelize';
import type { IdempotencyKey } from './idempotency-key.ts';
import { findKeys, keepAnswers, lockKeys, type KeptKey } from './key-table.ts';

/** A transaction that whoever began it ends. */
export interface OpenTransaction {
  /** @throws when it is unknown whether it was committed */
  commit(): Promise<void>;
  rollback(): Promise<void>;
}

/**
 * What group commit asks of the database: transactions, and the keys under which a write happens once. The promises of
 * `PostgresWriteStore` and of the simulator's store are one test suite.
 */
export interface WriteStore<T extends OpenTransaction = Transaction> {
  begin(): Promise<T>;
  /** As `lockKeys` of `key-table.ts`. */
  lockKeys(keys: readonly IdempotencyKey[], transaction: T): Promise<Set<string>>;
  /** As `findKeys` of `key-table.ts`. */
  findKeys(keys: readonly IdempotencyKey[], transaction: T): Promise<Map<string, KeptKey>>;
  /** As `keepAnswers` of `key-table.ts`. */
  keepAnswers(kept: readonly KeptKey[], transaction: T): Promise<void>;
}

/** A service's own database. It has `idempotencyKeyMigrations` if writes come under keys. */
export class PostgresWriteStore implements WriteStore {
  readonly #sequelize: Sequelize;

  constructor(sequelize: Sequelize) {
    this.#sequelize = sequelize;
  }

  begin(): Promise<Transaction> {
    return this.#sequelize.transaction();
  }

  lockKeys(keys: readonly IdempotencyKey[], transaction: Transaction): Promise<Set<string>> {
    return lockKeys(this.#sequelize, keys, transaction);
  }

  findKeys(keys: readonly IdempotencyKey[], transaction: Transaction): Promise<Map<string, KeptKey>> {
    return findKeys(this.#sequelize, keys, transaction);
  }

  keepAnswers(kept: readonly KeptKey[], transaction: Transaction): Promise<void> {
    return keepAnswers(this.#sequelize, kept, transaction);
  }
}
