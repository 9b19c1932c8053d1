import {
  parseCreateOrder,
  parseDeposit,
  parseListOrders,
  parseOpenAccount,
  parseShowBalance,
  parseShowOrder,
} from '../contract/inputs.ts';
import type { Account, Order, Page } from '../contract/outputs.ts';
import { accountJson, orderJson, orderPageJson } from './representations.ts';

/** One call of the REST contract: how a request becomes an action's input, and its answer a response. */
export interface CallRoute {
  readonly method: 'GET' | 'POST';
  /** Absolute; `:name` is a path parameter. */
  readonly path: string;
  readonly action: string;
  /** Where the input comes from. Whatever else the request carries is refused. */
  readonly inputFrom: 'body' | 'query' | 'path';
  /** @throws the problem `invalid-input` and the like */
  readonly parse: (input: unknown) => object;
  readonly status: 200 | 201;
  readonly represent: (answer: unknown) => object;
  /** Path of what was created. */
  readonly location?: (answer: unknown) => string;
  /** Of a call that changes something: what a caller does who cannot know whether it was done. */
  readonly whenOutcomeUnknown?: string;
}

/** Types what an action answers: an answer of another service is only known by contract. */
function route<Answer>(
  definition: Omit<CallRoute, 'represent' | 'location'> & {
    readonly represent: (answer: Answer) => object;
    readonly location?: (answer: Answer) => string;
  },
): CallRoute {
  return definition as CallRoute;
}

export const orderRoutes: readonly CallRoute[] = [
  route<Order>({
    method: 'POST',
    path: '/api/orders',
    action: 'orders.create',
    inputFrom: 'body',
    parse: parseCreateOrder,
    status: 201,
    represent: orderJson,
    location: ({ orderId }) => `/api/orders/${orderId}`,
    whenOutcomeUnknown: "The order may have been created: look at the user's newest orders before creating it again.",
  }),
  route<Page<Order>>({
    method: 'GET',
    path: '/api/orders',
    action: 'orders.list',
    inputFrom: 'query',
    parse: parseListOrders,
    status: 200,
    represent: orderPageJson,
  }),
  route<Order>({
    method: 'GET',
    path: '/api/orders/:orderId',
    action: 'orders.show',
    inputFrom: 'path',
    parse: parseShowOrder,
    status: 200,
    represent: orderJson,
  }),
];

export const paymentRoutes: readonly CallRoute[] = [
  route<Account>({
    method: 'POST',
    path: '/api/payments/accounts',
    action: 'payments.openAccount',
    inputFrom: 'body',
    parse: parseOpenAccount,
    status: 201,
    represent: accountJson,
    // Every character of a user id may stand in a path as it is.
    location: ({ userId }) => `/api/payments/accounts/${userId}`,
    whenOutcomeUnknown: 'The account may have been opened. Open it again: an account that exists is left as it is.',
  }),
  route<Account>({
    method: 'POST',
    path: '/api/payments/accounts/deposit',
    action: 'payments.deposit',
    inputFrom: 'body',
    parse: parseDeposit,
    status: 200,
    represent: accountJson,
    whenOutcomeUnknown: 'The deposit may have been made: look at the balance and its version before repeating it.',
  }),
  route<Account>({
    method: 'GET',
    path: '/api/payments/accounts/:userId',
    action: 'payments.balance',
    inputFrom: 'path',
    parse: parseShowBalance,
    status: 200,
    represent: accountJson,
  }),
];
