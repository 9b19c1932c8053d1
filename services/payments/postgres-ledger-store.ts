import type { Transaction } from 'sequelize';
import { run } from '../../mixins/database/statement.ts';
import type { LedgerStore } from './ledger-store.ts';
import type { Account, AccountChange, LedgerEntry, Payment, StoredAccount } from './payment.ts';

const LOCK_ACCOUNTS = {
  name: 'ledger-lock-accounts',
  text: `
    SELECT user_id AS "userId", balance, version, created_at AS "createdAt", updated_at AS "updatedAt"
      FROM accounts WHERE user_id = ANY ($1::text[]) ORDER BY user_id FOR NO KEY UPDATE`,
};

const DECIDED_ORDERS = {
  name: 'ledger-decided-orders',
  text: 'SELECT order_id FROM payments WHERE order_id = ANY ($1::uuid[])',
};

const UPDATE_ACCOUNTS = {
  name: 'ledger-update-accounts',
  text: `
    UPDATE accounts SET balance = new.balance, version = new.version, updated_at = $5::timestamptz
      FROM unnest($1::text[], $2::integer[], $3::bigint[], $4::integer[]) AS new (user_id, from_version, balance, version)
     WHERE accounts.user_id = new.user_id AND accounts.version = new.from_version
     RETURNING accounts.user_id`,
};

const INSERT_ENTRIES = {
  name: 'ledger-insert-entries',
  text: `
    INSERT INTO ledger_entries (user_id, version, entry_id, kind, amount, balance_after, order_id, created_at)
    SELECT new.*, $8::timestamptz
      FROM unnest($1::text[], $2::integer[], $3::uuid[], $4::text[], $5::bigint[], $6::bigint[], $7::uuid[]) AS new`,
};

const INSERT_PAYMENTS = {
  name: 'ledger-insert-payments',
  text: `
    INSERT INTO payments (order_id, user_id, amount, status, reason, decided_at)
    SELECT new.*, $6::timestamptz FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[], $5::text[]) AS new`,
};

const FIND_ENTRIES = {
  name: 'ledger-find-entries',
  text: `
    SELECT entry_id AS "entryId", user_id AS "userId", balance_after AS balance, version
      FROM ledger_entries WHERE user_id = ANY ($1::text[]) AND entry_id = ANY ($2::uuid[])`,
};

/** The statements on the ledger: each one set-based, each one inside the caller's transaction. */
export class PostgresLedgerStore implements LedgerStore {
  readonly #transaction: Transaction;
  readonly #onConflict: () => void;

  /** @param onConflict told when an account was not at the version that was read */
  constructor(transaction: Transaction, onConflict: () => void = () => undefined) {
    this.#transaction = transaction;
    this.#onConflict = onConflict;
  }

  async lockAccounts(userIds: readonly string[]): Promise<StoredAccount[]> {
    type Row = Omit<StoredAccount, 'balance'> & { balance: string };
    const rows = await run<Row>(this.#transaction, LOCK_ACCOUNTS, [[...new Set(userIds)]]);
    return rows.map((row) => ({ ...row, balance: BigInt(row.balance) }));
  }

  async decidedOrders(orderIds: readonly string[]): Promise<Set<string>> {
    const rows = await run<{ order_id: string }>(this.#transaction, DECIDED_ORDERS, [orderIds]);
    return new Set(rows.map((row) => row.order_id));
  }

  async updateAccounts(changes: readonly AccountChange[], now: Date): Promise<number> {
    if (changes.length === 0) return 0;
    const touched = await run(this.#transaction, UPDATE_ACCOUNTS, [
      changes.map((change) => change.userId),
      changes.map((change) => change.fromVersion),
      changes.map((change) => change.balance),
      changes.map((change) => change.version),
      now.toISOString(),
    ]);
    if (touched.length !== changes.length) this.#onConflict();
    return touched.length;
  }

  async insertEntries(entries: readonly LedgerEntry[], now: Date): Promise<void> {
    if (entries.length === 0) return;
    await run(this.#transaction, INSERT_ENTRIES, [
      entries.map((entry) => entry.userId),
      entries.map((entry) => entry.version),
      entries.map((entry) => entry.entryId),
      entries.map((entry) => entry.kind),
      entries.map((entry) => entry.amount),
      entries.map((entry) => entry.balanceAfter),
      entries.map((entry) => entry.orderId),
      now.toISOString(),
    ]);
  }

  async insertPayments(payments: readonly Payment[], now: Date): Promise<void> {
    if (payments.length === 0) return;
    await run(this.#transaction, INSERT_PAYMENTS, [
      payments.map((payment) => payment.orderId),
      payments.map((payment) => payment.userId),
      payments.map((payment) => payment.amount),
      payments.map((payment) => payment.status),
      payments.map((payment) => payment.reason),
      now.toISOString(),
    ]);
  }

  async findEntries(
    entries: readonly { readonly userId: string; readonly entryId: string }[],
  ): Promise<Map<string, Account>> {
    type Row = {
      readonly entryId: string;
      readonly userId: string;
      readonly balance: string;
      readonly version: number;
    };
    const rows = await run<Row>(this.#transaction, FIND_ENTRIES, [
      [...new Set(entries.map(({ userId }) => userId))],
      entries.map(({ entryId }) => entryId),
    ]);
    return new Map(
      rows.map(({ entryId, userId, balance, version }) => [entryId, { userId, balance: BigInt(balance), version }]),
    );
  }
}
