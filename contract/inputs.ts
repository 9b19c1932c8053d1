import { problem, type FieldError } from '../problems/problems.ts';
import { decodeCursor, encodeCursor, isCursorText } from './cursor.ts';
import {
  checkAmount,
  checkDescription,
  checkLimit,
  checkOrderId,
  checkStatus,
  checkUserId,
  type Check,
  type Checked,
  type OrderStatus,
} from './values.ts';

/**
 * The input of every action: one parser each, used by the REST door before it calls and by the action itself, which a
 * REPL calls directly. What a parser returns is again valid input, and stays as it is when parsed again.
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

/** Fields of a body are named by JSON pointer, parameters of a path or query by their name. */
type Place = 'body' | 'parameters';

type Fields<T> = { readonly [Name in keyof T]: Check<T[Name]> };

function pointerTo(place: Place, name: string): string {
  return place === 'parameters' ? name : `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** Checks every field, and that there are no others; reports all that is wrong. */
function parse<T extends object>(input: unknown, place: Place, fields: Fields<T>): T {
  const given: Record<string, unknown> = typeof input === 'object' && input !== null ? { ...input } : {};
  const errors: FieldError[] = Object.keys(given)
    .filter((name) => !Object.hasOwn(fields, name))
    .map((name) => ({
      pointer: pointerTo(place, name),
      detail: `There is no such field here; known are ${Object.keys(fields).join(', ')}.`,
    }));
  const values: Record<string, unknown> = {};
  for (const [name, check] of Object.entries<Check<unknown>>(fields)) {
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    const checked: Checked<unknown> =
      place === 'parameters' && Array.isArray(value)
        ? { ok: false, detail: 'This parameter is given once, as one value.' }
        : check(value);
    if (checked.ok) values[name] = checked.value;
    else errors.push({ pointer: pointerTo(place, name), detail: checked.detail });
  }
  if (errors.length > 0) throw invalidInput(errors);
  return values as T;
}

function invalidInput(errors: readonly FieldError[]): Error {
  const fields = errors.map(({ pointer }) => pointer);
  const named =
    fields.length > 5 ? `${fields.slice(0, 5).join(', ')} and ${fields.length - 5} more` : fields.join(', ');
  return problem('invalid-input', `Nothing was done: correct ${named} and send the request again.`, { errors });
}

/** @throws the problem `invalid-input`, naming every bad field */
export function parseCreateOrder(input: unknown): CreateOrderInput {
  return parse<CreateOrderInput>(input, 'body', {
    userId: checkUserId,
    amount: checkAmount,
    description: checkDescription,
  });
}

function listOf({ userId, status }: Pick<ListOrdersInput, 'userId' | 'status'>): string[] {
  return ['orders', userId, status ?? ''];
}

const checkCursorText: Check<string | null> = (value) => {
  if (value === undefined || value === null) return { ok: true, value: null };
  return typeof value === 'string' && isCursorText(value) ? { ok: true, value } : { ok: false, detail: FORGED_CURSOR };
};
const FORGED_CURSOR =
  'A cursor is the nextCursor of an earlier page of the same list, unchanged; leave it out to begin at the newest.';

/** @throws the problem `invalid-input`, naming every bad parameter */
export function parseListOrders(input: unknown): ListOrdersInput {
  const parsed = parse<ListOrdersInput>(input, 'parameters', {
    userId: checkUserId,
    limit: checkLimit,
    status: checkStatus,
    cursor: checkCursorText,
  });
  if (parsed.cursor !== null && orderIdOfCursor(parsed) === null) {
    throw invalidInput([{ pointer: 'cursor', detail: FORGED_CURSOR }]);
  }
  return parsed;
}

/** The id of the last order of the page before, or null when the first page is asked for. */
export function orderIdOfCursor(input: ListOrdersInput): string | null {
  if (input.cursor === null) return null;
  const checked = checkOrderId(decodeCursor(input.cursor, listOf(input)) ?? '');
  return checked.ok ? checked.value : null;
}

/** The cursor that continues a list after the order `lastOrderId`. */
export function cursorAfterOrder(list: Pick<ListOrdersInput, 'userId' | 'status'>, lastOrderId: string): string {
  return encodeCursor(lastOrderId, listOf(list));
}

/** @throws the problem `malformed-order-id`, or `invalid-input` for an unknown parameter */
export function parseShowOrder(input: unknown): ShowOrderInput {
  const { orderId } = parse<{ orderId: unknown }>(input, 'parameters', { orderId: (value) => ({ ok: true, value }) });
  const checked = checkOrderId(orderId);
  if (!checked.ok) {
    throw problem('malformed-order-id', checked.detail, { errors: [{ pointer: 'orderId', detail: checked.detail }] });
  }
  return { orderId: checked.value };
}

/** @throws the problem `invalid-input`, naming every bad field */
export function parseOpenAccount(input: unknown): UserInput {
  return parse<UserInput>(input, 'body', { userId: checkUserId });
}

/** @throws the problem `invalid-input`, naming every bad field */
export function parseDeposit(input: unknown): DepositInput {
  return parse<DepositInput>(input, 'body', { userId: checkUserId, amount: checkAmount });
}

/** @throws the problem `invalid-input`, naming every bad parameter */
export function parseShowBalance(input: unknown): UserInput {
  return parse<UserInput>(input, 'parameters', { userId: checkUserId });
}
