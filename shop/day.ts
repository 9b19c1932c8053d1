import { decimalText, MAX_MINOR_UNITS } from '../money/money.ts';
import { SeededRandom } from './random.ts';

/** The plan of a day: who comes, who has how much, who orders what. Pure: the same options give the same day. */

export interface DayOptions {
  readonly users: number;
  readonly orders: number;
  /** A whole number from 0 to 2^32 − 1. */
  readonly seed: number;
  /** Begins every user id of this day, so that no two days meet. Letters and digits. */
  readonly runId: string;
}

/**
 * - `stranger` has no account: every order is cancelled.
 * - `poor` has little, and gets little: most orders are cancelled.
 * - `regular` begins with about half of what the day will cost, and pays in during the day.
 * - `rich` pays in enough for everything before the first order.
 * - `magnate`, one of them, has the largest balance there is, and spends it to the last unit.
 */
export type CustomerKind = 'stranger' | 'poor' | 'regular' | 'rich' | 'magnate';

export interface Customer {
  readonly userId: string;
  readonly kind: CustomerKind;
}

export interface OpenAccount {
  readonly call: 'open';
  readonly userId: string;
}

export interface Deposit {
  readonly call: 'deposit';
  readonly userId: string;
  /** Minor units. */
  readonly amount: bigint;
}

export interface PlaceOrder {
  readonly call: 'order';
  readonly userId: string;
  /** Minor units. */
  readonly amount: bigint;
  /** Unique within the day: how an order is found again whose answer was lost. */
  readonly description: string;
}

export type Post = OpenAccount | Deposit | PlaceOrder;

export interface Day {
  readonly runId: string;
  readonly customers: readonly Customer[];
  /** Before the doors open. */
  readonly openings: readonly OpenAccount[];
  /** When every account is there, still before the doors open. */
  readonly firstDeposits: readonly Deposit[];
  /** Orders, and deposits between them. */
  readonly course: readonly (PlaceOrder | Deposit)[];
}

/** Of 100 customers; the rest is regular. */
const STRANGERS_PERCENT = 3;
const POOR_PERCENT = 15;
const RICH_PERCENT = 25;
/** A few accounts take a fifth of all orders, so that many effects on one account meet in one batch. */
const HOT_CUSTOMERS = 5;
const HOT_ORDERS_PERCENT = 20;
const MAGNATE_ORDERS = 5;
/** One deposit during the day for so many orders. */
const ORDERS_PER_DEPOSIT = 8;

const ARTICLES = [
  'Green tea',
  'Grüner Tee',
  '緑茶',
  'Teapot',
  'Cups, 6',
  'Honey 🍯',
  'Scones',
  '"Earl Grey"',
  'Tax & tip',
];

/** @param options at least 10 users and 20 orders, so that each kind of customer comes */
export function planDay(options: DayOptions): Day {
  const random = new SeededRandom(options.seed);
  const customers = invite(options, random);
  const orders = takeOrders(customers, options.orders, random);
  return {
    runId: options.runId,
    customers,
    openings: customers.flatMap(({ userId, kind }) => (kind === 'stranger' ? [] : [{ call: 'open', userId }])),
    firstDeposits: firstDeposits(customers, orders, random),
    course: withDeposits(orders, customers, random),
  };
}

/** The ids of everyone who came on that day, as a range: from the first one on, and below the second one. */
export function userIdRange(runId: string): readonly [string, string] {
  // '.' is the character after '-'.
  return [`shop-${runId}-`, `shop-${runId}.`];
}

/**
 * The body of a post, with the amount as the digits that stand in the plan: no floating-point number on the way.
 */
export function jsonBody(post: Post): string {
  const fields = [`"userId":${JSON.stringify(post.userId)}`];
  if (post.call !== 'open') fields.push(`"amount":${decimalText(post.amount)}`);
  if (post.call === 'order') fields.push(`"description":${JSON.stringify(post.description)}`);
  return `{${fields.join(',')}}`;
}

