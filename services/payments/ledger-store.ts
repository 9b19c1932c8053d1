import type { Account, AccountChange, LedgerEntry, Payment, StoredAccount } from './payment.ts';

/**
 * What payments asks of its tables, all of it in one transaction (READ COMMITTED), whose statements run in the order in
 * which they are begun, also when nobody waits for the one before. The promises of
 * `PostgresLedgerStore` and of the simulator's store are one test suite.
 */
export interface LedgerStore {
  /**
   * Reads accounts and takes their row locks, in the order of the user ids: whoever locks several accounts locks them
   * in this order, so nobody deadlocks and nobody starves (ADR 0006).
   *
   * @returns those that exist, as they are once the locks are held
   */
  lockAccounts(userIds: readonly string[]): Promise<StoredAccount[]>;
  /** @returns which of these orders have been decided already, one way or the other */
  decidedOrders(orderIds: readonly string[]): Promise<Set<string>>;
  /** @returns the entries among these that are in the ledger, as an earlier transaction with an unknown end wrote them */
  findEntries(entries: readonly { readonly userId: string; readonly entryId: string }[]): Promise<Map<string, Account>>;
  /**
   * Writes new balances, each only where the version that was read still stands.
   *
   * @returns how many it wrote
   */
  updateAccounts(changes: readonly AccountChange[], now: Date): Promise<number>;
  insertEntries(entries: readonly LedgerEntry[], now: Date): Promise<void>;
  /** @throws an error of a unique key when an order has a decision already: it must not get a second one */
  insertPayments(payments: readonly Payment[], now: Date): Promise<void>;
}

/**
 * Writes what was decided about accounts: their new balances and the entries that led there.
 *
 * @throws Error when an account is not at the version that was read: then the decision rests on something that is no
 *   longer so, and the transaction must not go on
 */
export async function writeEntries(
  store: LedgerStore,
  { changes, entries }: { readonly changes: readonly AccountChange[]; readonly entries: readonly LedgerEntry[] },
  now: Date,
): Promise<void> {
  const [touched] = await Promise.all([store.updateAccounts(changes, now), store.insertEntries(entries, now)]);
  if (touched !== changes.length) {
    throw new Error(`Of ${changes.length} accounts, ${touched} were at the version that was read.`);
  }
}
