import { cursorAfterEntry, cursorAfterOrder } from '../../contract/inputs.ts';
import {
  AccountSchema,
  LedgerEntrySchema,
  OrderSchema,
  pageOf,
  StatusEventSchema,
  type Account,
  type LedgerEntry,
  type Order,
  type Page,
} from '../../contract/outputs.ts';
import { orderJson } from '../representations.ts';
import type { CallDocumentation, StreamDocumentation } from './documentation.ts';

/** What the document says about each call. */

const CREATED_AT = '2026-01-02T03:04:05.678Z';
const SETTLED_AT = '2026-01-02T03:04:05.745Z';

const NEW_ORDER: Order = {
  orderId: '0193b5a0-7c1e-7a2b-8c3d-4e5f60718293',
  userId: 'alice',
  amount: '40.05',
  description: 'tea',
  status: 'NEW',
  reason: null,
  version: 1,
  createdAt: CREATED_AT,
  updatedAt: CREATED_AT,
};
const FINISHED_ORDER: Order = { ...NEW_ORDER, status: 'FINISHED', version: 2, updatedAt: SETTLED_AT };
const CANCELLED_ORDER: Order = { ...FINISHED_ORDER, status: 'CANCELLED', reason: 'insufficient-funds' };

const EMPTY_ACCOUNT: Account = {
  userId: 'alice',
  balance: '0',
  version: 0,
  createdAt: CREATED_AT,
  updatedAt: CREATED_AT,
};
const FILLED_ACCOUNT: Account = { ...EMPTY_ACCOUNT, balance: '100.1', version: 1, updatedAt: SETTLED_AT };

const DEPOSIT_ENTRY: LedgerEntry = {
  entryId: '0193b5a0-7c00-7d11-9a3b-5f60718293a4',
  userId: 'alice',
  kind: 'deposit',
  amount: '100.1',
  balanceAfter: '100.1',
  version: 1,
  orderId: null,
  createdAt: CREATED_AT,
};
const PAYMENT_ENTRY: LedgerEntry = {
  ...DEPOSIT_ENTRY,
  entryId: '0193b5a0-7c5e-7b42-8d4c-607182930415',
  kind: 'payment',
  amount: '-40.05',
  balanceAfter: '60.05',
  version: 2,
  orderId: NEW_ORDER.orderId,
  createdAt: SETTLED_AT,
};

export const createOrder: CallDocumentation<Order> = {
  operationId: 'createOrder',
  tag: 'Orders',
  summary: 'Place an order',
  description:
    'The order is accepted as NEW, and paid a moment later: then it is FINISHED. An unknown user or too little money is no error here; the order becomes CANCELLED, with a reason.',
  answer: OrderSchema,
  examples: {
    number: {
      summary: 'The amount as a number',
      asked: { userId: 'alice', amount: 40.05, description: 'tea' },
      answer: NEW_ORDER,
    },
    string: {
      summary: 'The amount as a string, without a description',
      asked: { userId: 'alice', amount: '40.05' },
      answer: { ...NEW_ORDER, description: null },
    },
    numericUser: {
      summary: 'A user id that is a number',
      asked: { userId: 42, amount: 0.01, description: null },
      answer: { ...NEW_ORDER, userId: '42', amount: '0.01', description: null },
    },
  },
  problems: [],
};

export const listOrders: CallDocumentation<Page<Order>> = {
  operationId: 'listOrders',
  tag: 'Orders',
  summary: "List a user's orders",
  description:
    'Newest first, in pages that neither skip nor repeat an order while others are placed. A user who is unknown has no orders.',
  answer: pageOf(OrderSchema, 'One page of the orders of a user.'),
  examples: {
    newest: {
      summary: 'The newest orders',
      asked: { userId: 'alice' },
      answer: { items: [CANCELLED_ORDER], nextCursor: null },
    },
    filtered: {
      summary: 'One order a page, paid ones only',
      asked: { userId: 'alice', status: 'FINISHED', limit: 1 },
      answer: { items: [FINISHED_ORDER], nextCursor: cursorAfterOrder(FINISHED_ORDER, FINISHED_ORDER.orderId) },
    },
  },
  problems: [],
};