function invite({ users, runId }: DayOptions, random: SeededRandom): Customer[] {
  const share = (percent: number) => Math.max(1, Math.round((users * percent) / 100));
  const kinds: CustomerKind[] = [
    'magnate',
    ...Array<CustomerKind>(share(STRANGERS_PERCENT)).fill('stranger'),
    ...Array<CustomerKind>(share(POOR_PERCENT)).fill('poor'),
    ...Array<CustomerKind>(share(RICH_PERCENT)).fill('rich'),
  ];
  while (kinds.length < users) kinds.push('regular');
  const digits = String(users).length;
  return random
    .shuffle(kinds)
    .map((kind, index) => ({ userId: `shop-${runId}-${String(index + 1).padStart(digits, '0')}`, kind }));
}

function takeOrders(customers: readonly Customer[], count: number, random: SeededRandom): PlaceOrder[] {
  const everyday = customers.filter(({ kind }) => kind !== 'magnate');
  const hot = everyday.filter(({ kind }) => kind === 'regular' || kind === 'rich').slice(0, HOT_CUSTOMERS);
  const magnate = customers.filter(({ kind }) => kind === 'magnate');
  const wishes = [
    ...magnate.flatMap(({ userId }) => splitFortune(random).map((amount) => ({ userId, amount }))),
    ...Array.from({ length: count - MAGNATE_ORDERS }, () => {
      const { userId } = random.pick(random.below(100) < HOT_ORDERS_PERCENT ? hot : everyday);
      return { userId, amount: price(random) };
    }),
  ];
  return random.shuffle(wishes).map(({ userId, amount }, index) => ({
    call: 'order',
    userId,
    amount,
    description: `${random.pick(ARTICLES)}, slip ${index + 1}`,
  }));
}

/** The largest balance there is, as orders that are different and that spend all of it. */
function splitFortune(random: SeededRandom): bigint[] {
  const parts: bigint[] = [];
  let rest = MAX_MINOR_UNITS;
  for (let left = MAGNATE_ORDERS; left > 1; left--) {
    const part = rest / BigInt(left) + random.minorUnits(1, 2 ** 31);
    parts.push(part);
    rest -= part;
  }
  return [...parts, rest];
}

/** Mostly the price of tea, sometimes of furniture, now and then the smallest amount there is. */
function price(random: SeededRandom): bigint {
  const kind = random.below(100);
  if (kind < 3) return 1n;
  if (kind < 5) return random.minorUnits(1_000_000, 2_000_000_000);
  if (kind < 20) return random.minorUnits(10_000, 99_999);
  return random.minorUnits(95, 9_999);
}

function firstDeposits(customers: readonly Customer[], orders: readonly PlaceOrder[], random: SeededRandom): Deposit[] {
  const bills = new Map<string, bigint>();
  for (const { userId, amount } of orders) bills.set(userId, (bills.get(userId) ?? 0n) + amount);
  return customers.flatMap(({ userId, kind }): Deposit[] => {
    const amount = firstAmount(kind, bills.get(userId) ?? 0n, random);
    return amount === 0n ? [] : [{ call: 'deposit', userId, amount }];
  });
}

/** @param bill what all orders of this customer cost together */
function firstAmount(kind: CustomerKind, bill: bigint, random: SeededRandom): bigint {
  switch (kind) {
    case 'stranger':
      return 0n;
    case 'poor':
      return random.minorUnits(1, 2_000);
    case 'regular':
      return bill / 2n + 1n;
    case 'rich':
      return bill + random.minorUnits(1, 100_000);
    case 'magnate':
      return MAX_MINOR_UNITS;
  }
}

function withDeposits(
  orders: readonly PlaceOrder[],
  customers: readonly Customer[],
  random: SeededRandom,
): (PlaceOrder | Deposit)[] {
  const open = new Set(customers.flatMap(({ userId, kind }) => (isTopUp(kind) ? [userId] : [])));
  return orders.flatMap((order, index): (PlaceOrder | Deposit)[] => {
    if (index % ORDERS_PER_DEPOSIT !== 0) return [order];
    // Whoever orders just then pays in, which is where a deposit races a payment; a magnate's account is full already.
    const userId = open.has(order.userId) ? order.userId : random.pick([...open]);
    return [order, { call: 'deposit', userId, amount: random.minorUnits(1, 20_000) }];
  });
}

function isTopUp(kind: CustomerKind): boolean {
  return kind === 'regular' || kind === 'rich' || kind === 'poor';
}
