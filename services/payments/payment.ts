/**
 * Payments: pure decisions over accounts and orders, no I/O. Whoever calls them holds the row locks of all accounts
 * concerned, and writes the result naming the versions that were read.
 */

import type {
  Account as AccountAnswer,
  CancelReason,
  LedgerEntry as LedgerEntryAnswer,
} from '../../contract/outputs.ts';
import { decimalText, MAX_MINOR_UNITS } from '../../money/money.ts';

export interface Account {
  readonly userId: string;
  /** Minor units, never negative. */
  readonly balance: bigint;
  /** 0 when opened, one more with each ledger entry. */
  readonly version: number;
}

/** An account with the times that answers show. */
export interface StoredAccount extends Account {
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** An order that asks to be paid. */
export interface PaymentRequest {
  readonly orderId: string;
  readonly userId: string;
  /** Minor units, greater than 0. */
  readonly amount: bigint;
}

/** The one decision about an order, kept for ever. */
export type Payment = PaymentRequest &
  (
    | { readonly status: 'completed'; readonly reason: null }
    | { readonly status: 'rejected'; readonly reason: CancelReason }
  );

/** One line of the ledger: what moved, and the balance after it. */
export interface LedgerEntry {
  readonly entryId: string;
  readonly userId: string;
  readonly kind: 'deposit' | 'payment';
  /** Minor units; negative for a payment. */
  readonly amount: bigint;
  readonly balanceAfter: bigint;
  /** The account's version after this entry. */
  readonly version: number;
  readonly orderId: string | null;
}

/** An entry with the time that answers show. */
export interface StoredEntry extends LedgerEntry {
  readonly createdAt: Date;
}

/** The one update that all effects on an account in a batch are folded into. */
export interface AccountChange {
  readonly userId: string;
  /** The version that was read; the update takes effect only where it still stands. */
  readonly fromVersion: number;
  readonly balance: bigint;
  readonly version: number;
}

export interface Settlement {
  readonly payments: readonly Payment[];
  readonly entries: readonly LedgerEntry[];
  readonly changes: readonly AccountChange[];
}

/** A deposit that asks to be booked. */
export interface DepositRequest {
  readonly entryId: string;
  readonly userId: string;
  /** Minor units, greater than 0. */
  readonly amount: bigint;
}

export type DepositOutcome =
  | { readonly kind: 'booked'; readonly account: Account }
  | { readonly kind: 'refused'; readonly problem: 'account-not-found' | 'balance-limit' };

/** Accounts as they change while a batch is decided: later requests see the effects of earlier ones. */
class Ledger {
  readonly #read: ReadonlyMap<string, Account>;
  readonly #now: Map<string, Account>;
  readonly entries: LedgerEntry[] = [];

  constructor(accounts: readonly Account[]) {
    this.#read = new Map(accounts.map((account) => [account.userId, account]));
    this.#now = new Map(this.#read);
  }

  find(userId: string): Account | undefined {
    return this.#now.get(userId);
  }

  book(account: Account, entry: Pick<LedgerEntry, 'entryId' | 'kind' | 'amount' | 'orderId'>): Account {
    const next = { ...account, balance: account.balance + entry.amount, version: account.version + 1 };
    this.#now.set(next.userId, next);
    this.entries.push({ ...entry, userId: next.userId, balanceAfter: next.balance, version: next.version });
    return next;
  }

  /** One change per account, however many entries: an update that named a row twice would apply one of them. */
  changes(): AccountChange[] {
    return [...this.#now.values()].flatMap(({ userId, balance, version }) => {
      const fromVersion = this.#read.get(userId)?.version;
      return fromVersion === undefined || fromVersion === version ? [] : [{ userId, fromVersion, balance, version }];
    });
  }
}

/**
 * Decides which orders are paid: each in the order it came, from what earlier ones left over.
 *
 * @param accounts every account that the orders name and that exists, as read under lock
 * @param requests orders that have no decision yet; an order named twice is decided once
 * @param newEntryId makes a ledger entry's id
 */
export function decide(
  accounts: readonly Account[],
  requests: readonly PaymentRequest[],
  newEntryId: () => string,
): Settlement {
  const ledger = new Ledger(accounts);
  const payments = new Map<string, Payment>();
  for (const { orderId, userId, amount } of requests) {
    if (payments.has(orderId)) continue;
    const request = { orderId, userId, amount };
    const account = ledger.find(userId);
    if (account === undefined) {
      payments.set(orderId, { ...request, status: 'rejected', reason: 'no-account' });
    } else if (account.balance < amount) {
      payments.set(orderId, { ...request, status: 'rejected', reason: 'insufficient-funds' });
    } else {
      ledger.book(account, { entryId: newEntryId(), kind: 'payment', amount: -amount, orderId });
      payments.set(orderId, { ...request, status: 'completed', reason: null });
    }
  }
  return { payments: [...payments.values()], entries: ledger.entries, changes: ledger.changes() };
}

/**
 * Books deposits. One that is refused leaves its neighbours alone.
 *
 * @param accounts every account that the deposits name and that exists, as read under lock
 * @param requests in the order they came
 * @returns an outcome for each request, in the same order, and what is to be written
 */
export function deposit(
  accounts: readonly Account[],
  requests: readonly DepositRequest[],
): { outcomes: DepositOutcome[]; entries: readonly LedgerEntry[]; changes: readonly AccountChange[] } {
  const ledger = new Ledger(accounts);
  const outcomes = requests.map(({ entryId, userId, amount }): DepositOutcome => {
    const account = ledger.find(userId);
    if (account === undefined) return { kind: 'refused', problem: 'account-not-found' };
    if (account.balance + amount > MAX_MINOR_UNITS) return { kind: 'refused', problem: 'balance-limit' };
    return { kind: 'booked', account: ledger.book(account, { entryId, kind: 'deposit', amount, orderId: null }) };
  });
  return { outcomes, entries: ledger.entries, changes: ledger.changes() };
}

/** The account as answers show it. */
export function describeAccount(account: StoredAccount): AccountAnswer {
  return {
    userId: account.userId,
    balance: decimalText(account.balance),
    version: account.version,
    createdAt: account.createdAt.toISOString(),
    updatedAt: account.updatedAt.toISOString(),
  };
}

/** The entry as answers show it. */
export function describeEntry(entry: StoredEntry): LedgerEntryAnswer {
  const { entryId, userId, kind, version, orderId } = entry;
  return {
    entryId,
    userId,
    kind,
    amount: decimalText(entry.amount),
    balanceAfter: decimalText(entry.balanceAfter),
    version,
    orderId,
    createdAt: entry.createdAt.toISOString(),
  };
}
