import type { Place } from './place.ts';

/** Customers of one demo, and what they do: the same for the same id. Pure. */

export interface Customer {
  readonly userId: string;
  /** Minor units that they pay in first. */
  readonly deposit: bigint;
}

export interface DemoOrder {
  readonly userId: string;
  /** Minor units. */
  readonly amount: bigint;
  readonly description: string;
  /** Under which it is done once, however often it is sent. */
  readonly key: string;
  /** Whether it is sent a second time. */
  readonly isRepeated: boolean;
}

const ORDERS_OF_A_CUSTOMER = 50;
const WARES = ['tea', 'coffee', 'a cup', 'a book', 'bread', 'a lamp', 'soap'] as const;
/** An order of ten comes twice. */
const REPEATED_ONE_IN = 10;
/** More than the dearest orders of one customer come to. */
const ENOUGH = 500_000n;
/** For a few orders, and not for the rest: the last customer is short of money. */
const TOO_LITTLE = 5_000n;

/** @param runId no two demos have the same */
export function customersOf(runId: string, orders: number): Customer[] {
  const count = Math.max(2, Math.ceil(orders / ORDERS_OF_A_CUSTOMER));
  return Array.from({ length: count }, (_, index) => ({
    userId: `demo-${runId}-${index + 1}`,
    deposit: index === count - 1 ? TOO_LITTLE : ENOUGH,
  }));
}

export function ordersOf(runId: string, customers: readonly Customer[], count: number): DemoOrder[] {
  return Array.from({ length: count }, (_, index) => ({
    userId: customers[index % customers.length]?.userId ?? '',
    // From 1.01 to 50.99, with every digit among the cents.
    amount: BigInt(101 + ((index * 617) % 4999)),
    description: WARES[index % WARES.length] ?? '',
    key: `demo-${runId}-order-${index + 1}`,
    isRepeated: index % REPEATED_ONE_IN === 0,
  }));
}

/** A POST as a reader would send it. */
export function curlOf({ apiUrl, token }: Place, path: string, body: string, key?: string): string {
  return [
    `curl -s ${apiUrl}${path}`,
    `-H 'Content-Type: application/json'`,
    ...(token === undefined ? [] : [`-H "Authorization: Bearer $TOKEN"`]),
    ...(key === undefined ? [] : [`-H 'Idempotency-Key: ${key}'`]),
    `-d '${body}'`,
  ].join(' ');
}