export const showOrder: CallDocumentation<Order> = {
  operationId: 'showOrder',
  tag: 'Orders',
  summary: 'Read an order',
  description: 'What became of it is in `status` and `reason`.',
  answer: OrderSchema,
  examples: {
    finished: { summary: 'Paid', asked: { orderId: FINISHED_ORDER.orderId }, answer: FINISHED_ORDER },
    cancelled: { summary: 'Not paid', asked: { orderId: CANCELLED_ORDER.orderId }, answer: CANCELLED_ORDER },
  },
  problems: ['order-not-found'],
};

export const watchOrder: StreamDocumentation = {
  operationId: 'watchOrder',
  tag: 'Orders',
  summary: 'Watch an order',
  description:
    'Server-sent events, for an `EventSource`: the order as it is now, its change as soon as that is committed, and then the end. `data` is the order as JSON, `id` its version. Comments keep the connection alive. A stream that ends with the order NEW was ended by the node: come back with `Last-Event-ID`, as an `EventSource` does by itself.',
  examples: { order: { summary: 'An order', asked: { orderId: NEW_ORDER.orderId } } },
  answers: {
    200: {
      description: `Events of the type \`status\`, each like this:\n\n\`\`\`\nid: 1\nevent: status\ndata: ${JSON.stringify(orderJson(NEW_ORDER))}\n\`\`\``,
      mediaType: 'text/event-stream',
      schema: StatusEventSchema,
      example: { id: '2', event: 'status', data: JSON.stringify(orderJson(FINISHED_ORDER)) },
      headers: ['Cache-Control'],
    },
    204: {
      description:
        'What `Last-Event-ID` names was the last change: there will be no other, and an `EventSource` stays away.',
      headers: ['Cache-Control'],
    },
  },
  requestHeaders: ['Last-Event-ID'],
  problems: ['order-not-found'],
};

export const openAccount: CallDocumentation<Account> = {
  operationId: 'openAccount',
  tag: 'Payments',
  summary: 'Open an account',
  description: 'Every user has at most one. It begins with nothing in it.',
  answer: AccountSchema,
  examples: {
    string: { summary: 'A user id', asked: { userId: 'alice' }, answer: EMPTY_ACCOUNT },
    number: {
      summary: 'A user id that is a number',
      asked: { userId: 42 },
      answer: { ...EMPTY_ACCOUNT, userId: '42' },
    },
  },
  problems: ['account-exists'],
};

export const deposit: CallDocumentation<Account> = {
  operationId: 'deposit',
  tag: 'Payments',
  summary: 'Deposit money',
  description: 'Into an account that was opened; none is ever opened by it.',
  answer: AccountSchema,
  examples: {
    number: {
      summary: 'The amount as a number',
      asked: { userId: 'alice', amount: 100.1 },
      answer: FILLED_ACCOUNT,
    },
    string: { summary: 'The amount as a string', asked: { userId: 'alice', amount: '100.10' }, answer: FILLED_ACCOUNT },
  },
  problems: ['account-not-found', 'balance-limit'],
};

export const showBalance: CallDocumentation<Account> = {
  operationId: 'showBalance',
  tag: 'Payments',
  summary: 'Read an account',
  description: 'The balance as it is now. `version` goes up by one with each entry of the ledger.',
  answer: AccountSchema,
  examples: { account: { summary: 'An account', asked: { userId: 'alice' }, answer: FILLED_ACCOUNT } },
  // Nobody is called "deposit": that is a path of its own, which takes a POST alone.
  problems: ['account-not-found', 'method-not-allowed'],
};

export const listEntries: CallDocumentation<Page<LedgerEntry>> = {
  operationId: 'listEntries',
  tag: 'Payments',
  summary: "List an account's ledger",
  description: 'Newest first, in pages that neither skip nor repeat an entry while others are booked.',
  answer: pageOf(LedgerEntrySchema, 'One page of the ledger of an account.'),
  examples: {
    newest: {
      summary: 'The newest entries',
      asked: { userId: 'alice' },
      answer: { items: [PAYMENT_ENTRY, DEPOSIT_ENTRY], nextCursor: null },
    },
    small: {
      summary: 'One entry a page',
      asked: { userId: 'alice', limit: 1 },
      answer: { items: [PAYMENT_ENTRY], nextCursor: cursorAfterEntry(PAYMENT_ENTRY, PAYMENT_ENTRY.version) },
    },
  },
  problems: ['account-not-found'],
};
