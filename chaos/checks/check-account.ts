import type { AccountHistory, OrderHistory, Write } from '../history/account-history.ts';
import { judgeChain } from '../history/judge-read.ts';
import { moneyOf, readFields, textOf, type Fields } from '../history/read-json.ts';
import type { Violation } from '../history/violation.ts';
import { chargesByDigit } from './ternary.ts';

/** All that REST tells of one account when everything is over. */
export interface AccountAsRead {
  /** Null: 404. */
  readonly account: Fields | null;
  /** Newest first, all pages. */
  readonly entries: readonly Fields[];
  /** Newest first, all pages. */
  readonly orders: readonly Fields[];
}

type Find = (invariant: string, what: string, ids?: Readonly<Record<string, string>>) => void;

/**
 * Compares what was asked for one account, and answered, with what REST says in the end: I1 to I7 and I9 without a look
 * into a database. Pure.
 *
 * @param orders of this account that were answered 201, by id, with what was seen of them
 */
export function checkAccount(
  history: AccountHistory,
  orders: ReadonlyMap<string, OrderHistory>,
  read: AccountAsRead,
): Violation[] {
  const { userId } = history;
  const violations: Violation[] = [];
  const find: Find = (invariant, what, ids = {}) => violations.push({ invariant, what, ids: { userId, ...ids } });
  checkWrites(history, read, find);
  checkDeposits(history, read, find);
  checkOrders(history, orders, read, find);
  checkPayments(read, find);
  checkBalance(read, find);
  checkDigits(history, read, find);
  violations.push(...judgeChain(userId, read.entries));
  return violations;
}

function checkWrites({ writes, isOpen }: AccountHistory, read: AccountAsRead, find: Find): void {
  for (const { outcome, key, post, attempts } of writes) {
    if (outcome === 'unknown') {
      find('I7', `nobody knows what became of a ${post.call}, asked ${attempts} times`, { key });
    }
  }
  const openings = writes.filter(({ post, outcome }) => post.call === 'open' && outcome === 'done');
  if (openings.length > 1) find('I7', `the account was opened ${openings.length} times`);
  if (isOpen && read.account === null) find('I6', 'an account that was opened is not there');
  if (!isOpen && read.account !== null) find('I7', 'an account is there that nobody was told was opened');
}

/** I6, I7: each deposit that was answered 200 is the entry of the version that its answer said, and there is no other one. */
function checkDeposits({ writes }: AccountHistory, { entries }: AccountAsRead, find: Find): void {
  const entryOf = new Map(entries.map((entry) => [textOf(entry['version']), entry]));
  const told = new Map<string, Write>();
  for (const write of writes) {
    if (write.post.call !== 'deposit' || write.first === null) continue;
    const { version, balance } = readFields(write.first.body);
    const entry = entryOf.get(textOf(version));
    const ids = { key: write.key, version: textOf(version) };
    if (told.has(textOf(version))) find('I7', 'two deposits were answered with one version', ids);
    told.set(textOf(version), write);
    if (entry?.['kind'] !== 'deposit' || moneyOf(entry['amount']) !== write.post.amount) {
      find('I6', `a deposit of ${write.post.amount} minor units that was answered 200 does not show`, ids);
    } else if (moneyOf(entry['balanceAfter']) !== moneyOf(balance)) {
      find('I7', 'a deposit was answered with another balance than its entry has', ids);
    }
  }
  for (const entry of entries) {
    const version = textOf(entry['version']);
    if (entry['kind'] === 'deposit' && !told.has(version)) {
      find('I7', 'a deposit shows that nobody was told of', { version, entryId: textOf(entry['entryId']) });
    }
  }
}

function checkOrders(
  { isOpen, kind }: AccountHistory,
  orders: ReadonlyMap<string, OrderHistory>,
  read: AccountAsRead,
  find: Find,
): void {
  const found = new Map(read.orders.map((order) => [textOf(order['orderId']), order]));
  if (found.size < read.orders.length) find('contract', 'the pages of the orders tell an order twice');
  for (const [orderId, { write, finalAtMs, status, reason }] of orders) {
    const order = found.get(orderId);
    if (order === undefined) {
      find('I6', 'an order that was answered 201 is not in the list', { orderId, key: write.key });
      continue;
    }
    if (!isAsAsked(write, order)) find('I6', 'an order is not what was asked for', { orderId, key: write.key });
    const isOther = order['status'] !== status || order['reason'] !== reason;
    if (finalAtMs !== null && isOther) {
      find('I4', `an order that was ${status} is ${textOf(order['status'])}`, { orderId });
    }
    if (order['status'] === 'NEW') find('I11', 'an order is not final', { orderId });
    // Its money was there before its first order: nothing but a mistake could refuse one.
    const hasToBePaid = kind === 'ternary' || kind === 'hot';
    if (hasToBePaid && order['status'] === 'CANCELLED') {
      find('I5', `an order with money enough is CANCELLED, ${textOf(order['reason'])}`, { orderId });
    }
    if (!isOpen && order['status'] !== 'NEW' && order['reason'] !== 'no-account') {
      find('I5', `an order without an account is ${textOf(order['status'])}`, { orderId });
    }
  }
  for (const orderId of found.keys()) {
    if (!orders.has(orderId)) find('I7', 'an order is there that nobody was told of', { orderId });
  }
}

