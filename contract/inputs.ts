import { problem } from '../problems/problems.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { defineInput, invalidInput } from './define-input.ts';
import {
  amount,
  cursor,
  description,
  FORGED_CURSOR,
  limit,
  orderId,
  status,
  userId,
  type OrderStatus,
} from './values.ts';

/**
 * The input of every action: one definition each, used by the REST door before it calls, by the action itself, which a
 * REPL calls directly, and by the OpenAPI document.
 */

export interface CreateOrderInput {
  readonly userId: string;
  /** Decimal text, for example `40.05`. */
  readonly amount: string;
  readonly description: string | null;
}

export interface ListOrdersInput {
  readonly userId: string;
  readonly limit: number;
  readonly status: OrderStatus | null;
  /** Belongs to this user and status, or null for the first page; `orderIdOfCursor` reads it. */
  readonly cursor: string | null;
}

export interface ListEntriesInput {
  readonly userId: string;
  readonly limit: number;
  /** Belongs to this user's entries, or null for the first page; `versionOfCursor` reads it. */
  readonly cursor: string | null;
}

export interface ShowOrderInput {
  readonly orderId: string;
}

export interface UserInput {
  readonly userId: string;
}

export interface DepositInput {
  readonly userId: string;
  /** Decimal text, for example `40.05`. */
  readonly amount: string;
}

/** PostgreSQL's `integer`. */
const MAX_VERSION = 2_147_483_647;

export const createOrderInput = defineInput<CreateOrderInput>(
  'body',
  { userId, amount, description },
  { title: 'CreateOrderInput' },
);

export const listOrdersInput = defineInput<ListOrdersInput>(
  'parameters',
  { userId, limit, status, cursor },
  {
    judge: {
      fields: ['userId', 'status', 'cursor'],
      errorsOf: (input) =>
        input.cursor !== null && orderIdOfCursor(input) === null ? [{ pointer: 'cursor', detail: FORGED_CURSOR }] : [],
    },
  },
);

/** An id that is no UUID names no order: the address is wrong rather than a field. */
export const showOrderInput = defineInput<ShowOrderInput>(
  'parameters',
  { orderId },
  {
    refusal: {
      problems: ['malformed-order-id', 'invalid-input'],
      refuse(errors) {
        const [first] = errors;
        return errors.length === 1 && first?.pointer === 'orderId'
          ? problem('malformed-order-id', first.detail, { errors })
          : invalidInput(errors);
      },
    },
  },
);

export const openAccountInput = defineInput<UserInput>('body', { userId }, { title: 'OpenAccountInput' });

export const depositInput = defineInput<DepositInput>('body', { userId, amount }, { title: 'DepositInput' });

export const showBalanceInput = defineInput<UserInput>('parameters', { userId });

export const listEntriesInput = defineInput<ListEntriesInput>(
  'parameters',
  { userId, limit, cursor },
  {
    judge: {
      fields: ['userId', 'cursor'],
      errorsOf: (input) =>
        input.cursor !== null && versionOfCursor(input) === null ? [{ pointer: 'cursor', detail: FORGED_CURSOR }] : [],
    },
  },
);

type OrderList = Pick<ListOrdersInput, 'userId' | 'status'>;

function listOf(list: OrderList): string[] {
  return ['orders', list.userId, list.status ?? ''];
}

/** The id of the last order of the page before, or null when the first page is asked for. */
export function orderIdOfCursor(input: ListOrdersInput): string | null {
  if (input.cursor === null) return null;
  const checked = orderId.check(decodeCursor(input.cursor, listOf(input)) ?? '');
  return checked.ok ? checked.value : null;
}

/** The cursor that continues a list after the order `lastOrderId`. */
export function cursorAfterOrder(list: OrderList, lastOrderId: string): string {
  return encodeCursor(lastOrderId, listOf(list));
}

type EntryList = Pick<ListEntriesInput, 'userId'>;

function entriesOf({ userId }: EntryList): string[] {
  return ['entries', userId];
}

/** The version of the last entry of the page before, or null when the first page is asked for. */
export function versionOfCursor(input: ListEntriesInput): number | null {
  if (input.cursor === null) return null;
  const position = decodeCursor(input.cursor, entriesOf(input)) ?? '';
  // A cursor's check is no signature: one that was made by hand may name a number that PostgreSQL cannot hold.
  // eslint-disable-next-line no-restricted-syntax -- a version
  const version = /^[1-9][0-9]{0,9}$/.test(position) ? Number(position) : 0;
  return version >= 1 && version <= MAX_VERSION ? version : null;
}

/** The cursor that continues the entries of a user after the one with `lastVersion`. */
export function cursorAfterEntry(list: EntryList, lastVersion: number): string {
  return encodeCursor(String(lastVersion), entriesOf(list));
}
