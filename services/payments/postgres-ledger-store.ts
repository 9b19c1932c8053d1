import { QueryTypes, type Sequelize, type Transaction } from 'sequelize';
import type { LedgerStore } from './ledger-store.ts';
import type { Account, AccountChange, LedgerEntry, Payment, StoredAccount } from './payment.ts';

/** The statements on the ledger: each one set-based, each one inside the caller's transaction. */
export class PostgresLedgerStore implements LedgerStore {
  readonly #sequelize: Sequelize;
  readonly #transaction: Transaction;

  constructor(sequelize: Sequelize, transaction: Transaction) {
    this.#sequelize = sequelize;
    this.#transaction = transaction;
  }

  async lockAccounts(userIds: readonly string[]): Promise<StoredAccount[]> {
    const rows = await this.#sequelize.query<Omit<StoredAccount, 'balance'> & { balance: string }>(
      `SELECT user_id AS "userId", balance, version, created_at AS "createdAt", updated_at AS "updatedAt"
         FROM accounts WHERE user_id = ANY ($1::text[]) ORDER BY user_id FOR NO KEY UPDATE`,
      { bind: [[...new Set(userIds)]], type: QueryTypes.SELECT, transaction: this.#transaction },
    );
    return rows.map((row) => ({ ...row, balance: BigInt(row.balance) }));
  }

  async decidedOrders(orderIds: readonly string[]): Promise<Set<string>> {
    const rows = await this.#sequelize.query<{ order_id: string }>(
      'SELECT order_id FROM payments WHERE order_id = ANY ($1::uuid[])',
      { bind: [orderIds], type: QueryTypes.SELECT, transaction: this.#transaction },
    );
    return new Set(rows.map((row) => row.order_id));
  }

  async updateAccounts(changes: readonly AccountChange[], now: Date): Promise<number> {
    if (changes.length === 0) return 0;
    const touched = await this.#sequelize.query(
      `UPDATE accounts SET balance = new.balance, version = new.version, updated_at = $5
         FROM unnest($1::text[], $2::integer[], $3::bigint[], $4::integer[]) AS new (user_id, from_version, balance, version)
        WHERE accounts.user_id = new.user_id AND accounts.version = new.from_version
        RETURNING accounts.user_id`,
      {
        bind: [
          changes.map((change) => change.userId),
          changes.map((change) => change.fromVersion),
          changes.map((change) => change.balance.toString()),
          changes.map((change) => change.version),
          now.toISOString(),
        ],
        type: QueryTypes.SELECT,
        transaction: this.#transaction,
      },
    );
    return touched.length;
  }

  async insertEntries(entries: readonly LedgerEntry[], now: Date): Promise<void> {
    if (entries.length === 0) return;
    await this.#sequelize.query(
      `INSERT INTO ledger_entries (user_id, version, entry_id, kind, amount, balance_after, order_id, created_at)
       SELECT new.*, $8 FROM unnest($1::text[], $2::integer[], $3::uuid[], $4::text[], $5::bigint[], $6::bigint[], $7::uuid[]) AS new`,
      {
        bind: [
          entries.map((entry) => entry.userId),
          entries.map((entry) => entry.version),
          entries.map((entry) => entry.entryId),
          entries.map((entry) => entry.kind),
          entries.map((entry) => entry.amount.toString()),
          entries.map((entry) => entry.balanceAfter.toString()),
          entries.map((entry) => entry.orderId),
          now.toISOString(),
        ],
        type: QueryTypes.RAW,
        transaction: this.#transaction,
      },
    );
  }

  async insertPayments(payments: readonly Payment[], now: Date): Promise<void> {
    if (payments.length === 0) return;
    await this.#sequelize.query(
      `INSERT INTO payments (order_id, user_id, amount, status, reason, decided_at)
       SELECT new.*, $6 FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[], $5::text[]) AS new`,
      {
        bind: [
          payments.map((payment) => payment.orderId),
          payments.map((payment) => payment.userId),
          payments.map((payment) => payment.amount.toString()),
          payments.map((payment) => payment.status),
          payments.map((payment) => payment.reason),
          now.toISOString(),
        ],
        type: QueryTypes.RAW,
        transaction: this.#transaction,
      },
    );
  }

  async findEntries(
    entries: readonly { readonly userId: string; readonly entryId: string }[],
  ): Promise<Map<string, Account>> {
    const rows = await this.#sequelize.query<{ entryId: string; userId: string; balance: string; version: number }>(
      `SELECT entry_id AS "entryId", user_id AS "userId", balance_after AS balance, version
         FROM ledger_entries WHERE user_id = ANY ($1::text[]) AND entry_id = ANY ($2::uuid[])`,
      {
        bind: [[...new Set(entries.map(({ userId }) => userId))], entries.map(({ entryId }) => entryId)],
        type: QueryTypes.SELECT,
        transaction: this.#transaction,
      },
    );
    return new Map(
      rows.map((row) => [row.entryId, { userId: row.userId, balance: BigInt(row.balance), version: row.version }]),
    );
  }
}
