import { minorUnitsFromNumberSource } from '../money/money.ts';
import type { Customer } from './customers.ts';

/** What the demo was answered, held against what the system says at the end. Pure. */

/** An order that was answered 201. */
export interface Accepted {
  readonly orderId: string;
  readonly userId: string;
  /** `performance.now()` */
  readonly acceptedAt: number;
}

/** What an order's second sending was answered. */
export interface Repeated {
  readonly firstId: string;
  readonly secondId: string;
}

/** An order as a list has it at the end. */
export interface ListedOrder {
  readonly orderId: string;
  readonly amount: bigint;
  readonly status: string;
}

/** A customer as the system has them at the end. */
export interface Listed {
  readonly customer: Customer;
  readonly orders: readonly ListedOrder[];
  /** Minor units. */
  readonly balance: bigint;
}

export interface DemoCheck {
  readonly name: string;
  readonly violations: number;
  /** Ids of the first ones. */
  readonly examples: readonly string[];
}

const EXAMPLES = 3;

export function checkBook(
  wanted: number,
  accepted: readonly Accepted[],
  repeated: readonly Repeated[],
  listed: readonly Listed[],
): DemoCheck[] {
  const all = listed.flatMap(({ orders }) => orders);
  const there = new Set(all.map(({ orderId }) => orderId));
  const answered = new Set(accepted.map(({ orderId }) => orderId));
  return [
    check('every order was accepted', [...Array<string>(Math.max(0, wanted - accepted.length)).fill('?')]),
    check('every accepted order is there', difference(answered, there)),
    check('no order is there that was not asked for', [
      ...difference(there, answered),
      ...(there.size < all.length ? ['one twice in a list'] : []),
    ]),
    check(
      'an order that was sent twice is one order',
      repeated.filter(({ firstId, secondId }) => firstId !== secondId).map(({ firstId }) => firstId),
    ),
    check(
      'every order is final',
      all.filter(({ status }) => status === 'NEW').map(({ orderId }) => orderId),
    ),
    check(
      'every balance is what was paid in less what was bought',
      listed
        .filter(({ customer, orders, balance }) => balance !== customer.deposit - spent(orders))
        .map(({ customer }) => customer.userId),
    ),
  ];
}

/**
 * Reads JSON in which amounts are numbers: each as minor units, none through a double.
 *
 * @throws SyntaxError for what is no JSON
 */
export function parseMoney(text: string): unknown {
  return JSON.parse(text, (key, value: unknown, { source }) =>
    (key === 'amount' || key === 'balance') && source !== undefined ? minorUnitsFromNumberSource(source) : value,
  );
}

function spent(orders: readonly ListedOrder[]): bigint {
  return orders.filter(({ status }) => status === 'FINISHED').reduce((sum, { amount }) => sum + amount, 0n);
}

function check(name: string, wrong: readonly string[]): DemoCheck {
  return { name, violations: wrong.length, examples: wrong.slice(0, EXAMPLES) };
}

function difference(one: ReadonlySet<string>, other: ReadonlySet<string>): string[] {
  return [...one].filter((id) => !other.has(id));
}
