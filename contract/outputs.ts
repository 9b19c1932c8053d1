import { Type, type Static, type TArray, type TObject, type TSchema, type TUnsafe } from '@sinclair/typebox';
import { decimalText, MAX_MINOR_UNITS } from '../money/money.ts';
import { CURSOR_PATTERN } from './cursor.ts';
import { LOWER_CASE_UUID_PATTERN, TIME_PATTERN, USER_ID_PATTERN } from './patterns.ts';
import { ORDER_STATUSES, type OrderStatus } from './values.ts';

/**
 * What is answered: one schema for each thing, of the JSON that a client reads, and from it the type of what the actions
 * answer. They differ in money alone: decimal text between nodes, which the REST door writes as a JSON number.
 */

export const CANCEL_REASONS = ['no-account', 'insufficient-funds'] as const;
/** Why an order was cancelled. */
export type CancelReason = (typeof CANCEL_REASONS)[number];

const ENTRY_KINDS = ['deposit', 'payment'] as const;

// eslint-disable-next-line no-restricted-syntax -- JSON Schema's maximum; exact, and never compared with an amount here
const MAX_AMOUNT = Number(decimalText(MAX_MINOR_UNITS));

/** Decimal text in the cluster, for example `40.05`; on the wire a number. */
function money(description: string, range: { minimum?: number; exclusiveMinimum?: number }): TUnsafe<string> {
  // No `multipleOf`: validators that divide doubles would refuse 40.05.
  return Type.Unsafe<string>({ type: 'number', ...range, maximum: MAX_AMOUNT, description });
}

function time(description: string): TSchema & { static: string } {
  return Type.String({ format: 'date-time', pattern: TIME_PATTERN, description });
}

function orNull<T>(schema: TSchema & { static: T }, description: string): TUnsafe<T | null> {
  return Type.Unsafe<T | null>({ anyOf: [schema, Type.Null()], description });
}

const userId = Type.String({ pattern: USER_ID_PATTERN, description: "The caller's own id of the user." });
const orderId = Type.String({ pattern: LOWER_CASE_UUID_PATTERN, description: 'A UUIDv7.' });

export const OrderSchema = Type.Object(
  {
    orderId,
    userId,
    amount: money('What is to be paid.', { exclusiveMinimum: 0 }),
    description: orNull(Type.String(), "The caller's own text, as it was given."),
    status: Type.Unsafe<OrderStatus>({
      type: 'string',
      enum: [...ORDER_STATUSES],
      description:
        'NEW until payments has decided; FINISHED when it is paid, CANCELLED when it is not. Both are final.',
    }),
    reason: orNull(
      Type.Unsafe<CancelReason>({ type: 'string', enum: [...CANCEL_REASONS] }),
      'Why the order was cancelled; null for every other.',
    ),
    createdAt: time('When the order was accepted.'),
    updatedAt: time('When its status changed last.'),
  },
  { title: 'Order', description: 'An order, and what became of it.' },
);
/** A server-sent event; where a media type is a stream of them, OpenAPI 3.1 has its schema describe each one. */
export const StatusEventSchema = Type.Object(
  {
    id: Type.String({ pattern: '^[1-9]\\d*$', description: "The order's version: what `Last-Event-ID` sends back." }),
    event: Type.Literal('status'),
    data: Type.String({ contentMediaType: 'application/json', contentSchema: OrderSchema }),
  },
  { title: 'StatusEvent', description: 'The order as it is now.' },
);

/** Between nodes it has its version, 1 when created and one more with each change: the answer's `ETag`, and no part of its JSON. */
export type Order = Readonly<Static<typeof OrderSchema> & { version: number }>;

export const AccountSchema = Type.Object(
  {
    userId,
    balance: money('What is in the account.', { minimum: 0 }),
    version: Type.Integer({ minimum: 0, description: '0 when opened, one more with each ledger entry.' }),
    createdAt: time('When the account was opened.'),
    updatedAt: time('When its balance changed last.'),
  },
  { title: 'Account', description: "A user's account as it is now." },
);
export type Account = Readonly<Static<typeof AccountSchema>>;

export const LedgerEntrySchema = Type.Object(
  {
    entryId: Type.String({ pattern: LOWER_CASE_UUID_PATTERN, description: 'A UUIDv7.' }),
    userId,
    kind: Type.Unsafe<(typeof ENTRY_KINDS)[number]>({ type: 'string', enum: [...ENTRY_KINDS] }),
    amount: money('What moved: negative for a payment.', { minimum: -MAX_AMOUNT }),
    balanceAfter: money('The balance after it.', { minimum: 0 }),
    version: Type.Integer({ minimum: 1, description: "The account's version after it." }),
    orderId: orNull(orderId, 'The order that was paid; null for a deposit.'),
    createdAt: time('When it was booked.'),
  },
  { title: 'LedgerEntry', description: 'One line of the ledger: what moved in an account, and the balance after it.' },
);
export type LedgerEntry = Readonly<Static<typeof LedgerEntrySchema>>;

/** One page of a list, newest first. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** Continues the list; null on the last page. */
  readonly nextCursor: string | null;
}

/** The schema of a page of such items, which have a title. */
export function pageOf(item: TSchema, description: string): TObject<{ items: TArray; nextCursor: TSchema }> {
  return Type.Object(
    {
      items: Type.Array(item, { description: 'Newest first.' }),
      nextCursor: orNull(Type.String({ pattern: CURSOR_PATTERN }), 'Continues the list; null on the last page.'),
    },
    { title: `${item.title ?? ''}Page`, description },
  );
}
