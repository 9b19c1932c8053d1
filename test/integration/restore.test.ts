import { randomBytes } from 'node:crypto';
import type { ServiceBroker } from 'moleculer';
import pg from 'pg';
import { runAudit, type AuditViolation } from '../../audit/run-audit.ts';
import type { Account, Order } from '../../contract/outputs.ts';
import type { Reconciled } from '../../contract/reconcile.ts';
import type { ReplayState } from '../../contract/replay.ts';
import { eventTopics } from '../../events/topics.ts';
import { createKafka } from '../../kafka/client.ts';
import { eventually } from '../support/eventually.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { shopCluster, type ShopCluster } from '../support/shop-cluster.ts';

/** The steps of docs/restore.md. The schedule is off: it would do some of them by itself. */

let cluster: ShopCluster;
let restoring: ShopCluster;
let orders: ServiceBroker;
let payments: ServiceBroker;

beforeEach(async () => {
  cluster = await shopCluster({ RECONCILE_AFTER_S: '0' });
  restoring = await shopCluster({
    CONSUMERS: 'off',
    NAMESPACE: cluster.config.namespace,
    ORDERS_DATABASE_URL: cluster.config.orders.url,
    PAYMENTS_DATABASE_URL: cluster.config.payments.url,
  });
  await startBoth();
}, 60_000);

afterEach(async () => {
  await restoring.end();
  await cluster.end();
}, 60_000);

async function startBoth(): Promise<void> {
  [orders, payments] = await Promise.all([cluster.start('orders'), cluster.start('payments')]);
  await Promise.all([orders.waitForServices(['payments']), payments.waitForServices(['orders'])]);
}

async function stopBoth(): Promise<void> {
  await Promise.all([cluster.stop(orders), cluster.stop(payments)]);
}

async function asSuperuser(url: string, statements: (name: string) => string[]): Promise<void> {
  const server = new URL(url);
  const name = server.pathname.slice(1);
  server.pathname = '/postgres';
  const client = new pg.Client({ connectionString: server.href });
  await client.connect();
  try {
    for (const statement of statements(name)) await client.query(statement);
  } finally {
    await client.end();
  }
}

/** A copy of a database as it is now. @returns puts it back in the place of what the database is then */
async function backUp(url: string): Promise<() => Promise<void>> {
  const copy = `backup_${randomBytes(6).toString('hex')}`;
  await asSuperuser(url, (name) => [`CREATE DATABASE ${copy} TEMPLATE ${name}`]);
  return () =>
    asSuperuser(url, (name) => [
      `DROP DATABASE ${name} WITH (FORCE)`,
      `CREATE DATABASE ${name} TEMPLATE ${copy}`,
      `DROP DATABASE ${copy}`,
    ]);
}

