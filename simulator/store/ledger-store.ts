import type { LedgerStore } from '../../services/payments/ledger-store.ts';
import type { Account, AccountChange, LedgerEntry, Payment, StoredAccount } from '../../services/payments/payment.ts';
import type { Transaction } from './database.ts';
import { DatabaseError, uniqueViolation } from './errors.ts';
import { inOrder } from './inbox-store.ts';
import type { ServiceDatabase } from './service-database.ts';

/** The ledger's tables, within one transaction. */
export class SimulatedLedgerStore implements LedgerStore {
  readonly #database: ServiceDatabase;
  readonly #transaction: Transaction;

  constructor(database: ServiceDatabase, transaction: Transaction) {
    this.#database = database;
    this.#transaction = transaction;
  }

  lockAccounts(userIds: readonly string[]): Promise<StoredAccount[]> {
    const database = this.#database;
    const transaction = this.#transaction;
    return database.execute(transaction, 'locks accounts', function* () {
      // The statement's snapshot says which rows there are; each is read again once its lock is held.
      const there = inOrder(userIds).filter((userId) => database.read(transaction, database.accounts, userId));
      const accounts: StoredAccount[] = [];
      for (const userId of there) {
        const account = yield* database.lockRow(transaction, database.accounts, userId);
        if (account !== undefined) accounts.push(account);
      }
      return accounts;
    });
  }

  decidedOrders(orderIds: readonly string[]): Promise<Set<string>> {
    const database = this.#database;
    const transaction = this.#transaction;

    return database.execute(transaction, 'reads decisions', function* () {
      return new Set(orderIds.filter((orderId) => database.read(transaction, database.payments, orderId)));
    });
  }

  findEntries(
    entries: readonly { readonly userId: string; readonly entryId: string }[],
  ): Promise<Map<string, Account>> {
    const database = this.#database;
    const transaction = this.#transaction;

    return database.execute(transaction, 'looks for entries', function* () {
      const users = new Set(entries.map(({ userId }) => userId));
      const asked = new Set(entries.map(({ entryId }) => entryId));
      const found = new Map<string, Account>();
      for (const { entryId, userId, balanceAfter, version } of database.readAll(transaction, database.entries)) {
        if (users.has(userId) && asked.has(entryId)) found.set(entryId, { userId, balance: balanceAfter, version });
      }
      return found;
    });
  }

  updateAccounts(changes: readonly AccountChange[], now: Date): Promise<number> {
    if (changes.length === 0) return Promise.resolve(0);
    const database = this.#database;
    const transaction = this.#transaction;
    return database.execute(transaction, `updates ${changes.length} accounts`, function* () {
      let touched = 0;
      for (const { userId, fromVersion, balance, version } of changes) {
        const isMeant = (account: StoredAccount): boolean => account.version === fromVersion;
        const account = yield* database.lockRow(transaction, database.accounts, userId, isMeant);
        if (account === undefined) continue;
        if (balance < 0n) throw new DatabaseError('23514', 'accounts violates check constraint: balance >= 0');
        database.write(transaction, database.accounts, userId, { ...account, balance, version, updatedAt: now });
        touched++;
      }
      return touched;
    });
  }

  insertEntries(entries: readonly LedgerEntry[], now: Date): Promise<void> {
    if (entries.length === 0) return Promise.resolve();
    const database = this.#database;
    const transaction = this.#transaction;
    return database.execute(transaction, `inserts ${entries.length} entries`, function* () {
      for (const entry of entries) {
        const key = `${entry.userId}/${entry.version}`;
        const row = { ...entry, createdAt: now };
        const isNew = yield* database.insert(transaction, database.entries, key, row);
        if (!isNew) throw uniqueViolation('ledger_entries', key);
      }
    });
  }

  insertPayments(payments: readonly Payment[]): Promise<void> {
    if (payments.length === 0) return Promise.resolve();
    const database = this.#database;
    const transaction = this.#transaction;
    return database.execute(transaction, `inserts ${payments.length} decisions`, function* () {
      for (const payment of payments) {
        const isNew = yield* database.insert(transaction, database.payments, payment.orderId, payment);
        if (!isNew) throw uniqueViolation('payments', payment.orderId);
      }
    });
  }
}
