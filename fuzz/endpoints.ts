import fc, { type Arbitrary } from 'fast-check';
import { getCases, postCases, type GetCall, type PostCall } from './call-cases.ts';
import type { Door, FuzzCase } from './fuzz-case.ts';
import { addressCases } from './generators/addresses.ts';
import { garbageCases } from './generators/garbage.ts';
import { amounts, descriptions, userIds } from './generators/json-values.ts';
import { forgedCursors, limits, orderIdTexts, statuses, userIdTexts } from './generators/targets.ts';
import { checkAccount, checkEntryPage, checkOrder, checkOrderPage, checkStream, type Sent } from './oracle/check-ok.ts';
import {
  isAmount,
  isDescription,
  isLimit,
  isOrderId,
  isStatus,
  isUserId,
  isUserIdText,
  neverGivenOut,
} from './oracle/values.ts';
import type { World } from './world.ts';

/** One address of the contract, and how requests to it are made. */
export interface Endpoint {
  /** As in the table of routes: `GET /api/orders/:orderId`. */
  readonly name: string;
  readonly doors: readonly Door[];
  /** Good and bad requests, each with what the contract says about it. */
  readonly cases: (world: World, door: Door) => Arbitrary<FuzzCase>;
}

const ORDER_DOORS: readonly Door[] = ['api', 'orders'];
const PAYMENT_DOORS: readonly Door[] = ['api', 'payments'];
const ALL_DOORS: readonly Door[] = ['api', 'orders', 'payments'];

/** Every call of the contract; a test holds this against the doors' own table. */
export const CALLS: readonly Endpoint[] = [
  post('/api/orders', ORDER_DOORS, (world) => ({
    fields: {
      // Whoever orders may be charged, and a full account is to stay full.
      userId: { values: userIds(fc.constantFrom(...world.holders, ...world.strangers)), judge: isUserId },
      amount: { values: amounts, judge: isAmount },
      description: { values: descriptions, judge: isDescription },
    },
    // An unknown user or too little money is not an error here.
    outcomes: () => ['ok'],
    status: 201,
    check: checkOrder,
  })),
  get('/api/orders', ORDER_DOORS, (world) => ({
    path: null,
    query: {
      userId: { values: userIdTexts(anyKnown(world)), judge: isUserIdText, usual: 40 },
      limit: { values: limits, judge: isLimit, usual: 4 },
      status: { values: statuses, judge: isStatus, usual: 4 },
      cursor: { values: forgedCursors, judge: neverGivenOut, usual: 1 },
    },
    outcomes: () => ['ok'],
    check: checkOrderPage,
  })),
  get('/api/orders/:orderId', ORDER_DOORS, (world) => ({
    path: orderIdInPath(world),
    query: {},
    outcomes: (sent) => orderOutcomes(world, sent),
    check: ({ orderId = '' }) => checkOrder({ orderId: orderId.toLowerCase() }),
  })),
  get('/api/orders/:orderId/events', ORDER_DOORS, (world) => ({
    path: orderIdInPath(world),
    query: {},
    mediaType: 'text/event-stream',
    outcomes: (sent) => orderOutcomes(world, sent),
    check: ({ orderId = '' }) => checkStream({ orderId: orderId.toLowerCase() }),
  })),
  post('/api/payments/accounts', PAYMENT_DOORS, (world) => ({
    // Whoever is to stay a stranger gets no account.
    fields: { userId: { values: userIds(fc.constantFrom(...world.holders, ...world.full)), judge: isUserId } },
    outcomes: ({ userId = '' }) => (hasAccount(world, userId) ? ['account-exists'] : ['ok', 'account-exists']),
    status: 201,
    check: (sent) => checkAccount({ ...sent, balance: 0n }),
  })),
  post('/api/payments/accounts/deposit', PAYMENT_DOORS, (world) => ({
    fields: {
      userId: { values: userIds(anyKnown(world)), judge: isUserId },
      amount: { values: amounts, judge: isAmount },
    },
    outcomes: ({ userId = '' }) => {
      if (world.full.includes(userId)) return ['balance-limit'];
      if (world.holders.includes(userId)) return ['ok', 'balance-limit'];
      return world.strangers.includes(userId) ? ['account-not-found'] : ['ok', 'balance-limit', 'account-not-found'];
    },
    status: 200,
    // What was in it before is anybody's.
    check: ({ userId }) => checkAccount(userId === undefined ? {} : { userId }),
  })),
  get('/api/payments/accounts/:userId', PAYMENT_DOORS, (world) => ({
    path: userIdInPath(world),
    query: {},
    outcomes: (sent) => accountOutcomes(world, sent),
    check: checkAccount,
  })),
  get('/api/payments/accounts/:userId/entries', PAYMENT_DOORS, (world) => ({
    path: userIdInPath(world),
    query: {
      limit: { values: limits, judge: isLimit, usual: 4 },
      cursor: { values: forgedCursors, judge: neverGivenOut, usual: 1 },
    },
    outcomes: (sent) => accountOutcomes(world, sent),
    check: checkEntryPage,
  })),
];

/** Besides the calls: what the doors answer by themselves, addresses that are none, and bytes that are no request. */
export const OTHERS: readonly Endpoint[] = [
  { name: 'other addresses', doors: ALL_DOORS, cases: (world, door) => addressCases(world, door) },
  { name: 'bytes that are no request', doors: ALL_DOORS, cases: (world, door) => garbageCases(world, door) },
];

function post(path: string, doors: readonly Door[], calls: (world: World) => PostCall): Endpoint {
  const name = `POST ${path}`;
  return { name, doors, cases: (world, door) => postCases({ name, path, door }, calls(world)) };
}

function get(path: string, doors: readonly Door[], calls: (world: World) => GetCall): Endpoint {
  const name = `GET ${path}`;
  return { name, doors, cases: (world, door) => getCases({ name, path, door }, calls(world)) };
}

function anyKnown(world: World): Arbitrary<string> {
  return fc.constantFrom(...world.holders, ...world.full, ...world.strangers);
}

function userIdInPath(world: World): NonNullable<GetCall['path']> {
  // A path of its own, which takes no GET.
  const texts = userIdTexts(anyKnown(world)).filter((text) => text !== 'deposit');
  return { name: 'userId', texts, judge: isUserIdText, refusal: 'invalid-input' };
}

function orderIdInPath(world: World): NonNullable<GetCall['path']> {
  const texts = orderIdTexts(fc.constantFrom(...world.orderIds));
  return { name: 'orderId', texts, judge: isOrderId, refusal: 'malformed-order-id' };
}

function orderOutcomes(world: World, { orderId = '' }: Sent): string[] {
  return [world.orderIds.includes(orderId.toLowerCase()) ? 'ok' : 'order-not-found'];
}

function hasAccount(world: World, userId: string): boolean {
  return world.holders.includes(userId) || world.full.includes(userId);
}

function accountOutcomes(world: World, { userId = '' }: Sent): string[] {
  if (hasAccount(world, userId)) return ['ok'];
  return world.strangers.includes(userId) ? ['account-not-found'] : ['ok', 'account-not-found'];
}
