import { checkAnswers, type DayRows } from '../../../shop/answer-checks.ts';
import { readAnswers, type PlayedPost } from '../../../shop/answers.ts';
import type { Customer, Post } from '../../../shop/day.ts';

const CUSTOMERS: Customer[] = [
  { userId: 'ann', kind: 'rich' },
  { userId: 'bob', kind: 'poor' },
  { userId: 'zoe', kind: 'stranger' },
];
const TEA = order('ann', 250n, 'tea');
const POT = order('bob', 999n, 'pot');
const HAT = order('zoe', 1n, 'hat');
const PAID_IN: Post = { call: 'deposit', userId: 'ann', amount: 10_000_000_000_001n };

const PLAYED: PlayedPost[] = [
  answered({ call: 'open', userId: 'ann' }, 201, '{"userId":"ann","balance":0,"version":0}'),
  answered({ call: 'open', userId: 'bob' }, 201, '{"userId":"bob","balance":0,"version":0}'),
  answered(PAID_IN, 200, '{"userId":"ann","balance":100000000000.01,"version":1}'),
  answered(TEA, 201, '{"orderId":"o1","userId":"ann","amount":2.5,"description":"tea","status":"NEW"}'),
  answered(POT, 201, '{"orderId":"o2","userId":"bob","amount":9.99,"description":"pot","status":"NEW"}'),
  answered(HAT, 201, '{"orderId":"o3","userId":"zoe","amount":0.01,"description":"hat","status":"NEW"}'),
];

const ROWS: DayRows = {
  orders: [
    { orderId: 'o1', userId: 'ann', amount: 250n, description: 'tea', status: 'FINISHED', reason: null },
    {
      orderId: 'o2',
      userId: 'bob',
      amount: 999n,
      description: 'pot',
      status: 'CANCELLED',
      reason: 'insufficient-funds',
    },
    { orderId: 'o3', userId: 'zoe', amount: 1n, description: 'hat', status: 'CANCELLED', reason: 'no-account' },
  ],
  accounts: [
    { userId: 'ann', balance: 9_999_999_999_751n },
    { userId: 'bob', balance: 0n },
  ],
  deposits: [{ userId: 'ann', version: 1, amount: 10_000_000_000_001n, balanceAfter: 10_000_000_000_001n }],
};

function order(userId: string, amount: bigint, description: string): Post {
  return { call: 'order', userId, amount, description };
}

function answered(post: Post, status: number, body: string): PlayedPost {
  return { post, postedAt: 0, answer: { status, body, tookMs: 1 } };
}

function withOrder(orderId: string, change: Partial<DayRows['orders'][number]>): DayRows {
  return { ...ROWS, orders: ROWS.orders.map((row) => (row.orderId === orderId ? { ...row, ...change } : row)) };
}

function without(post: Post, status: number): PlayedPost[] {
  return PLAYED.map((played) => (played.post === post ? answered(post, status, '') : played));
}

/** The names of the checks that are contradicted, with the ids. */
function contradictions(rows: DayRows, played: readonly PlayedPost[] = PLAYED): Record<string, readonly string[]> {
  const checks = checkAnswers(CUSTOMERS, readAnswers(played), rows);
  return Object.fromEntries(
    checks.filter(({ violations }) => violations > 0).map(({ name, examples }) => [name, examples]),
  );
}

test('answers and rows that agree contradict nothing', () => {
  expect(contradictions(ROWS)).toEqual({});
});

test('an answer that says another amount, or is no order, is a contradiction', () => {
  const another = '{"orderId":"o1","userId":"ann","amount":2.49,"description":"tea","status":"NEW"}';
  for (const body of [another, 'null', '<html>']) {
    const played = PLAYED.map((one) => (one.post === TEA ? answered(TEA, 201, body) : one));
    expect(contradictions(ROWS, played)).toHaveProperty(
      ['an answer repeats what was asked for'],
      [`order of ann: ${body}`],
    );
  }
});