function isAsAsked({ post }: Write, order: Fields): boolean {
  return (
    post.call === 'order' &&
    moneyOf(order['amount']) === post.amount &&
    order['description'] === post.description &&
    order['userId'] === post.userId
  );
}

/** I5: a FINISHED order has one payment of its amount, a CANCELLED one has none. I3 says so of later deposits, too. */
function checkPayments({ entries, orders }: AccountAsRead, find: Find): void {
  const payments = Map.groupBy(
    entries.filter(({ kind }) => kind === 'payment'),
    ({ orderId }) => textOf(orderId),
  );
  for (const order of orders) {
    const orderId = textOf(order['orderId']);
    const paid = payments.get(orderId) ?? [];
    payments.delete(orderId);
    const expected = order['status'] === 'FINISHED' ? 1 : 0;
    if (paid.length !== expected && order['status'] !== 'NEW') {
      find(paid.length > 1 ? 'I3' : 'I5', `a ${textOf(order['status'])} order has ${paid.length} payments`, {
        orderId,
      });
    }
    if (paid.some(({ amount }) => moneyOf(amount) !== -(moneyOf(order['amount']) ?? 0n))) {
      find('I5', 'a payment is not of its order’s amount', { orderId });
    }
  }
  for (const orderId of payments.keys()) {
    find('I5', 'a payment is of an order that its user does not have', { orderId });
  }
}

/** I1, I2, I9: the balance is deposits less the amounts of FINISHED orders, and the sum of the entries. */
function checkBalance({ account, entries, orders }: AccountAsRead, find: Find): void {
  if (account === null) {
    if (entries.length > 0) find('I9', 'there are entries and no account');
    return;
  }
  const balance = moneyOf(account['balance']) ?? -1n;
  const deposits = sum(entries.filter(({ kind }) => kind === 'deposit'));
  const paid = sum(orders.filter(({ status }) => status === 'FINISHED'));
  if (balance !== deposits - paid) find('I1', `the balance is ${balance}, deposits ${deposits} less payments ${paid}`);
  if (balance !== sum(entries)) find('I9', `the balance is ${balance}, the sum of the entries ${sum(entries)}`);
  if (entries.some(({ balanceAfter }) => (moneyOf(balanceAfter) ?? -1n) < 0n)) find('I2', 'a balance was negative');
  const version = textOf(account['version']);
  if (version !== String(entries.length)) find('I9', `the version is ${version} after ${entries.length} entries`);
}

/** What a ternary account spent says by its digits which order was charged, and how often: the ledger is not asked. */
function checkDigits({ kind, writes }: AccountHistory, { account, orders }: AccountAsRead, find: Find): void {
  if (kind !== 'ternary' || account === null) return;
  const deposited = writes.reduce(
    (total, { post, outcome }) => (post.call === 'deposit' && outcome === 'done' ? total + post.amount : total),
    0n,
  );
  const charges = chargesByDigit(deposited - (moneyOf(account['balance']) ?? 0n));
  const statusOf = new Map(orders.map(({ orderId, status }) => [textOf(orderId), textOf(status)]));
  for (const { digit, first, key } of writes) {
    if (digit === null) continue;
    const orderId = first === null ? '' : textOf(readFields(first.body)['orderId']);
    const expected = statusOf.get(orderId) === 'FINISHED' ? 1 : 0;
    const times = charges[digit] ?? 0;
    if (times !== expected) {
      find('I3', `order 3^${digit} was charged ${times} times, not ${expected}`, { orderId, key });
    }
  }
}

function sum(of: readonly Fields[]): bigint {
  return of.reduce((total, { amount }) => total + (moneyOf(amount) ?? 0n), 0n);
}
