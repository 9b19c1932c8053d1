import { checkAccount } from '../../../chaos/checks/check-account.ts';
import {
  newAccount,
  TERNARY_DEPOSIT,
  type AccountHistory,
  type OrderHistory,
} from '../../../chaos/history/account-history.ts';
import type { Fields } from '../../../chaos/history/read-json.ts';
import { decimalText, minorUnitsOf } from '../../../money/money.ts';
import type { Post } from '../../../shop/day.ts';

const USER = 'u-ternary-1';
const ORDERS = 5;

interface Story {
  readonly account: AccountHistory;
  readonly orders: Map<string, OrderHistory>;
  /** As REST tells it, each part to be made wrong. */
  read: {
    account: Record<string, string> | null;
    entries: Record<string, unknown>[];
    orders: Record<string, unknown>[];
  };
}

function write(account: AccountHistory, post: Post, answer: object, digit: number | null = null) {
  const made = {
    post,
    key: `k-${account.writes.length}`,
    account,
    digit,
    outcome: 'done' as const,
    first: { body: JSON.stringify(answer), location: undefined },
    attempts: 1,
    firstSentAtMs: 0,
  };
  account.writes.push(made);
  return made;
}

/** An account that paid in once and was charged once for each of its five orders. */
function goodStory(): Story {
  const account = newAccount(USER, 'ternary');
  account.isOpen = true;
  write(account, { call: 'open', userId: USER }, {});
  const balance = decimalText(TERNARY_DEPOSIT);
  write(
    account,
    { call: 'deposit', userId: USER, amount: TERNARY_DEPOSIT },
    { version: 1, balance: JSON.rawJSON(balance) },
  );
  const orders = new Map<string, OrderHistory>();
  const deposit = {
    entryId: 'e1',
    kind: 'deposit',
    amount: balance,
    balanceAfter: balance,
    version: '1',
    orderId: null,
  };
  const story: Story = {
    account,
    orders,
    read: { account: { balance, version: '1' }, entries: [deposit], orders: [] },
  };
  for (let digit = 0; digit < ORDERS; digit++) {
    const orderId = `o-${digit}`;
    const amount = 3n ** BigInt(digit);
    const description = `order ${digit}`;
    const made = write(account, { call: 'order', userId: USER, amount, description }, { orderId }, digit);
    orders.set(orderId, { orderId, write: made, answeredAtMs: 1, status: 'FINISHED', reason: null, finalAtMs: 2 });
    const order = { orderId, userId: USER, amount: decimalText(amount), description, status: 'FINISHED', reason: null };
    story.read.orders.unshift(order);
    charge(story, orderId, amount);
  }
  return story;
}

/** As payments would do it: a gapless entry, and the balance that follows. */
function charge({ read }: Story, orderId: string, amount: bigint): void {
  const version = read.entries.length + 1;
  const balance = decimalText(balanceOf(read) - amount);
  const entry = {
    entryId: `e${version}`,
    kind: 'payment',
    amount: decimalText(-amount),
    balanceAfter: balance,
    orderId,
  };
  read.entries.unshift({ ...entry, version: String(version) });
  read.account = { balance, version: String(version) };
}

function balanceOf({ account }: Story['read']): bigint {
  return minorUnitsOf(String(account?.['balance']));
}

function check({ account, orders, read }: Story) {
  return checkAccount(account, orders, read);
}

function found(story: Story): string[] {
  return [...new Set(check(story).map(({ invariant }) => invariant))].sort();
}

function entry(story: Story, version: number): Record<string, unknown> {
  return story.read.entries.find((each: Fields) => each['version'] === String(version)) ?? {};
}

function order(story: Story, orderId: string): Record<string, unknown> {
  return story.read.orders.find((each: Fields) => each['orderId'] === orderId) ?? {};
}

test('an account of which everything is true has no violation', () => {
  expect(check(goodStory())).toEqual([]);
});

test('an order that was charged twice is named by the base-3 digit of what was spent, and by its entries', () => {
  const story = goodStory();
  charge(story, 'o-3', 27n);
  const doubled = check(story);
  expect(doubled).toContainEqual({
    invariant: 'I3',
    what: 'order 3^3 was charged 2 times, not 1',
    ids: { userId: USER, orderId: 'o-3', key: 'k-5' },
  });
  expect(doubled).toContainEqual(expect.objectContaining({ what: 'a FINISHED order has 2 payments' }));
});

