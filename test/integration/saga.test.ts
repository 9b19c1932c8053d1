import type { ServiceBroker } from 'moleculer';
import pg from 'pg';
import type { Account, Order, Page } from '../../contract/outputs.ts';
import { eventTopics } from '../../events/topics.ts';
import { createKafka } from '../../kafka/client.ts';
import { eventually } from '../support/eventually.ts';
import { shopCluster, type ShopCluster } from '../support/shop-cluster.ts';
import { silentLogger } from '../support/silent-logger.ts';

let cluster: ShopCluster;
let orders: ServiceBroker;
let payments: ServiceBroker;

beforeAll(async () => {
  cluster = await shopCluster();
  [orders, payments] = await Promise.all([cluster.start('orders'), cluster.start('payments')]);
  await Promise.all([orders.waitForServices(['payments']), payments.waitForServices(['orders'])]);
});

afterAll(() => cluster.end());

const create = (userId: string, amount: string): Promise<Order> => payments.call('orders.create', { userId, amount });
const show = (orderId: string): Promise<Order> => payments.call('orders.show', { orderId });

async function open(userId: string, balance: string): Promise<void> {
  await orders.call('payments.openAccount', { userId });
  await orders.call('payments.deposit', { userId, amount: balance });
}

async function balanceOf(userId: string): Promise<string> {
  return (await orders.call<Account, { userId: string }>('payments.balance', { userId })).balance;
}

async function finalOrder(orderId: string): Promise<Order> {
  return eventually(
    async () => {
      const order = await show(orderId);
      expect(order.status).not.toBe('NEW');
      return order;
    },
    { timeoutMs: 30_000 },
  );
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Everything that a replay could change. */
async function everything(): Promise<unknown> {
  return {
    orders: await query(cluster.config.orders.url, 'SELECT * FROM orders ORDER BY order_id'),
    payments: await query(cluster.config.payments.url, 'SELECT * FROM payments ORDER BY order_id'),
    entries: await query(cluster.config.payments.url, 'SELECT * FROM ledger_entries ORDER BY user_id, version'),
    accounts: await query(cluster.config.payments.url, 'SELECT * FROM accounts ORDER BY user_id'),
    parked: [
      await query(cluster.config.orders.url, 'SELECT * FROM dead_letters'),
      await query(cluster.config.payments.url, 'SELECT * FROM dead_letters'),
    ],
  };
}

/** Sets a group of a stopped node back to the beginning of its topic. */
async function replayFromTheBeginning(groupId: string, topic: string): Promise<void> {
  const admin = createKafka(cluster.config.kafka, 'test', silentLogger).admin();
  await admin.connect();
  try {
    // The group is empty once its last member has left, and only then can it be set back.
    await eventually(() => admin.setOffsets({ groupId, topic, partitions: beginnings }), { timeoutMs: 30_000 });
  } finally {
    await admin.disconnect();
  }
}
const beginnings = Array.from({ length: 12 }, (_, partition) => ({ partition, offset: '0' }));

test('an order that the account covers becomes FINISHED and is paid once', async () => {
  await open('ann', '100.10');
  const created = await create('ann', '40.05');
  expect(created).toMatchObject({ userId: 'ann', amount: '40.05', status: 'NEW', reason: null });
  expect(await finalOrder(created.orderId)).toMatchObject({ status: 'FINISHED', reason: null, amount: '40.05' });
  expect(await balanceOf('ann')).toBe('60.05');
});

test('an order without enough money becomes CANCELLED, and stays so after a later deposit', async () => {
  await open('bob', '10');
  const { orderId } = await create('bob', '10.01');
  expect(await finalOrder(orderId)).toMatchObject({ status: 'CANCELLED', reason: 'insufficient-funds' });
  await orders.call('payments.deposit', { userId: 'bob', amount: '100' });
  expect(await balanceOf('bob')).toBe('110');
  expect(await show(orderId)).toMatchObject({ status: 'CANCELLED', reason: 'insufficient-funds' });
});

test('an order of a user without an account becomes CANCELLED and opens none', async () => {
  const { orderId } = await create('nobody', '1');
  expect(await finalOrder(orderId)).toMatchObject({ status: 'CANCELLED', reason: 'no-account' });
  await expect(balanceOf('nobody')).rejects.toMatchObject({ type: 'account-not-found', code: 404 });
});

test('pages of a list neither skip nor repeat an order', async () => {
  const created: string[] = [];
  for (let index = 0; index < 7; index++) created.push((await create('paul', '1')).orderId);
  const read: string[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<Order> = await payments.call('orders.list', {
      userId: 'paul',
      limit: 3,
      ...(cursor && { cursor }),
    });
    read.push(...page.items.map(({ orderId }) => orderId));
    cursor = page.nextCursor;
  } while (cursor !== null);
  expect(read).toEqual(created.reverse());
});

test('while payments is away orders are accepted, and they settle when it is back', async () => {
  await open('carl', '5');
  await cluster.stop(payments);
  const away: Order[] = await Promise.all(
    Array.from({ length: 7 }, () => orders.call<Order, object>('orders.create', { userId: 'carl', amount: '1' })),
  );
  expect(away.map(({ status }) => status)).toEqual(Array(7).fill('NEW'));
  payments = await cluster.start('payments');
  await payments.waitForServices(['orders']);
  const settled = await Promise.all(away.map(({ orderId }) => finalOrder(orderId)));
  expect(settled.filter(({ status }) => status === 'FINISHED')).toHaveLength(5);
  expect(settled.filter(({ reason }) => reason === 'insufficient-funds')).toHaveLength(2);
  expect(await balanceOf('carl')).toBe('0');
});

test('everything delivered again from offset 0, with and without the inbox, changes nothing', async () => {
  const before = await everything();
  const { namespace } = cluster.config;
  const topics = eventTopics(namespace);
  await cluster.stop(payments);
  await cluster.stop(orders);
  // Without inbox rows only the decision's own key stands between a replay and a second charge.
  await query(cluster.config.payments.url, 'TRUNCATE inbox');
  await replayFromTheBeginning(`${namespace}.payments.pay`, topics.orders.name);
  await replayFromTheBeginning(`${namespace}.orders.settle`, topics.payments.name);
  [orders, payments] = await Promise.all([cluster.start('orders'), cluster.start('payments')]);
  await payments.waitForServices(['orders']);
  await eventually(
    async () => {
      const [{ count } = { count: 0 }] = await query(cluster.config.payments.url, 'SELECT count(*)::int FROM inbox');
      const [orderCount] = await query(cluster.config.orders.url, 'SELECT count(*)::int FROM orders');
      expect({ count }).toEqual(orderCount);
    },
    { timeoutMs: 30_000 },
  );
  // An order that comes after all of that has passed through every stage behind it.
  for (let partition = 0; partition < 24; partition++) {
    await finalOrder((await create(`probe-${partition}`, '1')).orderId);
  }
  const after = (await everything()) as Record<string, { user_id?: string }[]>;
  const withoutProbes = Object.fromEntries(
    Object.entries(after).map(([table, rows]) => [table, rows.filter(({ user_id }) => !user_id?.startsWith('probe-'))]),
  );
  expect(withoutProbes).toEqual(before);
}, 120_000);
