import type { Answer } from '../../shop/shop-client.ts';
import type { AccountHistory, OrderStatus } from './account-history.ts';
import { moneyOf, readFields, textOf, type Fields } from './read-json.ts';
import type { Violation } from './violation.ts';

/** What reads during a campaign may say. Pure; whoever asked gives what they knew when they asked. */

export interface SeenOrder {
  readonly orderId: string;
  readonly status: OrderStatus;
  readonly reason: string | null;
}

/** Whether a read was answered by what the contract has for it; anything else is no word on the data. */
export function isAnswered({ status }: Answer): boolean {
  return status === 200 || (status >= 400 && status < 500 && status !== 429);
}

/** An order that was answered 201 is there. */
export function judgeOrder(orderId: string, answer: Answer): { seen: SeenOrder | null; violations: Violation[] } {
  if (answer.status === 200) return { seen: seenOrder(readFields(answer.body)), violations: [] };
  if (!isAnswered(answer)) return { seen: null, violations: [] };
  const invariant = answer.status === 404 ? 'I6' : 'contract';
  const what = `an order that was answered 201 is answered ${answer.status}: ${answer.body}`;
  return { seen: null, violations: [{ invariant, what, ids: { orderId } }] };
}

/** @throws never: what is not there reads as an empty text, which no check takes for anything */
export function seenOrder(fields: Fields): SeenOrder {
  const reason = fields['reason'];
  return {
    orderId: textOf(fields['orderId']),
    status: textOf(fields['status']) as OrderStatus,
    reason: typeof reason === 'string' ? reason : null,
  };
}

/** What was known of an account when somebody asked for it. */
export interface KnownAccount {
  readonly isOpen: boolean;
  readonly version: number;
}

/** An account that was opened is there, never below zero, and never older than somebody has seen it. */
export function judgeAccount(account: AccountHistory, known: KnownAccount, answer: Answer): Violation[] {
  const { userId } = account;
  if (answer.status === 200) {
    const fields = readFields(answer.body);
    return [...judgeVersion(userId, known, Number(fields['version'])), ...judgeBalance(userId, fields['balance'])];
  }
  if (!isAnswered(answer)) return [];
  if (answer.status === 404 && !known.isOpen) return [];
  const what = `an account that was opened is answered ${answer.status}: ${answer.body}`;
  return [{ invariant: answer.status === 404 ? 'I6' : 'contract', what, ids: { userId } }];
}

/** The newest entries: not older than known, and each one follows from the one before. */
export function judgeEntries(account: AccountHistory, known: KnownAccount, answer: Answer): Violation[] {
  const { userId } = account;
  if (answer.status !== 200) {
    if (!isAnswered(answer) || !known.isOpen) return [];
    const what = `the entries of an account that was opened are answered ${answer.status}: ${answer.body}`;
    return [{ invariant: answer.status === 404 ? 'I6' : 'contract', what, ids: { userId } }];
  }
  const entries = itemsOf(answer);
  const newest = Number(entries[0]?.['version'] ?? 0);
  return [...judgeVersion(userId, known, newest), ...judgeChain(userId, entries)];
}

/**
 * I9: each entry's version is one more than the one's before it, and its balance that one's and its amount.
 *
 * @param entries newest first
 */
export function judgeChain(userId: string, entries: readonly Fields[]): Violation[] {
  const broken = entries.filter((entry, index) => {
    const before = entries[index + 1];
    // The oldest of a page has its predecessor on another one, but for the first of all.
    if (before === undefined) return Number(entry['version']) === 1 && entry['balanceAfter'] !== entry['amount'];
    const expected = (moneyOf(before['balanceAfter']) ?? 0n) + (moneyOf(entry['amount']) ?? 0n);
    const follows = Number(entry['version']) === Number(before['version']) + 1;
    return !follows || moneyOf(entry['balanceAfter']) !== expected;
  });
  return broken.map((entry) => ({
    invariant: 'I9',
    what: 'a ledger entry does not follow from the one before',
    ids: { userId, version: textOf(entry['version']), entryId: textOf(entry['entryId']) },
  }));
}

/** The items of a page. */
export function itemsOf({ body }: Answer): Fields[] {
  const { items } = readFields(body);
  return Array.isArray(items) ? (items as Fields[]) : [];
}

function judgeVersion(userId: string, known: KnownAccount, version: number): Violation[] {
  if (version >= known.version) return [];
  const what = `an account at version ${version} was at ${known.version} when it was asked for`;
  return [{ invariant: 'I6', what, ids: { userId } }];
}

function judgeBalance(userId: string, balance: unknown): Violation[] {
  const minorUnits = moneyOf(balance);
  if (minorUnits !== null && minorUnits >= 0n) return [];
  return [{ invariant: 'I2', what: `a balance is ${textOf(balance)}`, ids: { userId } }];
}
