import { newAccount, type AccountHistory, type Write } from '../../../chaos/history/account-history.ts';
import { History } from '../../../chaos/history/history.ts';
import type { Post } from '../../../shop/day.ts';
import type { Answer } from '../../../shop/shop-client.ts';

const USER = 'u-1';

function answer(status: number, body: object | string, location?: string): Answer {
  return { status, body: typeof body === 'string' ? body : JSON.stringify(body), location, tookMs: 1 };
}

function ask(history: History, account: AccountHistory, post: Post, key = `k-${account.writes.length}`): Write {
  const write: Write = {
    post,
    key,
    account,
    digit: null,
    outcome: 'unknown',
    first: null,
    attempts: 1,
    firstSentAtMs: 0,
  };
  history.asked(write);
  return write;
}

const ORDER: Post = { call: 'order', userId: USER, amount: 100n, description: 'tea' };
const CREATED = { orderId: 'o-1', userId: USER, amount: 1, description: 'tea', status: 'NEW', reason: null };

function withOrder(): { history: History; write: Write } {
  const history = new History(() => undefined);
  const write = ask(history, newAccount(USER, 'hot'), ORDER);
  history.answered(write, answer(201, CREATED, '/api/orders/o-1'), 0, true);
  return { history, write };
}

function found({ violations }: History): string[] {
  return violations.kept.map(({ invariant }) => invariant);
}

test('no answer, a 5xx, a 429 and a conflict with oneself leave a post unknown', () => {
  const history = new History(() => undefined);
  const write = ask(history, newAccount(USER, 'hot'), ORDER);
  const conflict = { type: '/problems/idempotency-key-in-use' };
  for (const none of [
    answer(0, 'ECONNRESET'),
    answer(503, {}),
    answer(504, {}),
    answer(429, {}),
    answer(409, conflict),
  ]) {
    history.answered(write, none, 0, true);
    expect(history.unknown.size).toBe(1);
  }
  expect(history.answered(write, answer(201, CREATED), 0, true)).toBe(true);
  expect(history.unknown.size).toBe(0);
  expect(found(history)).toEqual([]);
});

test('the same answer again is no news and no violation', () => {
  const { history, write } = withOrder();
  expect(history.answered(write, answer(201, CREATED, '/api/orders/o-1'), 0, true)).toBe(false);
  expect(history.orderIds).toEqual(['o-1']);
  expect(found(history)).toEqual([]);
});

test('two different 2xx under one key are found: body or Location', () => {
  const other = withOrder();
  other.history.answered(other.write, answer(201, { ...CREATED, orderId: 'o-2' }, '/api/orders/o-1'), 0, true);
  expect(found(other.history)).toEqual(['I7']);
  const elsewhere = withOrder();
  elsewhere.history.answered(elsewhere.write, answer(201, CREATED, '/api/orders/o-2'), 0, true);
  expect(found(elsewhere.history)).toEqual(['I7']);
});

test('two keys that are answered with one order are found', () => {
  const { history, write } = withOrder();
  const second = ask(history, write.account, ORDER);
  history.answered(second, answer(201, CREATED), 0, true);
  expect(found(history)).toEqual(['I7']);
});

test('an answer about something else than was asked for is found', () => {
  const history = new History(() => undefined);
  const write = ask(history, newAccount(USER, 'hot'), ORDER);
  history.answered(write, answer(201, { ...CREATED, amount: 1.01 }), 0, true);
  expect(found(history)).toEqual(['contract']);
});

test('a refusal that nothing explains is found: 422, a deposit that finds no account, an opening that had no rival', () => {
  const history = new History(() => undefined);
  const account = newAccount(USER, 'hot');
  history.answered(ask(history, account, ORDER), answer(422, {}), 0, true);
  const noAccount = answer(404, { type: '/problems/account-not-found' });
  const deposit: Post = { call: 'deposit', userId: USER, amount: 1n };
  history.answered(ask(history, account, deposit), noAccount, 0, true);
  const exists = answer(409, { type: '/problems/account-exists' });
  history.answered(ask(history, account, { call: 'open', userId: USER }), exists, 0, false);
  expect(found(history)).toEqual(['contract', 'contract', 'contract']);
});

test('a refusal that is due is none: a deposit without an account, the second of two openings', () => {
  const history = new History(() => undefined);
  const account = newAccount(USER, 'hot');
  const deposit: Post = { call: 'deposit', userId: USER, amount: 1n };
  history.answered(ask(history, account, deposit), answer(404, { type: '/problems/account-not-found' }), 0, false);
  const open: Post = { call: 'open', userId: USER };
  const [first, second] = [ask(history, account, open), ask(history, account, open)];
  history.answered(first, answer(201, { userId: USER, balance: 0, version: 0 }), 0, false);
  history.answered(second, answer(409, { type: '/problems/account-exists' }), 0, false);
  expect(found(history)).toEqual([]);
  expect(second.outcome).toBe('refused');
});

test('what was done is not refused later under the same key', () => {
  const { history, write } = withOrder();
  history.answered(write, answer(404, { type: '/problems/account-not-found' }), 0, true);
  expect(found(history)).toHaveLength(1);
});

test('a final order that becomes another one, or NEW again, is found', () => {
  const { history } = withOrder();
  history.sawOrder('o-1', 'FINISHED', null, Date.now(), 'a read');
  expect(history.notFinal.size).toBe(0);
  history.sawOrder('o-1', 'FINISHED', null, Date.now(), 'a read');
  expect(found(history)).toEqual([]);
  history.sawOrder('o-1', 'CANCELLED', 'no-account', Date.now(), 'a read');
  history.sawOrder('o-1', 'NEW', null, Date.now() + 1000, 'a read');
  expect(found(history)).toEqual(['I4', 'I4']);
});

test('a read that began before the order was final may say NEW', () => {
  const { history } = withOrder();
  const askedAtMs = Date.now() - 1000;
  history.sawOrder('o-1', 'FINISHED', null, askedAtMs, 'a read');
  history.sawOrder('o-1', 'NEW', null, askedAtMs, 'a slower read');
  expect(found(history)).toEqual([]);
});