async function rows(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

const statusOf = async (orderId: string): Promise<unknown> => {
  const { status, reason, amount, userId, createdAt } = await payments.call<Order, object>('orders.show', { orderId });
  return { orderId, status, reason, amount, userId, createdAt };
};

async function finalStatus(orderId: string): Promise<unknown> {
  return eventually(
    async () => {
      const order = await statusOf(orderId);
      expect(order).not.toMatchObject({ status: 'NEW' });
      return order;
    },
    { timeoutMs: 30_000 },
  );
}

async function place(userId: string, amount: string): Promise<string> {
  return (await payments.call<Order, object>('orders.create', { userId, amount, description: 'a pen' })).orderId;
}

async function open(userId: string): Promise<void> {
  await orders.call('payments.openAccount', { userId });
}

async function deposit(through: ServiceBroker, userId: string, amount: string): Promise<void> {
  await through.call('payments.deposit', { userId, amount });
}

async function balanceOf(userId: string): Promise<string> {
  return (await orders.call<Account, object>('payments.balance', { userId })).balance;
}

async function replay(broker: ServiceBroker, consumer: string, from?: string): Promise<ReplayState> {
  const [service] = consumer.split('.');
  const request = { consumer, by: 'test', why: 'a restore', ...(from !== undefined && { from }) };
  const { replayId } = await broker.call<ReplayState, object>(`${service}.replay`, request);
  return eventually(
    async () => {
      const state = await broker.call<ReplayState, object>(`${service}.replay.show`, { replayId });
      expect(state.state).toBe('done');
      return state;
    },
    { timeoutMs: 30_000 },
  );
}

async function reconcileAll(): Promise<Reconciled> {
  return payments.call('orders.reconcile', { olderThanMs: 0, by: 'test', why: 'a restore' });
}

async function violations(): Promise<readonly AuditViolation[]> {
  const { config } = cluster;
  const report = await runAudit({
    ordersUrl: config.orders.url,
    paymentsUrl: config.payments.url,
    kafka: config.kafka,
    namespace: config.namespace,
  });
  return report.violations;
}

test('orders restored to an older point than the topics: every order comes back, as it was decided', async () => {
  await open('ann');
  await deposit(orders, 'ann', '100');
  const early = await place('ann', '10');
  await finalStatus(early);
  await stopBoth();
  const restore = await backUp(cluster.config.orders.url);
  const point = new Date(Date.now() - 1000).toISOString();
  await startBoth();
  const late = [await place('ann', '20'), await place('ann', '500'), await place('nobody', '1')];
  const before = await Promise.all([early, ...late].map(finalStatus));
  await stopBoth();
  await restore();

  const restorer = await restoring.start('orders');
  expect((await replay(restorer, 'orders.restore')).counts).toMatchObject({ fresh: 4, parked: 0 });
  await restoring.stop(restorer);
  await startBoth();
  expect((await replay(orders, 'orders.settle', point)).counts).toMatchObject({ parked: 0 });
  expect(await Promise.all([early, ...late].map(finalStatus))).toEqual(before);
  expect(await balanceOf('ann')).toBe('70');
  expect(await reconcileAll()).toMatchObject({ overdue: 0 });
  expect(await violations()).toEqual([]);
}, 120_000);

test('the same by reconciling alone, where the decisions are gone from the topic', async () => {
  await open('bob');
  await deposit(orders, 'bob', '100');
  await stopBoth();
  const restore = await backUp(cluster.config.orders.url);
  await startBoth();
  const late = [await place('bob', '20'), await place('bob', '500')];
  const before = await Promise.all(late.map(finalStatus));
  await stopBoth();
  await restore();
  const restorer = await restoring.start('orders');
  await replay(restorer, 'orders.restore');
  await restoring.stop(restorer);
  await startBoth();
  expect(await reconcileAll()).toMatchObject({ overdue: 2, repeated: 2, sent: 0 });
  expect(await Promise.all(late.map(finalStatus))).toEqual(before);
  expect(await balanceOf('bob')).toBe('80');
  expect(await violations()).toEqual([]);
}, 120_000);

test('payments restored to an older point than the topics: what orders shows as final wins', async () => {
  for (const user of ['ann', 'bob']) await open(user);
  await deposit(orders, 'ann', '100');
  await deposit(orders, 'bob', '5');
  await stopBoth();
  const restore = await backUp(cluster.config.payments.url);
  await startBoth();
  await open('cleo');
  await deposit(orders, 'bob', '50');
  await deposit(orders, 'cleo', '9');
  const placed = [
    await place('ann', '30'),
    await place('bob', '40'),
    await place('cleo', '9'),
    await place('ann', '500'),
  ];
  const before = await Promise.all(placed.map(finalStatus));
  await stopBoth();
  await restore();

  // Without its consumer: it would decide what comes on balances that are too high.
  const restorer = await restoring.start('payments');
  expect((await replay(restorer, 'payments.restore')).counts).toMatchObject({ fresh: 2, parked: 2 });
  const letters = await rows(cluster.config.payments.url, 'SELECT error FROM dead_letters ORDER BY error');
  expect(letters.map(({ error }) => error)).toEqual([
    expect.stringMatching(/^bob paid 40 .* has 5 here: book the lost deposits/),
    expect.stringMatching(/^cleo paid 9 .* no account here: open it/),
  ]);
  await restorer.call('payments.openAccount', { userId: 'cleo' });
  await deposit(restorer, 'bob', '50');
  await deposit(restorer, 'cleo', '9');
  await rows(cluster.config.payments.url, `DELETE FROM dead_letters WHERE consumer = 'payments.restore'`);
  expect((await replay(restorer, 'payments.restore')).counts).toMatchObject({ fresh: 2, duplicates: 2, parked: 0 });
  await restoring.stop(restorer);
  await startBoth();
  expect((await replay(payments, 'payments.pay')).counts).toMatchObject({ parked: 0 });
  await reconcileAll();
  expect(await Promise.all(placed.map(finalStatus))).toEqual(before);
  expect(await Promise.all(['ann', 'bob', 'cleo'].map(balanceOf))).toEqual(['70', '15', '0']);
  expect(await violations()).toEqual([]);
}, 120_000);

test('topics that are lost: orders that waited get their events again, and nothing is paid twice', async () => {
  await open('ann');
  await deposit(orders, 'ann', '100');
  const early = await place('ann', '10');
  const before = await finalStatus(early);
  await cluster.stop(payments);
  const { orderId: waiting } = await orders.call<Order, object>('orders.create', { userId: 'ann', amount: '20' });
  // It is in the topic before the topic goes.
  await eventually(async () => {
    expect(await rows(cluster.config.orders.url, 'SELECT FROM outbox')).toEqual([]);
  });
  await cluster.stop(orders);
  const topics = Object.values(eventTopics(cluster.config.namespace)).map(({ name }) => name);
  const admin = createKafka(cluster.config.kafka, 'test', silentLogger).admin();
  await admin.connect();
  await admin.deleteTopics({ topics });
  await eventually(async () => {
    expect(await admin.listTopics()).not.toEqual(expect.arrayContaining(topics));
  });
  await admin.disconnect();

  await startBoth();
  expect(await reconcileAll()).toMatchObject({ overdue: 1, sent: 1 });
  expect(await finalStatus(waiting)).toMatchObject({ status: 'FINISHED' });
  expect(await statusOf(early)).toEqual(before);
  expect(await balanceOf('ann')).toBe('70');
  expect(await violations()).toEqual([]);
}, 120_000);
