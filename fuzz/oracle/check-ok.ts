import type { OkAnswer } from '../fuzz-case.ts';
import { centsOf, decimalOf } from './decimal.ts';

/** Holds an answer that is no problem against what was sent, and against the contract's representations. */

/** What a good request means. */
export interface Sent {
  readonly userId?: string;
  readonly orderId?: string;
  /** Hundredths. */
  readonly amount?: bigint;
  readonly description?: string | null;
  readonly status?: string;
  readonly limit?: string;
  /** Hundredths, where the answer's is known. */
  readonly balance?: bigint;
}

/** @returns what is wrong with the answer, a sentence each */
export type CheckOk = (answer: OkAnswer) => readonly string[];

const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;
const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const ORDER_MEMBERS = ['orderId', 'userId', 'amount', 'description', 'status', 'reason', 'createdAt', 'updatedAt'];
const ENTRY_MEMBERS = ['entryId', 'userId', 'kind', 'amount', 'balanceAfter', 'version', 'orderId', 'createdAt'];
const ACCOUNT_MEMBERS = ['userId', 'balance', 'version', 'createdAt', 'updatedAt'];

type Members = Readonly<Record<string, unknown>>;

/** A JSON number as `readJson` leaves it. */
export class NumberText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** @returns the JSON, its numbers as `NumberText`; null when it is none */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text, (_key, value: unknown, { source }) =>
      typeof value === 'number' && source !== undefined ? new NumberText(source) : value,
    );
  } catch {
    return null;
  }
}

/** @returns hundredths, or null for what is no amount in the shortest spelling, which also a double keeps */
export function answeredCents(value: unknown): bigint | null {
  if (!(value instanceof NumberText)) return null;
  const cents = centsOf(value.text);
  if (typeof cents !== 'bigint' || decimalOf(cents) !== value.text) return null;
  return JSON.stringify(Number(value.text)) === value.text ? cents : null;
}

export function checkOrder(sent: Sent): CheckOk {
  return ({ json, headers }) => {
    const order = membersOf(json);
    const location = headers.get('location');
    return [
      ...orderFaults(json, sent),
      ...(sent.amount === undefined || order['status'] === 'NEW' ? [] : ['a new order is not NEW']),
      ...(sent.amount === undefined || location === `/api/orders/${String(order['orderId'])}`
        ? []
        : [`Location is ${location ?? 'missing'}`]),
    ];
  };
}

function orderFaults(json: unknown, sent: Sent): string[] {
  const order = membersOf(json);
  const cents = answeredCents(order['amount']);
  const reasons: unknown[] = order['status'] === 'CANCELLED' ? ['no-account', 'insufficient-funds'] : [null];
  return faults([
    [hasMembers(json, ORDER_MEMBERS), 'an order has other members than the contract says'],
    [UUID_V7.test(String(order['orderId'])), 'orderId is no UUIDv7'],
    [typeof order['userId'] === 'string', 'userId is no string'],
    [cents !== null && cents > 0n, 'amount is no exact amount'],
    [['NEW', 'FINISHED', 'CANCELLED'].includes(String(order['status'])), 'status is unknown'],
    [reasons.includes(order['reason']), 'reason does not fit status'],
    [TIME.test(String(order['createdAt'])) && TIME.test(String(order['updatedAt'])), 'a time is no RFC 3339 time'],
    [sent.userId === undefined || order['userId'] === sent.userId, 'userId is another one'],
    [sent.orderId === undefined || order['orderId'] === sent.orderId, 'orderId is another one'],
    [sent.status === undefined || order['status'] === sent.status, 'status is another one'],
    [sent.amount === undefined || cents === sent.amount, 'amount is another one'],
    [sent.description === undefined || order['description'] === sent.description, 'description is not verbatim'],
  ]);
}

/** The order of the stream is final: its status is told, and the stream ends. */
export function checkStream(sent: Sent): CheckOk {
  return ({ text, headers }) => {
    const data = /^event: status\ndata: (.*)$/m.exec(text)?.[1];
    return [
      ...(headers.get('content-type')?.startsWith('text/event-stream') === true ? [] : ['no event stream']),
      ...(data === undefined ? ['no status was told'] : orderFaults(readJson(data), sent)),
    ];
  };
}

