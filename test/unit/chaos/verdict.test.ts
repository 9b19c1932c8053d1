import { ordersInFlight, outsideFaults, type FaultSpan } from '../../../chaos/checks/coverage.ts';
import { chargesByDigit } from '../../../chaos/checks/ternary.ts';
import { judgeCampaign, type Evidence } from '../../../chaos/checks/verdict.ts';
import { newAccount, type OrderHistory } from '../../../chaos/history/account-history.ts';
import { ordersAmong } from '../../../chaos/checks/check-databases.ts';

const KINDS = Array.from({ length: 14 }, (_, index) => `kind ${index}`);
const AUDIT = { startedAtMs: 0, tookMs: 1, mode: 'full', violations: 0, error: null } as const;

const GOOD: Evidence = {
  minutes: 30,
  accounts: 1000,
  orders: 10_000,
  faults: Array.from({ length: 200 }, (_, index) => ({ kind: `kind ${index % 14}`, hit: true, ordersMet: 3 })),
  kindsOffered: KINDS,
  audits: Array.from({ length: 100 }, () => AUDIT),
  outside: { timeShare: 0.3, requests: 100, good: 90, goodShare: 0.9 },
  violations: 0,
  allFinalAfterMs: 30_000,
  unknownWrites: 0,
};

function verdictOf(changes: Partial<Evidence>): string {
  return judgeCampaign({ ...GOOD, ...changes }).verdict;
}

test('a campaign that tried enough and found nothing held', () => {
  expect(judgeCampaign(GOOD)).toEqual({ verdict: 'held', complaints: [] });
});

test.each([
  ['a violation', { violations: 1 }],
  ['an order that is final 31 s after the last heal', { allFinalAfterMs: 31_000 }],
  ['an order that is never final', { allFinalAfterMs: null }],
  ['a post with an unknown outcome', { unknownWrites: 1 }],
])('%s breaks the promise', (_what, changes) => {
  expect(verdictOf(changes)).toBe('violated');
});

const AWAY = { ...AUDIT, error: 'the database is away' };

test.each([
  ['too few accounts', { accounts: 999 }],
  ['too few orders', { orders: 9999 }],
  ['too few faults', { faults: GOOD.faults.slice(1) }],
  ['an audit that could not run', { audits: [...GOOD.audits.slice(1), AWAY] }],
  ['no time outside of faults', { outside: { ...GOOD.outside, timeShare: 0.29 } }],
  ['an outage that does not end with its fault', { outside: { ...GOOD.outside, goodShare: 0.89 } }],
  ['a kind that never came', { kindsOffered: [...KINDS, 'another one'] }],
  ['a kind that did nothing', { faults: GOOD.faults.map((fault) => ({ ...fault, hit: fault.kind !== 'kind 3' })) }],
  [
    'a kind that met no order',
    { faults: GOOD.faults.map((fault) => (fault.kind === 'kind 3' ? { ...fault, ordersMet: 0 } : fault)) },
  ],
  ['eleven kinds', { faults: GOOD.faults.map((fault, index) => ({ ...fault, kind: `kind ${index % 11}` })) }],
])('%s makes a campaign vacuous', (_what, changes) => {
  expect(verdictOf(changes)).toBe('vacuous');
});

test('a campaign of five minutes is held to a sixth, and to half of that many faults of twelve kinds', () => {
  const sixth = { minutes: 5, orders: 1666, faults: GOOD.faults.slice(0, 16), audits: GOOD.audits.slice(0, 16) };
  expect(verdictOf(sixth)).toBe('held');
  expect(verdictOf({ ...sixth, orders: 1665 })).toBe('vacuous');
  expect(verdictOf({ ...sixth, faults: sixth.faults.slice(1) })).toBe('vacuous');
  expect(verdictOf({ ...sixth, kindsOffered: [...KINDS, 'another one'] })).toBe('held');
  const idle = sixth.faults.map((fault, index) => ({ ...fault, hit: index > 4 }));
  expect(verdictOf({ ...sixth, faults: idle })).toBe('vacuous');
});

function fault(startedAtMs: number, healedAtMs: number): FaultSpan {
  return { kind: 'k', hit: true, startedAtMs, healedAtMs };
}

test('faults that overlap are one window, and a request that touches one is not outside', () => {
  const faults = [fault(10, 30), fault(20, 50), fault(80, 90)];
  const spans = [
    [0, 9, true],
    [5, 12, false],
    [51, 79, false],
    [91, 100, true],
    [95, 120, true],
  ] as const;
  const requests = spans.map(([sentAtMs, endedAtMs, isGood]) => ({ sentAtMs, endedAtMs, isGood }));
  expect(outsideFaults(faults, requests, { fromMs: 0, toMs: 100 })).toEqual({
    timeShare: 0.5,
    requests: 3,
    good: 2,
    goodShare: 2 / 3,
  });
});

function order(orderId: string, answeredAtMs: number, finalAtMs: number | null): OrderHistory {
  const account = newAccount('u', 'hot');
  const post = { call: 'order', userId: 'u', amount: 1n, description: '' } as const;
  const write = {
    post,
    key: 'k',
    account,
    digit: null,
    outcome: 'done',
    first: null,
    attempts: 1,
    firstSentAtMs: 0,
  } as const;
  return { orderId, write, answeredAtMs, finalAtMs, status: 'NEW', reason: null };
}

test('the orders in flight at a fault are those that were answered and not final', () => {
  const orders = [order('before', 1, 5), order('in flight', 1, 15), order('open', 9, null), order('after', 11, null)];
  expect(ordersInFlight(orders, 10, 10)).toEqual(['in flight', 'open']);
  expect(ordersInFlight(orders, 10, 11)).toEqual(['in flight', 'open', 'after']);
});

test('a dead letter of an order is a violation, planted poison is none', () => {
  const orders = new Map([['o-1', order('o-1', 1, null)]]);
  const letter = { where: 'payments.dead_letters of c', reason: 'refused', error: 'no', key: 'u' };
  expect(ordersAmong([{ ...letter, aggregate: 'planted' }], { orders })).toEqual([]);
  const planted = { ...letter, aggregate: 'o-1', key: 'chaos-poison-1', reason: 'payload-mismatch' };
  expect(ordersAmong([planted], { orders })).toEqual([]);
  expect(ordersAmong([{ ...letter, aggregate: 'o-1' }], { orders })).toMatchObject([{ invariant: 'I11' }]);
});

test('what was spent says by its digits how often each power of three was charged', () => {
  expect(chargesByDigit(1n + 2n * 9n + 27n)).toEqual([1, 0, 2, 1]);
  expect(chargesByDigit(0n)).toEqual([]);
});
