import { ORDERS_SETTLED, orderStatusesInput, type OrdersSettled } from '../../../contract/order-changes.ts';
import { announceSettled } from '../../../services/orders/announce-settled.ts';
import { placeOrder, type Order } from '../../../services/orders/order.ts';

const ID = '0193b5a0-7c1e-7a2b-8c3d-4e5f60718293';

function cancelled(count: number): Order[] {
  const now = new Date(0);
  const order = placeOrder({ orderId: ID, userId: 'u'.repeat(64), amount: 1n, description: 'd'.repeat(1000) }, now);
  return Array<Order>(count).fill({
    ...order,
    status: 'CANCELLED',
    reason: 'insufficient-funds',
    version: Number.MAX_SAFE_INTEGER,
  });
}

function announced(orders: Order[]): { event: string; payload: OrdersSettled }[] {
  const broadcasts: { event: string; payload: OrdersSettled }[] = [];
  announceSettled(orders, (event, payload) => broadcasts.push({ event, payload }));
  return broadcasts;
}

test('a batch is one broadcast, of what changed', () => {
  const [order] = cancelled(1);
  expect(announced(cancelled(1000))).toEqual([
    {
      event: ORDERS_SETTLED,
      payload: {
        orders: Array(1000).fill({
          orderId: ID,
          status: 'CANCELLED',
          reason: 'insufficient-funds',
          version: Number.MAX_SAFE_INTEGER,
          updatedAt: order?.updatedAt.toISOString(),
        }) as unknown[],
      },
    },
  ]);
});

test('a batch that changed nothing is not broadcast', () => {
  expect(announced([])).toEqual([]);
});

test('no broadcast is larger than a call may be', () => {
  const broadcasts = announced(cancelled(10_000));
  expect(broadcasts.map(({ payload }) => payload.orders.length)).toEqual([4000, 4000, 2000]);
  for (const { payload } of broadcasts) expect(JSON.stringify(payload).length).toBeLessThan(900_000 - 10_000);
});

test('a question about statuses names at most 1000 orders, by their ids', () => {
  const { parse } = orderStatusesInput;
  expect(parse({ orderIds: [ID.toUpperCase()] })).toEqual({ orderIds: [ID] });
  expect(parse({ orderIds: Array<string>(1000).fill(ID) }).orderIds).toHaveLength(1000);
  const refused: unknown[] = [Array<string>(1001).fill(ID), ID, undefined, [ID, 'x'], ["'; DROP TABLE orders"]];
  for (const orderIds of refused) expect(() => parse({ orderIds })).toThrow('correct /orderIds');
  expect(() => parse(null)).toThrow('correct /orderIds');
});