export function checkOrderPage(sent: Sent): CheckOk {
  return ({ json }) => {
    const ids = itemsOf(json).map((item) => String(item['orderId']));
    return [
      ...itemsOf(json).flatMap((item) => orderFaults(item, sent)),
      ...pageFaults(json, sent),
      ...faults([[isDescending(ids), 'a page is not sorted, newest first']]),
    ];
  };
}

export function checkEntryPage(sent: Sent): CheckOk {
  return ({ json }) => {
    const versions = itemsOf(json).map(({ version }) =>
      version instanceof NumberText ? version.text.padStart(12, '0') : '',
    );
    return [
      ...itemsOf(json).flatMap((entry) => entryFaults(entry, sent)),
      ...pageFaults(json, sent),
      ...faults([[isDescending(versions), 'a page is not sorted, newest first']]),
    ];
  };
}

function entryFaults(entry: Members, sent: Sent): string[] {
  const [cents, balance] = [answeredCents(entry['amount']), answeredCents(entry['balanceAfter'])];
  const isDeposit = entry['kind'] === 'deposit';
  return faults([
    [hasMembers(entry, ENTRY_MEMBERS), 'an entry has other members than the contract says'],
    [isDeposit || entry['kind'] === 'payment', 'kind is unknown'],
    [cents !== null && cents !== 0n && cents > 0n === isDeposit, 'amount does not fit kind'],
    [balance !== null && balance >= 0n, 'balanceAfter is no exact amount'],
    [isDeposit ? entry['orderId'] === null : UUID_V7.test(String(entry['orderId'])), 'orderId does not fit kind'],
    [sent.userId === undefined || entry['userId'] === sent.userId, 'userId is another one'],
    [TIME.test(String(entry['createdAt'])), 'a time is no RFC 3339 time'],
  ]);
}

function itemsOf(page: unknown): readonly Members[] {
  const { items } = membersOf(page);
  return Array.isArray(items) ? items.map(membersOf) : [];
}

function isDescending(keys: readonly string[]): boolean {
  return keys.every((key, index) => index === 0 || key < (keys[index - 1] ?? ''));
}

function pageFaults(page: unknown, { limit = '50' }: Sent): string[] {
  const { items, nextCursor } = membersOf(page);
  return faults([
    [hasMembers(page, ['items', 'nextCursor']) && Array.isArray(items), 'this is no page'],
    [nextCursor === null || typeof nextCursor === 'string', 'nextCursor is neither text nor null'],
    [BigInt(itemsOf(page).length) <= BigInt(limit), 'a page is longer than its limit'],
  ]);
}

export function checkAccount(sent: Sent): CheckOk {
  return ({ json }) => {
    const account = membersOf(json);
    const cents = answeredCents(account['balance']);
    return faults([
      [hasMembers(json, ACCOUNT_MEMBERS), 'an account has other members than the contract says'],
      [cents !== null && cents >= 0n, 'balance is no exact amount'],
      [account['version'] instanceof NumberText && /^\d+$/.test(account['version'].text), 'version is no whole number'],
      [
        TIME.test(String(account['createdAt'])) && TIME.test(String(account['updatedAt'])),
        'a time is no RFC 3339 time',
      ],
      [sent.userId === undefined || account['userId'] === sent.userId, 'userId is another one'],
      [sent.balance === undefined || cents === sent.balance, 'balance is another one'],
    ]);
  };
}

export function membersOf(json: unknown): Members {
  return typeof json === 'object' && json !== null ? (json as Members) : {};
}

function hasMembers(json: unknown, names: readonly string[]): boolean {
  return Object.keys(membersOf(json)).sort().join() === [...names].sort().join();
}

function faults(checks: readonly (readonly [boolean, string])[]): string[] {
  return checks.flatMap(([holds, fault]) => (holds ? [] : [fault]));
}
