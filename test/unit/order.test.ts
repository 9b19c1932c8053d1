import { placeOrder, settleOrder, type Order, type PaymentOutcome } from '../../services/orders/order.ts';

const CREATED = new Date('2026-01-02T03:04:05.006Z');
const DECIDED = new Date('2026-01-02T03:04:06.007Z');
const placed = placeOrder({ orderId: 'o1', userId: 'ann', amount: 40n, description: null }, CREATED);
const completed: PaymentOutcome = { orderId: 'o1', amount: 40n, kind: 'completed' };
const rejected: PaymentOutcome = { orderId: 'o1', amount: 40n, kind: 'rejected', reason: 'insufficient-funds' };

function settled(order: Order, outcome: PaymentOutcome): Order {
  const settlement = settleOrder(order, outcome, DECIDED);
  if (settlement.kind !== 'changed') throw new Error(settlement.kind);
  return settlement.order;
}

test('an order begins as NEW in version 1', () => {
  expect(placed).toMatchObject({ status: 'NEW', reason: null, version: 1, createdAt: CREATED, updatedAt: CREATED });
});

test('a completed payment finishes it', () => {
  expect(settled(placed, completed)).toMatchObject({
    status: 'FINISHED',
    reason: null,
    version: 2,
    updatedAt: DECIDED,
  });
});

test('a rejected payment cancels it with the reason', () => {
  expect(settled(placed, rejected)).toMatchObject({ status: 'CANCELLED', reason: 'insufficient-funds', version: 2 });
});

test('the same outcome again changes nothing', () => {
  expect(settleOrder(settled(placed, completed), completed, DECIDED)).toEqual({ kind: 'unchanged' });
  expect(settleOrder(settled(placed, rejected), rejected, DECIDED)).toEqual({ kind: 'unchanged' });
});

test('a final order takes no other outcome', () => {
  expect(settleOrder(settled(placed, completed), rejected, DECIDED).kind).toBe('contradiction');
  expect(settleOrder(settled(placed, rejected), completed, DECIDED).kind).toBe('contradiction');
});

test('a payment over another amount, or of no order, is a contradiction', () => {
  expect(settleOrder(placed, { ...completed, amount: 41n }, DECIDED).kind).toBe('contradiction');
  expect(settleOrder(undefined, completed, DECIDED).kind).toBe('contradiction');
});
