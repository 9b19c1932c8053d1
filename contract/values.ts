import { decimalText, MAX_MINOR_UNITS, minorUnitsFromNumberSource, minorUnitsFromString } from '../money/money.ts';
import { JsonNumber } from './json-number.ts';

/**
 * The values that calls take, each with its check and the sentence a caller reads when it does not pass. Input is what
 * JSON or a query string carries (with `JsonNumber` for numbers), or plain JavaScript from a REPL.
 */

export type Checked<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly detail: string };

/** Checks one value; `undefined` means that the field is absent. */
export type Check<T> = (value: unknown) => Checked<T>;

const REQUIRED = 'This field is required.';

/** What an order goes through. */
export const ORDER_STATUSES = ['NEW', 'FINISHED', 'CANCELLED'] as const;
export type OrderStatus = (typeof ORDER_STATUSES)[number];

/** URL parsers fold `.` and `..`: the first character is a letter or digit. */
const USER_ID = /^[A-Za-z0-9][A-Za-z0-9._:@-]{0,63}$/;
/** A path of its own beside the accounts: `POST /api/payments/accounts/deposit`. */
const RESERVED_USER_ID = 'deposit';
const JSON_INTEGER = /^(?:0|[1-9]\d{0,15})$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const DESCRIPTION_MAX_CODE_POINTS = 1000;
const PAGE_DEFAULT_ITEMS = 50;
const PAGE_MAX_ITEMS = 200;

function ok<T>(value: T): Checked<T> {
  return { ok: true, value };
}

function refuse(detail: string): Checked<never> {
  return { ok: false, detail };
}

/** The source text of a number, whether it came by JSON or from a REPL; null for anything else. */
function numberSource(value: unknown): string | null {
  if (value instanceof JsonNumber) return value.source;
  return typeof value === 'number' ? String(value) : null;
}

/** Every surrogate pair of a well-formed string is one code point in two code units. */
function codePoints(text: string): number {
  return text.length - (text.match(/[\uD800-\uDBFF]/g)?.length ?? 0);
}

/** A customer's own id: a string, or a JSON integer, which becomes its decimal string. */
export const checkUserId: Check<string> = (value) => {
  if (value === undefined) return refuse(REQUIRED);
  const source = numberSource(value);
  if (source !== null) {
    return JSON_INTEGER.test(source) && BigInt(source) <= BigInt(Number.MAX_SAFE_INTEGER)
      ? ok(source)
      : refuse('A user id that is a number is a whole one from 0 to 9007199254740991.');
  }
  if (typeof value !== 'string') return refuse('A user id is a string, or a whole number.');
  if (value === RESERVED_USER_ID) return refuse(`"${RESERVED_USER_ID}" is not available as a user id.`);
  return USER_ID.test(value)
    ? ok(value)
    : refuse(
        'A user id has 1 to 64 characters, of letters, digits and . _ : @ - only, and starts with a letter or digit.',
      );
};

/** Money to pay in or to spend; normalised to decimal text (`40.05`). */
export const checkAmount: Check<string> = (value) => {
  if (value === undefined) return refuse(REQUIRED);
  const source = numberSource(value);
  let minorUnits: bigint | null = null;
  if (source !== null) minorUnits = minorUnitsFromNumberSource(source);
  else if (typeof value === 'string') minorUnits = minorUnitsFromString(value);
  else return refuse('An amount is a number, or a string of decimal digits.');
  return minorUnits !== null && minorUnits > 0n && minorUnits <= MAX_MINOR_UNITS
    ? ok(decimalText(minorUnits))
    : refuse('An amount is greater than 0, at most 9999999999999.99, and has at most 2 fraction digits.');
};

/** Free text of the customer, kept verbatim; absent is null. */
export const checkDescription: Check<string | null> = (value) => {
  if (value === undefined || value === null) return ok(null);
  if (typeof value !== 'string') return refuse('A description is a string or null.');
  if (!value.isWellFormed()) return refuse('A description is well-formed Unicode: this one has half a surrogate pair.');
  // PostgreSQL's text cannot hold it.
  if (value.includes('\u0000')) return refuse('A description has no NUL character.');
  if (codePoints(value) > DESCRIPTION_MAX_CODE_POINTS) {
    return refuse(`A description has at most ${DESCRIPTION_MAX_CODE_POINTS} characters.`);
  }
  return ok(value);
};

/** An order's id; normalised to lower case. */
export const checkOrderId: Check<string> = (value) => {
  if (value === undefined) return refuse(REQUIRED);
  return typeof value === 'string' && UUID.test(value)
    ? ok(value.toLowerCase())
    : refuse('An order id is a UUID, as the answer to creating the order gave it.');
};

/** How many items a page has at most. */
export const checkLimit: Check<number> = (value) => {
  if (value === undefined) return ok(PAGE_DEFAULT_ITEMS);
  const source = typeof value === 'string' ? value : numberSource(value);
  const limit = source !== null && /^[1-9]\d{0,2}$/.test(source) ? Number(source) : 0;
  return limit >= 1 && limit <= PAGE_MAX_ITEMS
    ? ok(limit)
    : refuse(`A limit is a whole number from 1 to ${PAGE_MAX_ITEMS}.`);
};

/** A filter on the status of orders; absent is null: all of them. */
export const checkStatus: Check<OrderStatus | null> = (value) => {
  if (value === undefined || value === null) return ok(null);
  const status = ORDER_STATUSES.find((candidate) => candidate === value);
  return status === undefined ? refuse(`A status is one of ${ORDER_STATUSES.join(', ')}.`) : ok(status);
};
