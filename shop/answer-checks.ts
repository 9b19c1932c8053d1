import type { AnsweredDeposit, DayAnswers } from './answers.ts';
import { checked, type Check } from './check.ts';
import type { Customer } from './day.ts';

/** Compares what was answered with what is stored. Pure. */

export interface OrderRow {
  readonly orderId: string;
  readonly userId: string;
  readonly amount: bigint;
  readonly description: string | null;
  readonly status: string;
  readonly reason: string | null;
}

export interface AccountRow {
  readonly userId: string;
  readonly balance: bigint;
}

export interface DepositRow {
  readonly userId: string;
  readonly version: number;
  readonly amount: bigint;
  readonly balanceAfter: bigint;
}

/** What the two databases hold about the customers of one day. */
export interface DayRows {
  readonly orders: readonly OrderRow[];
  readonly accounts: readonly AccountRow[];
  /** Ledger entries of deposits. */
  readonly deposits: readonly DepositRow[];
}

/** @returns every check of the answers against the rows, in the order in which a reader would ask */
export function checkAnswers(customers: readonly Customer[], answers: DayAnswers, rows: DayRows): Check[] {
  return [
    checked('an answer repeats what was asked for', answers.contradictions),
    checked('an order answered 201 is stored once, with its amount', ordersNotKept(answers, rows)),
    checked('no order is stored that was not asked for', ordersNobodyPlaced(answers, rows)),
    checked('every order is final', idsOf(rows.orders.filter(({ status }) => status === 'NEW'))),
    checked('an order is cancelled for the right reason', wrongReasons(answers, rows)),
    checked('who could pay for everything got everything', cancelledOfRich(customers, answers, rows)),
    checked('a deposit answered 200 is in the ledger exactly once', depositsNotKept(answers, rows)),
    checked('no deposit is in the ledger that was not asked for', depositsNobodyMade(answers, rows)),
    checked('a balance is what the answers add up to', wrongBalances(answers, rows)),
  ];
}

function idsOf(orders: readonly OrderRow[]): string[] {
  return orders.map(({ orderId }) => orderId);
}

function ordersNotKept({ orders }: DayAnswers, rows: DayRows): string[] {
  const stored = Map.groupBy(rows.orders, ({ orderId }) => orderId);
  return [...orders].flatMap(([orderId, asked]) => {
    const [row, ...more] = stored.get(orderId) ?? [];
    const kept =
      row?.userId === asked.userId &&
      row.amount === asked.amount &&
      row.description === asked.description &&
      more.length === 0;
    return kept ? [] : [orderId];
  });
}

function ordersNobodyPlaced({ orders, unknown }: DayAnswers, rows: DayRows): string[] {
  // An order whose answer was lost may be there, once.
  const lost = new Set(unknown.flatMap((post) => (post.call === 'order' ? [post.description] : [])));
  return idsOf(
    rows.orders.filter(({ orderId, description }) => !orders.has(orderId) && !lost.delete(description ?? '')),
  );
}

/** Whose account was opened: by an answer, or by a post whose answer was lost. */
function accountHolders({ opened, unknown }: DayAnswers, rows: DayRows): Set<string> {
  const lost = new Set(unknown.flatMap(({ call, userId }) => (call === 'open' ? [userId] : [])));
  return new Set([...opened, ...rows.accounts.map(({ userId }) => userId).filter((userId) => lost.has(userId))]);
}

function wrongReasons(answers: DayAnswers, rows: DayRows): string[] {
  const holders = accountHolders(answers, rows);
  const wrong = ({ userId, status, reason }: OrderRow) =>
    holders.has(userId) ? reason === 'no-account' : status === 'FINISHED' || reason === 'insufficient-funds';
  return idsOf(rows.orders.filter(wrong));
}

function cancelledOfRich(customers: readonly Customer[], { deposits }: DayAnswers, rows: DayRows): string[] {
  const paidIn = new Set(deposits.map(({ userId }) => userId));
  const able = new Set(
    customers.flatMap(({ userId, kind }) =>
      (kind === 'rich' || kind === 'magnate') && paidIn.has(userId) ? [userId] : [],
    ),
  );
  return idsOf(rows.orders.filter(({ userId, status }) => status === 'CANCELLED' && able.has(userId)));
}

/** The account's version after a deposit names its ledger entry, whatever else happened to the account. */
function entryKey({ userId, version }: Pick<DepositRow, 'userId' | 'version'>): string {
  return `${userId} version ${version}`;
}

function isSameDeposit(row: DepositRow, answer: AnsweredDeposit): boolean {
  return row.amount === answer.amount && row.balanceAfter === answer.balanceAfter;
}

function depositsNotKept({ deposits }: DayAnswers, rows: DayRows): string[] {
  const stored = Map.groupBy(rows.deposits, entryKey);
  const named = new Set<string>();
  return deposits.flatMap((answer) => {
    const key = entryKey(answer);
    const [row, ...more] = stored.get(key) ?? [];
    const kept = row !== undefined && isSameDeposit(row, answer) && more.length === 0 && !named.has(key);
    named.add(key);
    return kept ? [] : [key];
  });
}

/** Ledger entries of deposits that no answer has named. */
function unnamedDeposits({ deposits }: DayAnswers, rows: DayRows): DepositRow[] {
  const named = new Set(deposits.map(entryKey));
  return rows.deposits.filter((row) => !named.has(entryKey(row)));
}

function depositsNobodyMade(answers: DayAnswers, rows: DayRows): string[] {
  const lost = answers.unknown.flatMap((post) => (post.call === 'deposit' ? [`${post.userId} ${post.amount}`] : []));
  return unnamedDeposits(answers, rows)
    .filter(({ userId, amount }) => {
      // A deposit whose answer was lost may be there, once.
      const index = lost.indexOf(`${userId} ${amount}`);
      if (index >= 0) lost.splice(index, 1);
      return index < 0;
    })
    .map(entryKey);
}

/** What is expected comes from the answers and the orders' outcomes alone; the ledger is asked only about answers that were lost. */
function wrongBalances(answers: DayAnswers, rows: DayRows): string[] {
  const expected = new Map([...accountHolders(answers, rows)].map((userId) => [userId, 0n]));
  const add = (userId: string, amount: bigint) => expected.set(userId, (expected.get(userId) ?? 0n) + amount);
  for (const { userId, amount } of answers.deposits) add(userId, amount);
  for (const { userId, amount } of unnamedDeposits(answers, rows)) add(userId, amount);
  for (const { orderId, userId, amount, status } of rows.orders) {
    if (status === 'FINISHED') add(userId, -(answers.orders.get(orderId)?.amount ?? amount));
  }
  const stored = new Map(rows.accounts.map(({ userId, balance }) => [userId, balance]));
  const users = new Set([...expected.keys(), ...stored.keys()]);
  return [...users].filter((userId) => expected.get(userId) !== stored.get(userId));
}
