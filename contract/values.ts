import { Type, type TSchema } from '@sinclair/typebox';
import {
  AMOUNT_PATTERN,
  decimalText,
  FRACTION_DIGITS,
  MAX_MINOR_UNITS,
  minorUnitsFromNumberSource,
  minorUnitsFromString,
} from '../money/money.ts';
import { CURSOR_PATTERN, isCursorText } from './cursor.ts';
import { JsonNumber } from './json-number.ts';
import { USER_ID_MAX_CHARACTERS, USER_ID_PATTERN, UUID_PATTERN } from './patterns.ts';

/**
 * The values that calls take: each is one definition of its check, the sentence a caller reads when it does not pass, and
 * its JSON Schema, made from the same constants. Input is what JSON or a query string carries (with `JsonNumber` for
 * numbers), or plain JavaScript from a REPL.
 *
 * A schema says of a number what it is, a check also how it is written: `1e3` is no user id, and what a double would
 * round is judged by its text. Besides that, and half a surrogate pair in a description, both accept the same (a property
 * test holds them together).
 */

export type Checked<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly detail: string };

/** Checks one value; `undefined` means that the field is absent. */
export type Check<T> = (value: unknown) => Checked<T>;

export interface Value<T> {
  readonly check: Check<T>;
  /** What the value is in a JSON body. */
  readonly schema: TSchema;
  /** What it is in a path or a query, where numbers and null do not exist; the same, if not given. */
  readonly parameterSchema?: TSchema;
}

const REQUIRED = 'This field is required.';

/** What an order goes through. */
export const ORDER_STATUSES = ['NEW', 'FINISHED', 'CANCELLED'] as const;
export type OrderStatus = (typeof ORDER_STATUSES)[number];

const USER_ID = new RegExp(USER_ID_PATTERN);
/** A path of its own beside the accounts: `POST /api/payments/accounts/deposit`. */
const RESERVED_USER_ID = 'deposit';
const JSON_INTEGER = /^(?:0|[1-9]\d{0,15})$/;
const UUID = new RegExp(UUID_PATTERN);
const DESCRIPTION_MAX_CODE_POINTS = 1000;
const PAGE_DEFAULT_ITEMS = 50;
const PAGE_MAX_ITEMS = 200;
const AMOUNT_MAX = decimalText(MAX_MINOR_UNITS);

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

const userIdText = Type.String({
  pattern: USER_ID_PATTERN,
  not: { const: RESERVED_USER_ID },
  description: `The caller's own id of a user: 1 to ${USER_ID_MAX_CHARACTERS} characters, of letters, digits and . _ : @ - only, the first a letter or digit; not "${RESERVED_USER_ID}".`,
});

/** A customer's own id: a string, or a JSON integer, which becomes its decimal string. */
export const userId: Value<string> = {
  schema: Type.Union(
    [
      userIdText,
      Type.Integer({
        minimum: 0,
        maximum: Number.MAX_SAFE_INTEGER,
        description: 'Becomes its decimal string; written without a point or exponent.',
      }),
    ],
    { description: "The caller's own id of a user, as a string or a whole number; answers carry the string." },
  ),
  parameterSchema: userIdText,
  check(value) {
    if (value === undefined) return refuse(REQUIRED);
    const source = numberSource(value);
    if (source !== null) {
      return JSON_INTEGER.test(source) && BigInt(source) <= BigInt(Number.MAX_SAFE_INTEGER)
        ? ok(source)
        : refuse(`A user id that is a number is a whole one from 0 to ${Number.MAX_SAFE_INTEGER}.`);
    }
    if (typeof value !== 'string') return refuse('A user id is a string, or a whole number.');
    if (value === RESERVED_USER_ID) {
      return refuse(`"${RESERVED_USER_ID}" is not available as a user id: choose another one.`);
    }
    return USER_ID.test(value)
      ? ok(value)
      : refuse(
          `A user id has 1 to ${USER_ID_MAX_CHARACTERS} characters, of letters, digits and . _ : @ - only, and starts with a letter or digit.`,
        );
  },
};

