import { checkBook, parseMoney, type Accepted, type Listed } from '../../../demo/book.ts';
import { customersOf, ordersOf } from '../../../demo/customers.ts';

const customer = { userId: 'ann', deposit: 1000n };
const accepted: Accepted[] = [
  { orderId: 'a', userId: 'ann', acceptedAt: 1 },
  { orderId: 'b', userId: 'ann', acceptedAt: 2 },
];
const listed: Listed = {
  customer,
  balance: 900n,
  orders: [
    { orderId: 'a', amount: 100n, status: 'FINISHED' },
    { orderId: 'b', amount: 9000n, status: 'CANCELLED' },
  ],
};

function wrong(...args: Parameters<typeof checkBook>): string[] {
  return checkBook(...args)
    .filter(({ violations }) => violations > 0)
    .map(({ name }) => name);
}

test('a demo in which all is as promised has no complaint', () => {
  expect(wrong(2, accepted, [{ firstId: 'a', secondId: 'a' }], [listed])).toEqual([]);
});

test.each<[string, Parameters<typeof checkBook>]>([
  ['every order was accepted', [3, accepted, [], [listed]]],
  ['every accepted order is there', [3, [...accepted, { orderId: 'c', userId: 'ann', acceptedAt: 3 }], [], [listed]]],
  ['no order is there that was not asked for', [1, accepted.slice(0, 1), [], [listed]]],
  ['an order that was sent twice is one order', [2, accepted, [{ firstId: 'a', secondId: 'b' }], [listed]]],
  [
    'every order is final',
    [
      2,
      accepted,
      [],
      [{ ...listed, orders: listed.orders.map((order) => ({ ...order, status: 'NEW' })), balance: 1000n }],
    ],
  ],
  ['every balance is what was paid in less what was bought', [2, accepted, [], [{ ...listed, balance: 899n }]]],
])('what contradicts "%s" is found, alone', (name, args) => {
  expect(wrong(...args)).toEqual([name]);
});

test('amounts are read as they stand there', () => {
  expect(parseMoney('{"amount":9999999999999.99,"balance":-0.1,"limit":7}')).toMatchObject({
    amount: 999999999999999n,
    limit: 7,
  });
});

test('all customers but the last can pay for all that they order', () => {
  const customers = customersOf('r', 1000);
  const orders = ordersOf('r', customers, 1000);
  const short = customers.filter(({ userId, deposit }) => {
    const sum = orders.filter((order) => order.userId === userId).reduce((total, { amount }) => total + amount, 0n);
    return sum > deposit;
  });
  expect(short).toEqual(customers.slice(-1));
  expect(new Set(orders.map(({ key }) => key)).size).toBe(1000);
});
