import {
  createOrderInput,
  depositInput,
  listEntriesInput,
  listOrdersInput,
  openAccountInput,
  showBalanceInput,
  showOrderInput,
  type CreateOrderInput,
  type DepositInput,
  type ListEntriesInput,
  type ListOrdersInput,
  type ShowOrderInput,
  type UserInput,
} from '../contract/inputs.ts';
import type { Account, LedgerEntry, Order, Page } from '../contract/outputs.ts';
import { accountNotFound, orderNotFound, userNotFound } from '../problems/unknown.ts';
import type { UserAccess } from './access.ts';
import * as calls from './openapi/calls.ts';
import { accountJson, entryPageJson, orderJson, orderPageJson } from './representations.ts';
import { callRoute, streamRoute, type ContractRoute } from './route.ts';

/** The calls of the REST contract: one table, served by the gateway and by the services' own doors. */

const ORDERS_OF_USER: UserAccess = { kind: 'user', anyUser: 'orders:any-user' };
const ACCOUNT_OF_USER: UserAccess = { kind: 'user', anyUser: 'payments:any-user' };
/** A deposit makes money. */
const DEPOSITS: UserAccess = { ...ACCOUNT_OF_USER, scope: 'payments:deposit' };

export const orderRoutes: readonly ContractRoute[] = [
  callRoute<CreateOrderInput, Order>({
    method: 'POST',
    path: '/api/orders',
    access: ORDERS_OF_USER,
    owner: 'input',
    foreign: ({ userId }) => userNotFound(userId),
    action: 'orders.create',
    inputFrom: 'body',
    input: createOrderInput,
    documentation: calls.createOrder,
    status: 201,
    represent: orderJson,
    location: ({ orderId }) => `/api/orders/${orderId}`,
    whenOutcomeUnknown: "The order may have been created: look at the user's newest orders before creating it again.",
  }),
  callRoute<ListOrdersInput, Page<Order>>({
    method: 'GET',
    path: '/api/orders',
    access: ORDERS_OF_USER,
    owner: 'input',
    foreign: ({ userId }) => userNotFound(userId),
    action: 'orders.list',
    inputFrom: 'query',
    input: listOrdersInput,
    documentation: calls.listOrders,
    status: 200,
    represent: orderPageJson,
  }),
  callRoute<ShowOrderInput, Order>({
    method: 'GET',
    path: '/api/orders/:orderId',
    access: ORDERS_OF_USER,
    owner: 'answer',
    foreign: ({ orderId }) => orderNotFound(orderId),
    action: 'orders.show',
    inputFrom: 'path',
    input: showOrderInput,
    documentation: calls.showOrder,
    status: 200,
    represent: orderJson,
    etag: ({ version }) => String(version),
  }),
  streamRoute({
    path: '/api/orders/:orderId/events',
    access: ORDERS_OF_USER,
    owner: 'answer',
    foreign: ({ orderId }) => orderNotFound(orderId),
    action: 'orders.show',
    inputFrom: 'path',
    input: showOrderInput,
    documentation: calls.watchOrder,
  }),
];

export const paymentRoutes: readonly ContractRoute[] = [
  callRoute<UserInput, Account>({
    method: 'POST',
    path: '/api/payments/accounts',
    access: ACCOUNT_OF_USER,
    owner: 'input',
    foreign: ({ userId }) => userNotFound(userId),
    action: 'payments.openAccount',
    inputFrom: 'body',
    input: openAccountInput,
    documentation: calls.openAccount,
    status: 201,
    represent: accountJson,
    // Every character of a user id may stand in a path as it is.
    location: ({ userId }) => `/api/payments/accounts/${userId}`,
    whenOutcomeUnknown: 'The account may have been opened. Open it again: an account that exists is left as it is.',
  }),
  callRoute<DepositInput, Account>({
    method: 'POST',
    path: '/api/payments/accounts/deposit',
    access: DEPOSITS,
    owner: 'input',
    foreign: ({ userId }) => accountNotFound(userId),
    action: 'payments.deposit',
    inputFrom: 'body',
    input: depositInput,
    documentation: calls.deposit,
    status: 200,
    represent: accountJson,
    whenOutcomeUnknown: 'The deposit may have been made: look at the balance and its version before repeating it.',
  }),
  callRoute<UserInput, Account>({
    method: 'GET',
    path: '/api/payments/accounts/:userId',
    access: ACCOUNT_OF_USER,
    owner: 'input',
    foreign: ({ userId }) => accountNotFound(userId),
    action: 'payments.balance',
    inputFrom: 'path',
    input: showBalanceInput,
    documentation: calls.showBalance,
    status: 200,
    represent: accountJson,
    etag: ({ version }) => String(version),
  }),
  callRoute<ListEntriesInput, Page<LedgerEntry>>({
    method: 'GET',
    path: '/api/payments/accounts/:userId/entries',
    access: ACCOUNT_OF_USER,
    owner: 'input',
    foreign: ({ userId }) => accountNotFound(userId),
    action: 'payments.entries',
    inputFrom: 'path and query',
    input: listEntriesInput,
    documentation: calls.listEntries,
    status: 200,
    represent: entryPageJson,
  }),
];
