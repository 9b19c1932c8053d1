import { Type } from '@sinclair/typebox';
import { defineInput } from './define-input.ts';
import { CANCEL_REASONS, type Account, type CancelReason, type Order } from './outputs.ts';
import { orderId, ORDER_STATUSES, userId, type Checked, type OrderStatus, type Value } from './values.ts';

/**
 * What operators look through: orders and accounts of all users, `orders.browse` and `payments.browse`. No part of the REST
 * contract, and never more than a page: what a table of ten million rows answers at once.
 */

/** Rows of a page. */
export const BROWSE_ROWS = 50;
/** Counts end here: this number and one more mean "or more". */
export const COUNT_CAP = 10_000;

/** Seconds from creation to final: an order settles in a fraction of one. */
export const SLOW_AFTER_S = 2;

export interface BrowseOrdersInput {
  readonly userId: string | null;
  readonly status: OrderStatus | null;
  /** Of cancelled orders. */
  readonly reason: CancelReason | null;
  /** Only final orders that took longer than `SLOW_AFTER_S`. */
  readonly slow: boolean;
  /** Created at or after, RFC 3339. */
  readonly from: string | null;
  /** Created before. */
  readonly to: string | null;
  /** The page continues below this order. */
  readonly before: string | null;
  /** Whether to count what the filters select, up to `COUNT_CAP`. */
  readonly count: boolean;
}

export interface BrowsedOrders {
  /** Newest first. */
  readonly items: readonly Order[];
  /** For the next page; null on the last one. */
  readonly next: string | null;
  /** Null when it was not asked for, or takes too long; `COUNT_CAP + 1`: more than that. */
  readonly count: number | null;
  /** Set when the page ended before it was full, since so many orders were looked at without one that fits. */
  readonly lookedAt: number | null;
}

export interface BrowseAccountsInput {
  /** Beginning of the user ids. */
  readonly prefix: string | null;
  /** The page continues behind this user. */
  readonly after: string | null;
  readonly count: boolean;
}

export interface BrowsedAccounts {
  /** In order of their ids. */
  readonly items: readonly Account[];
  readonly next: string | null;
  readonly count: number | null;
}

/** Whether the entries of an account add up to its balance. */
export interface CheckedAccount {
  readonly userId: string;
  /** Decimal text. */
  readonly balance: string;
  readonly version: number;
  /** Sum of all entries, decimal text. */
  readonly sum: string;
  readonly entries: number;
  readonly isRight: boolean;
}

const USER_ID_PREFIX = /^[A-Za-z0-9._:@-]{1,64}$/;

export const browseOrdersInput = defineInput<BrowseOrdersInput>('parameters', {
  userId: optional(userId),
  status: oneOf(ORDER_STATUSES),
  reason: oneOf(CANCEL_REASONS),
  slow: flag(),
  from: time(),
  to: time(),
  before: optional(orderId),
  count: flag(),
});

export const browseAccountsInput = defineInput<BrowseAccountsInput>('parameters', {
  prefix: text((value) => USER_ID_PREFIX.test(value), 'It is the beginning of a user id.'),
  after: optional(userId),
  count: flag(),
});

function text(isGood: (value: string) => boolean, otherwise: string): Value<string | null> {
  return {
    schema: Type.String(),
    check(value): Checked<string | null> {
      if (isAbsent(value)) return { ok: true, value: null };
      return typeof value === 'string' && isGood(value) ? { ok: true, value } : { ok: false, detail: otherwise };
    },
  };
}

function time(): Value<string | null> {
  return text((value) => !Number.isNaN(Date.parse(value)), 'It is a time, for example 2026-11-23T07:30:00Z.');
}

function oneOf<T extends string>(values: readonly T[]): Value<T | null> {
  const isOne = (value: string): boolean => (values as readonly string[]).includes(value);
  return text(isOne, `It is one of ${values.join(', ')}.`) as Value<T | null>;
}

function optional(required: Value<string>): Value<string | null> {
  return {
    schema: required.schema,
    check: (value): Checked<string | null> => (isAbsent(value) ? { ok: true, value: null } : required.check(value)),
  };
}

function flag(): Value<boolean> {
  return {
    schema: Type.Boolean(),
    check(value): Checked<boolean> {
      if (isAbsent(value) || value === false || value === 'false') return { ok: true, value: false };
      return value === true || value === 'true'
        ? { ok: true, value: true }
        : { ok: false, detail: 'It is true or false.' };
    },
  };
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}
