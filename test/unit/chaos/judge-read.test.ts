import { newAccount } from '../../../chaos/history/account-history.ts';
import { judgeAccount, judgeEntries, judgeOrder } from '../../../chaos/history/judge-read.ts';
import type { Answer } from '../../../shop/shop-client.ts';

const ACCOUNT = newAccount('u-1', 'hot');
const KNOWN = { isOpen: true, version: 2 };

function answer(status: number, body: object = {}): Answer {
  return { status, body: JSON.stringify(body), tookMs: 1 };
}

function entryPage(...entries: readonly (readonly [version: number, amount: number, balanceAfter: number])[]): Answer {
  return answer(200, { items: entries.map(([version, amount, balanceAfter]) => ({ version, amount, balanceAfter })) });
}

test('an order that was answered 201 and is answered 404 is lost; an answer that is away says nothing', () => {
  expect(judgeOrder('o-1', answer(404)).violations).toMatchObject([{ invariant: 'I6', ids: { orderId: 'o-1' } }]);
  expect(judgeOrder('o-1', answer(400)).violations).toMatchObject([{ invariant: 'contract' }]);
  for (const status of [0, 429, 500, 503, 504]) expect(judgeOrder('o-1', answer(status)).violations).toEqual([]);
});

test('an account that is older than it was seen, below zero or gone is found', () => {
  const invariants = (status: number, body: object) =>
    judgeAccount(ACCOUNT, KNOWN, answer(status, body)).map(({ invariant }) => invariant);
  expect(invariants(200, { version: 2, balance: 0 })).toEqual([]);
  expect(invariants(200, { version: 1, balance: 5 })).toEqual(['I6']);
  expect(invariants(200, { version: 3, balance: -0.01 })).toEqual(['I2']);
  expect(invariants(404, {})).toEqual(['I6']);
  expect(judgeAccount(ACCOUNT, { isOpen: false, version: 0 }, answer(404))).toEqual([]);
});

test('entries follow one from the other within a page, to the cent', () => {
  expect(judgeEntries(ACCOUNT, KNOWN, entryPage([3, -0.1, 0.2], [2, 0.2, 0.3], [1, 0.1, 0.1]))).toEqual([]);
  const invariantsOf = (page: Answer) => judgeEntries(ACCOUNT, KNOWN, page).map(({ invariant }) => invariant);
  expect(invariantsOf(entryPage([3, -0.1, 0.21], [2, 0.2, 0.3], [1, 0.1, 0.1]))).toEqual(['I9']);
  expect(invariantsOf(entryPage([3, 0.1, 0.2], [1, 0.1, 0.1]))).toEqual(['I9']);
  expect(invariantsOf(entryPage([1, 0.1, 0.2]))).toEqual(['I6', 'I9']);
});
