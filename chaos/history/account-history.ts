import type { Post } from '../../shop/day.ts';

/**
 * - `ternary` has paid in enough for everything and orders once for each power of three: what it spent, in base 3, says
 *   how often each order was charged.
 * - `hot`, a few, order all the time, so that many effects on one account meet in one batch.
 * - `poor` has little: some of its orders are cancelled.
 * - `latecomer` orders before its account is there; what is cancelled then stays cancelled.
 * - `stranger` never has an account.
 */
export type AccountKind = 'ternary' | 'hot' | 'poor' | 'latecomer' | 'stranger';

/** One post, under one key, however often it is sent. */
export interface Write {
  readonly post: Post;
  readonly key: string;
  readonly account: AccountHistory;
  /** For the order of a ternary account: its amount is 3^digit. */
  readonly digit: number | null;
  /** `unknown` until an answer tells; `done` and `refused` stay. */
  outcome: 'unknown' | 'done' | 'refused';
  /** The first answer that said it was done: its text and its Location. */
  first: { readonly body: string; readonly location: string | undefined } | null;
  /** How often it was sent. */
  attempts: number;
  /** `Date.now()` of the first time. */
  readonly firstSentAtMs: number;
}

export type OrderStatus = 'NEW' | 'FINISHED' | 'CANCELLED';

/** An order that was answered 201. */
export interface OrderHistory {
  readonly orderId: string;
  readonly write: Write;
  readonly answeredAtMs: number;
  /** As last seen. */
  status: OrderStatus;
  reason: string | null;
  /** When it was first seen to be final, by whatever way. */
  finalAtMs: number | null;
}

/** All that was asked for one account. */
export interface AccountHistory {
  readonly userId: string;
  readonly kind: AccountKind;
  readonly writes: Write[];
  /** An opening was answered 201. */
  isOpen: boolean;
  /** A first deposit was answered 200. */
  hasMoney: boolean;
  /** Powers of three that were ordered. */
  digits: number;
  /** The highest version that an answer has shown. */
  version: number;
}

/** Amounts 3^0 … 3^30. */
export const TERNARY_ORDERS = 31;

/**
 * Twice all of them: a second charge must find money, or it would be refused and not seen. Less than the greatest balance
 * by enough for the small deposits that come later.
 */
export const TERNARY_DEPOSIT = 3n ** BigInt(TERNARY_ORDERS) - 1n;

/** An account of which nothing has been asked yet. */
export function newAccount(userId: string, kind: AccountKind): AccountHistory {
  return { userId, kind, writes: [], isOpen: false, hasMoney: false, digits: 0, version: 0 };
}