test('a charge that left no entry is named by its digit all the same', () => {
  const story = goodStory();
  const balance = decimalText(balanceOf(story.read) - 9n);
  story.read.account = { balance, version: String(story.read.entries.length) };
  expect(check(story)).toContainEqual(expect.objectContaining({ what: 'order 3^2 was charged 2 times, not 1' }));
  expect(found(story)).toEqual(['I1', 'I3', 'I9']);
});

test('an order that is FINISHED and was never charged is found', () => {
  const story = goodStory();
  const [last] = story.read.entries;
  story.read.entries.shift();
  const before = story.read.entries[0] ?? {};
  story.read.account = { balance: String(before['balanceAfter']), version: String(before['version']) };
  expect(last?.['orderId']).toBe('o-4');
  expect(check(story)).toContainEqual(expect.objectContaining({ what: 'a FINISHED order has 0 payments' }));
  expect(check(story)).toContainEqual(expect.objectContaining({ what: 'order 3^4 was charged 0 times, not 1' }));
});

test('an order that was answered 201 and is not there is lost', () => {
  const story = goodStory();
  story.read.orders = story.read.orders.filter(({ orderId }) => orderId !== 'o-2');
  const lost = check(story);
  expect(lost).toContainEqual(
    expect.objectContaining({ invariant: 'I6', what: 'an order that was answered 201 is not in the list' }),
  );
});

test('an order that changes after it was final is found', () => {
  const story = goodStory();
  Object.assign(order(story, 'o-1'), { status: 'CANCELLED', reason: 'insufficient-funds' });
  expect(found(story)).toContain('I4');
});

test('an order of an account with money enough that is CANCELLED is found, also when nobody had seen it before', () => {
  const story = goodStory();
  const seen = story.orders.get('o-4');
  if (seen !== undefined) story.orders.set('o-4', { ...seen, finalAtMs: null, status: 'NEW' });
  Object.assign(order(story, 'o-4'), { status: 'CANCELLED', reason: 'insufficient-funds' });
  expect(check(story)).toContainEqual(
    expect.objectContaining({ invariant: 'I5', what: 'an order with money enough is CANCELLED, insufficient-funds' }),
  );
});

test('an order that is NEW in the end is found', () => {
  const story = goodStory();
  Object.assign(order(story, 'o-4'), { status: 'NEW' });
  expect(found(story)).toContain('I11');
});

test('a deposit that was answered 200 and does not show is found', () => {
  const story = goodStory();
  const { account } = story;
  write(account, { call: 'deposit', userId: USER, amount: 500n }, { version: 7, balance: 1 });
  expect(check(story)).toContainEqual(
    expect.objectContaining({
      invariant: 'I6',
      what: 'a deposit of 500 minor units that was answered 200 does not show',
    }),
  );
});

test('a deposit that was booked twice is found', () => {
  const story = goodStory();
  const again = { ...entry(story, 1), version: '7', entryId: 'e7' };
  story.read.entries.unshift(again);
  expect(found(story)).toContain('I7');
});

test('a balance that is not deposits less payments is found', () => {
  const story = goodStory();
  story.read.account = { ...story.read.account, balance: '1' };
  expect(found(story)).toContain('I1');
});

test('a gap in the versions of the entries is found, and a balance that does not follow', () => {
  const gap = goodStory();
  gap.read.entries = gap.read.entries.filter(({ version }) => version !== '3');
  expect(found(gap)).toContain('I9');
  const jump = goodStory();
  entry(jump, 3)['balanceAfter'] = '5';
  expect(found(jump)).toContain('I9');
});

test('a balance that was negative is found', () => {
  const story = goodStory();
  entry(story, 4)['balanceAfter'] = '-0.01';
  expect(found(story)).toContain('I2');
});

test('an order that nobody was told of is found, and a payment of one that does not exist', () => {
  const stranger = goodStory();
  stranger.read.orders.unshift({
    ...order(stranger, 'o-0'),
    orderId: 'o-x',
    status: 'CANCELLED',
    reason: 'no-account',
  });
  expect(found(stranger)).toContain('I7');
  const payment = goodStory();
  entry(payment, 5)['orderId'] = 'o-x';
  expect(found(payment)).toContain('I5');
});

test('a post of which nobody knows what became of it is found', () => {
  const story = goodStory();
  const last = story.account.writes.at(-1);
  if (last !== undefined) last.outcome = 'unknown';
  expect(found(story)).toEqual(['I7']);
});

test('an account that was opened and is gone is found', () => {
  const story = goodStory();
  story.read = { account: null, entries: [], orders: story.read.orders };
  expect(found(story)).toContain('I6');
});

test('an account that was opened twice is found', () => {
  const story = goodStory();
  write(story.account, { call: 'open', userId: USER }, {});
  expect(found(story)).toEqual(['I7']);
});