test.each([
  ['is missing', { ...ROWS, orders: ROWS.orders.slice(1) }],
  ['has another amount', withOrder('o1', { amount: 251n })],
  ['belongs to somebody else', withOrder('o1', { userId: 'bob' })],
  ['has another description', withOrder('o1', { description: null })],
  ['is there twice', { ...ROWS, orders: [...ROWS.orders, ...ROWS.orders.slice(0, 1)] }],
])('an order that was answered 201 and %s is found', (_what, rows) => {
  expect(contradictions(rows)).toHaveProperty(['an order answered 201 is stored once, with its amount'], ['o1']);
});

test('an order that nobody placed is found', () => {
  const orders = [...ROWS.orders, { ...ROWS.orders[2], orderId: 'o4' } as (typeof ROWS.orders)[number]];
  expect(contradictions({ ...ROWS, orders })).toEqual({ 'no order is stored that was not asked for': ['o4'] });
});

test('an order whose answer was lost may be there, but not twice', () => {
  const played = without(TEA, 504);
  expect(contradictions(ROWS, played)).toEqual({});
  expect(contradictions({ ...ROWS, orders: [...ROWS.orders, ...ROWS.orders.slice(0, 1)] }, played)).toHaveProperty(
    ['no order is stored that was not asked for'],
    ['o1'],
  );
});

test('an order that was refused may not be there', () => {
  expect(contradictions(ROWS, without(TEA, 503))).toEqual({ 'no order is stored that was not asked for': ['o1'] });
});

test('an order that stays NEW is found', () => {
  const rows = withOrder('o2', { status: 'NEW', reason: null });
  expect(contradictions(rows)).toEqual({ 'every order is final': ['o2'] });
});

test('a reason that does not fit the customer is found', () => {
  const name = 'an order is cancelled for the right reason';
  expect(contradictions(withOrder('o2', { reason: 'no-account' }))).toEqual({ [name]: ['o2'] });
  expect(contradictions(withOrder('o3', { reason: 'insufficient-funds' }))).toEqual({ [name]: ['o3'] });
});

test('a cancelled order of somebody who could pay is found', () => {
  const rows = withOrder('o1', { status: 'CANCELLED', reason: 'insufficient-funds' });
  expect(contradictions(rows)).toHaveProperty(['who could pay for everything got everything'], ['o1']);
});

test('a deposit that was answered 200 and is missing, different, or answered twice is found', () => {
  const name = 'a deposit answered 200 is in the ledger exactly once';
  const [entry] = ROWS.deposits;
  if (entry === undefined) throw new Error('There is one.');
  expect(contradictions({ ...ROWS, deposits: [] })).toHaveProperty([name], ['ann version 1']);
  expect(contradictions({ ...ROWS, deposits: [{ ...entry, amount: 1n }] })).toHaveProperty([name], ['ann version 1']);
  const twice = [...PLAYED, ...PLAYED.filter(({ post }) => post === PAID_IN)];
  expect(contradictions(ROWS, twice)).toHaveProperty([name], ['ann version 1']);
});

test('a deposit that nobody made is found, one whose answer was lost is not', () => {
  const name = 'no deposit is in the ledger that was not asked for';
  expect(contradictions(ROWS, without(PAID_IN, 0))).toEqual({});
  expect(contradictions(ROWS, without(PAID_IN, 422))).toHaveProperty([name], ['ann version 1']);
  const twice = [...ROWS.deposits, { userId: 'ann', version: 2, amount: 10_000_000_000_001n, balanceAfter: 1n }];
  expect(contradictions({ ...ROWS, deposits: twice }, without(PAID_IN, 0))).toHaveProperty([name], ['ann version 2']);
});

test('a balance that is one unit off is found, a missing or unexpected account too', () => {
  const name = 'a balance is what the answers add up to';
  const accounts = (change: DayRows['accounts']) => contradictions({ ...ROWS, accounts: change });
  expect(
    accounts([
      { userId: 'ann', balance: 9_999_999_999_752n },
      { userId: 'bob', balance: 0n },
    ]),
  ).toEqual({ [name]: ['ann'] });
  expect(accounts(ROWS.accounts.slice(0, 1))).toEqual({ [name]: ['bob'] });
  expect(accounts([...ROWS.accounts, { userId: 'zoe', balance: 0n }])).toEqual({ [name]: ['zoe'] });
});
