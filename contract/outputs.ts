import type { OrderStatus } from './values.ts';

/** What actions answer. Money is decimal text here; the REST door writes it as JSON numbers. */

/** Why an order was cancelled. */
export type CancelReason = 'no-account' | 'insufficient-funds';

export interface Order {
  readonly orderId: string;
  readonly userId: string;
  /** Decimal text, for example `40.05`. */
  readonly amount: string;
  readonly description: string | null;
  readonly status: OrderStatus;
  /** Of a cancelled order; otherwise null. */
  readonly reason: CancelReason | null;
  /** 1 when created, one more with each change. */
  readonly version: number;
  /** RFC 3339, UTC, milliseconds. */
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface Account {
  readonly userId: string;
  /** Decimal text, for example `60.05`. */
  readonly balance: string;
  readonly version: number;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** One page of a list, newest first. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** Continues the list; null on the last page. */
  readonly nextCursor: string | null;
}