/** Money to pay in or to spend; normalised to decimal text (`40.05`). */
export const amount: Value<string> = {
  schema: Type.Union(
    [
      Type.Number({
        exclusiveMinimum: 0,
        // eslint-disable-next-line no-restricted-syntax -- JSON Schema's maximum, exact as a double
        maximum: Number(AMOUNT_MAX),
        multipleOf: 10 ** -FRACTION_DIGITS,
        description: 'By its exact decimal value: 10.500 is 10.5, and 10.075 is refused rather than rounded.',
      }),
      Type.String({ pattern: AMOUNT_PATTERN, not: { pattern: '^[0.]*$' }, description: 'Decimal digits.' }),
    ],
    {
      description: `Money: greater than 0, at most ${AMOUNT_MAX}, with at most ${FRACTION_DIGITS} fraction digits; a number, or a string of decimal digits.`,
    },
  ),
  check(value) {
    if (value === undefined) return refuse(REQUIRED);
    const source = numberSource(value);
    let minorUnits: bigint | null = null;
    if (source !== null) minorUnits = minorUnitsFromNumberSource(source);
    else if (typeof value === 'string') minorUnits = minorUnitsFromString(value);
    else return refuse('An amount is a number, or a string of decimal digits.');
    if (minorUnits === null && typeof value === 'string') {
      return refuse(
        `An amount that is a string is digits, with at most ${FRACTION_DIGITS} more behind a point, and at most ${AMOUNT_MAX}: "40.05".`,
      );
    }
    return minorUnits !== null && minorUnits > 0n && minorUnits <= MAX_MINOR_UNITS
      ? ok(decimalText(minorUnits))
      : refuse(
          `An amount is greater than 0, at most ${AMOUNT_MAX}, and has at most ${FRACTION_DIGITS} fraction digits.`,
        );
  },
};

/** Free text of the customer, kept verbatim; absent is null. */
export const description: Value<string | null> = {
  schema: Type.Union(
    [
      Type.String({
        maxLength: DESCRIPTION_MAX_CODE_POINTS,
        // PostgreSQL's text cannot hold NUL.
        pattern: '^[^\\u0000]*$',
      }),
      Type.Null(),
    ],
    {
      description: `Free text, kept verbatim: at most ${DESCRIPTION_MAX_CODE_POINTS} characters (Unicode code points), no NUL, no half of a surrogate pair. Absent is null, and "" is kept.`,
    },
  ),
  check(value) {
    if (value === undefined || value === null) return ok(null);
    if (typeof value !== 'string') return refuse('A description is a string or null.');
    if (!value.isWellFormed()) {
      return refuse('A description is well-formed Unicode: this one has half a surrogate pair.');
    }
    if (value.includes('\u0000')) return refuse('A description has no NUL character.');
    if (codePoints(value) > DESCRIPTION_MAX_CODE_POINTS) {
      return refuse(`A description has at most ${DESCRIPTION_MAX_CODE_POINTS} characters.`);
    }
    return ok(value);
  },
};

/** An order's id; normalised to lower case. */
export const orderId: Value<string> = {
  schema: Type.String({
    pattern: UUID_PATTERN,
    description: 'The orderId that the answer to creating the order gave; upper and lower case are the same.',
  }),
  check(value) {
    if (value === undefined) return refuse(REQUIRED);
    return typeof value === 'string' && UUID.test(value)
      ? ok(value.toLowerCase())
      : refuse('An order id is a UUID, as the answer to creating the order gave it.');
  },
};

/** How many items a page has at most. */
export const limit: Value<number> = {
  schema: Type.Integer({
    minimum: 1,
    maximum: PAGE_MAX_ITEMS,
    default: PAGE_DEFAULT_ITEMS,
    description: `How many items a page has at most: 1 to ${PAGE_MAX_ITEMS}, and ${PAGE_DEFAULT_ITEMS} if not given.`,
  }),
  check(value) {
    if (value === undefined) return ok(PAGE_DEFAULT_ITEMS);
    const source = typeof value === 'string' ? value : numberSource(value);
    // eslint-disable-next-line no-restricted-syntax -- items of a page
    const items = source !== null && /^[1-9]\d{0,8}$/.test(source) ? Number(source) : 0;
    return items >= 1 && items <= PAGE_MAX_ITEMS
      ? ok(items)
      : refuse(`A limit is a whole number from 1 to ${PAGE_MAX_ITEMS}, in plain digits such as ${PAGE_DEFAULT_ITEMS}.`);
  },
};

/** A filter on the status of orders; absent is null: all of them. */
export const status: Value<OrderStatus | null> = {
  schema: Type.Unsafe<OrderStatus>({
    type: 'string',
    enum: [...ORDER_STATUSES],
    description: 'Only orders of this status; all of them, if not given.',
  }),
  check(value) {
    if (value === undefined || value === null) return ok(null);
    const known = ORDER_STATUSES.find((candidate) => candidate === value);
    return known === undefined
      ? refuse(`A status is one of ${ORDER_STATUSES.join(', ')}; leave it out for all of them.`)
      : ok(known);
  },
};

export const FORGED_CURSOR =
  'A cursor is the nextCursor of an earlier page of the same list (user and status), unchanged; leave it out to begin at the newest.';

/** Where a list goes on; absent is null: at its newest item. That it belongs to the list is for the list to judge. */
export const cursor: Value<string | null> = {
  schema: Type.String({
    pattern: CURSOR_PATTERN,
    description:
      'The nextCursor of an earlier page of the same list, unchanged; the list begins at the newest, if not given.',
  }),
  check(value) {
    if (value === undefined || value === null) return ok(null);
    return typeof value === 'string' && isCursorText(value) ? ok(value) : refuse(FORGED_CURSOR);
  },
};
