import { uuidv7 } from 'uuidv7';
import { placeOrder, type Order } from '../../services/orders/order.ts';
import { committed, untilWaiting } from './support/database-stage.ts';
import { DATABASES, stageOf } from './support/databases.ts';

const CREATED = new Date('2026-01-01T00:00:00.000Z');
const SETTLED = new Date('2026-01-02T00:00:00.000Z');

function newOrder(orderId = uuidv7()): Order {
  return placeOrder({ orderId, userId: 'ann', amount: 5n, description: 'one' }, CREATED);
}

function finished(order: Order): Order {
  return { ...order, status: 'FINISHED', version: order.version + 1, updatedAt: SETTLED };
}

describe.each(DATABASES)('orders in $name', ({ open }) => {
  const stage = stageOf(open);

  async function insert(...orders: Order[]): Promise<Set<string>> {
    return committed(stage(), (transaction) => stage().orders(transaction).insertOrders(orders));
  }

  async function read(...orders: Order[]): Promise<Order[]> {
    const ids = orders.map(({ orderId }) => orderId);
    const found = await committed(stage(), (transaction) => stage().orders(transaction).lockOrders(ids));
    return ids.flatMap((id) => found.get(id) ?? []);
  }

  test('an order that is there is left as it is, and only what was not there counts as inserted', async () => {
    const [there, fresh] = [newOrder(), newOrder()];
    expect(await insert(there)).toEqual(new Set([there.orderId]));
    const inserted = await insert({ ...there, amount: 6n }, fresh, { ...fresh, amount: 7n });
    expect(inserted).toEqual(new Set([fresh.orderId]));
    expect(await read(there, fresh, newOrder())).toEqual([there, fresh]);
  });

  test.each([
    { end: 'commits', count: 0 },
    { end: 'rolls back', count: 1 },
  ] as const)('an insert waits for an open one of the same id, which $end, and inserts $count', async (after) => {
    const order = newOrder();
    const first = await stage().begin();
    const second = await stage().begin();
    await stage().orders(first).insertOrders([order]);
    const again = stage().orders(second).insertOrders([order]);
    await untilWaiting(stage());
    await (after.end === 'commits' ? first.commit() : first.rollback());
    expect((await again).size).toBe(after.count);
    await second.commit();
    expect(await read(order)).toEqual([order]);
  });

  test('what is not committed is seen by its own transaction, and by no other', async () => {
    const order = newOrder();
    const first = await stage().begin();
    await stage().orders(first).insertOrders([order]);
    expect((await stage().orders(first).lockOrders([order.orderId])).size).toBe(1);
    expect(await read(order)).toEqual([]);
  });

  test('a lock on an order waits for the transaction that has it, and then reads what that committed', async () => {
    const [one, two] = [newOrder(), newOrder()];
    await insert(one, two);
    const first = await stage().begin();
    const second = await stage().begin();
    await stage().orders(first).lockOrders([two.orderId]);
    const locked = stage().orders(second).lockOrders([two.orderId, one.orderId]);
    await untilWaiting(stage());
    expect(
      await stage()
        .orders(first)
        .updateSettled([finished(two)]),
    ).toBe(1);
    await first.commit();
    expect(await locked).toEqual(
      new Map([
        [one.orderId, one],
        [two.orderId, finished(two)],
      ]),
    );
  });

  test('batches that name the same orders in crossing orders wait for each other and do not deadlock', async () => {
    const [one, two, three] = [newOrder(), newOrder(), newOrder()];
    await insert(one, two, three);
    const first = await stage().begin();
    const others = [await stage().begin(), await stage().begin()];
    await stage().orders(first).lockOrders([two.orderId]);
    const crossing = others.map(async (transaction, index) => {
      const ids = [one, two, three].map(({ orderId }) => orderId);
      await stage()
        .orders(transaction)
        .lockOrders(index === 0 ? ids : ids.reverse());
      await transaction.commit();
    });
    await untilWaiting(stage(), 2);
    await first.commit();
    await Promise.all(crossing);
  });

  test('only an order that is NEW and at the version before is settled, and they are counted', async () => {
    const [open_, final, older] = [newOrder(), newOrder(), newOrder()];
    await insert(open_, final, older);
    const settle = (...orders: Order[]): Promise<number> =>
      committed(stage(), (transaction) => stage().orders(transaction).updateSettled(orders));
    expect(await settle(finished(final))).toBe(1);
    const cancelled: Order = { ...final, status: 'CANCELLED', reason: 'no-account', version: 3, updatedAt: SETTLED };
    const tooFar = { ...finished(older), version: 3 };
    expect(await settle(finished(open_), cancelled, tooFar, finished(newOrder()))).toBe(1);
    expect(await read(open_, final, older)).toEqual([finished(open_), finished(final), older]);
  });

  test('settling waits for whoever settles the same order, and does nothing when that has committed', async () => {
    const order = newOrder();
    await insert(order);
    const first = await stage().begin();
    const second = await stage().begin();
    expect(
      await stage()
        .orders(first)
        .updateSettled([finished(order)]),
    ).toBe(1);
    const again = stage()
      .orders(second)
      .updateSettled([finished(order)]);
    await untilWaiting(stage());
    await first.commit();
    expect(await again).toBe(0);
  });

  test('settling waits for no order that it does not touch', async () => {
    const [order, missing] = [newOrder(), newOrder()];
    await insert(order);
    await committed(stage(), (transaction) =>
      stage()
        .orders(transaction)
        .updateSettled([finished(order)]),
    );
    const first = await stage().begin();
    const second = await stage().begin();
    await stage().orders(first).lockOrders([order.orderId]);
    expect(
      await stage()
        .orders(second)
        .updateSettled([finished(order), finished(missing)]),
    ).toBe(0);
    expect((await stage().orders(first).insertOrders([missing])).size).toBe(1);
  });
});
