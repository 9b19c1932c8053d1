import { MAX_MINOR_UNITS } from '../../../money/money.ts';
import { jsonBody, planDay, userIdRange, type Customer, type CustomerKind, type Day } from '../../../shop/day.ts';

const OPTIONS = { users: 1000, orders: 10_000, seed: 7, runId: 'r1' };
const day = planDay(OPTIONS);
const orders = ordersOf(day);

function ordersOf({ course }: Day) {
  return course.filter((post) => post.call === 'order');
}

function sumFor(userIds: ReadonlySet<string>, posts: readonly { userId: string; amount: bigint }[]): bigint {
  return posts.reduce((sum, { userId, amount }) => (userIds.has(userId) ? sum + amount : sum), 0n);
}

function idsOf(kind: CustomerKind): Set<string> {
  return new Set(day.customers.filter((customer) => customer.kind === kind).map(({ userId }) => userId));
}

test('the same seed plans the same day, another seed another one', () => {
  expect(planDay(OPTIONS)).toEqual(day);
  expect(planDay({ ...OPTIONS, seed: 8 })).not.toEqual(day);
});

test('a day has the customers and orders that were asked for, and a deposit for every eight orders', () => {
  expect(day.customers).toHaveLength(1000);
  expect(new Set(day.customers.map(({ userId }) => userId)).size).toBe(1000);
  expect(orders).toHaveLength(10_000);
  expect(day.course).toHaveLength(10_000 + 1250);
});

test('the smallest day still has each kind of customer', () => {
  const { customers, course } = planDay({ users: 10, orders: 20, seed: 1, runId: 'r1' });
  expect(customers).toHaveLength(10);
  expect(course.filter(({ call }) => call === 'order')).toHaveLength(20);
  expect(new Set(customers.map(({ kind }: Customer) => kind))).toEqual(
    new Set(['stranger', 'poor', 'regular', 'rich', 'magnate']),
  );
});

test('a stranger opens no account and pays nothing in, everybody else opens one', () => {
  const strangers = idsOf('stranger');
  expect(strangers.size).toBe(30);
  expect(day.openings).toHaveLength(970);
  expect(day.openings.some(({ userId }) => strangers.has(userId))).toBe(false);
  const deposits = [...day.firstDeposits, ...day.course.filter(({ call }) => call === 'deposit')];
  expect(deposits.some(({ userId }) => strangers.has(userId))).toBe(false);
  expect(orders.some(({ userId }) => strangers.has(userId))).toBe(true);
});

test('who is rich pays in more than the orders of the day cost, who is poor does not', () => {
  for (const userId of idsOf('rich')) {
    const only = new Set([userId]);
    expect(sumFor(only, day.firstDeposits)).toBeGreaterThan(sumFor(only, orders));
  }
  const poor = idsOf('poor');
  const allDeposits = [...day.firstDeposits, ...day.course.filter((post) => post.call === 'deposit')];
  expect(sumFor(poor, allDeposits)).toBeLessThan(sumFor(poor, orders));
});

test('the magnate spends the largest balance there is, to the last unit', () => {
  const magnate = idsOf('magnate');
  expect(sumFor(magnate, day.firstDeposits)).toBe(MAX_MINOR_UNITS);
  expect(sumFor(magnate, orders)).toBe(MAX_MINOR_UNITS);
});

test('amounts reach from 0.01 to millions, and all are allowed', () => {
  const amounts = orders.map(({ amount }) => amount);
  expect(amounts.every((amount) => amount > 0n && amount <= MAX_MINOR_UNITS)).toBe(true);
  expect(amounts).toContain(1n);
  expect(amounts.filter((amount) => amount > 100_000_000n).length).toBeGreaterThan(50);
});

test('a few accounts take a fifth of the orders', () => {
  const counts = [...Map.groupBy(orders, ({ userId }) => userId).values()].map(({ length }) => length);
  const busiest = counts.sort((left, right) => right - left).slice(0, 5);
  expect(busiest.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(1800);
});

test('every order has a description of its own, by which it is found when its answer is lost', () => {
  expect(new Set(orders.map(({ description }) => description)).size).toBe(10_000);
});

test('an amount stands in the body as the digits that were planned', () => {
  const body = jsonBody({ call: 'order', userId: 'ann', amount: 999_999_999_999_999n, description: '"tea"' });
  expect(body).toBe(String.raw`{"userId":"ann","amount":9999999999999.99,"description":"\"tea\""}`);
  expect(jsonBody({ call: 'deposit', userId: 'ann', amount: 1n })).toBe('{"userId":"ann","amount":0.01}');
  expect(jsonBody({ call: 'open', userId: 'ann' })).toBe('{"userId":"ann"}');
});

test("a day's customers lie in its range of ids, those of another day do not", () => {
  const [from, to] = userIdRange('r1');
  const within = ({ userId }: Customer) => userId >= from && userId < to;
  expect(day.customers.every(within)).toBe(true);
  expect(['r0', 'r10', 'r2'].some((runId) => planDay({ ...OPTIONS, runId }).customers.some(within))).toBe(false);
});
