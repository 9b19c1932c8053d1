import type { ServiceBroker } from 'moleculer';
import pg from 'pg';
import { uuidv7 } from 'uuidv7';
import type { Account, Order } from '../../contract/outputs.ts';
import type { Reconciled } from '../../contract/reconcile.ts';
import { eventTopics } from '../../events/topics.ts';
import { createKafka } from '../../kafka/client.ts';
import { ensureEventTopics } from '../../kafka/topics.ts';
import type { ReconcileOptions } from '../../services/orders/reconcile/reconcile-orders.ts';
import { eventually } from '../support/eventually.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { shopCluster, type ShopCluster } from '../support/shop-cluster.ts';
import { readTopic, type TopicReader } from '../support/topic-reader.ts';

/** No schedule: each test reconciles by itself. */
const BY_HAND_ONLY = { RECONCILE_AFTER_S: '0' };
const HOUR_MS = 3_600_000;

let cluster: ShopCluster;
let orders: ServiceBroker;
let payments: ServiceBroker;
let ordersTopic: TopicReader;
let paymentsTopic: TopicReader;
let ordersDb: pg.Client;
let paymentsDb: pg.Client;

beforeAll(async () => {
  cluster = await shopCluster(BY_HAND_ONLY);
  const topics = eventTopics(cluster.config.namespace);
  const admin = createKafka(cluster.config.kafka, 'test', silentLogger).admin();
  await admin.connect();
  await ensureEventTopics(admin, Object.values(topics), silentLogger);
  await admin.disconnect();
  [orders, payments] = await Promise.all([cluster.start('orders'), cluster.start('payments')]);
  await Promise.all([orders.waitForServices(['payments']), payments.waitForServices(['orders'])]);
  const brokers = cluster.config.kafka.brokers.join(',');
  [ordersTopic, paymentsTopic] = await Promise.all([
    readTopic(brokers, topics.orders.name),
    readTopic(brokers, topics.payments.name),
  ]);
  [ordersDb, paymentsDb] = [new pg.Client(cluster.config.orders.url), new pg.Client(cluster.config.payments.url)];
  await Promise.all([ordersDb.connect(), paymentsDb.connect()]);
}, 120_000);

afterAll(async () => {
  await Promise.all([ordersTopic.close(), paymentsTopic.close(), ordersDb.end(), paymentsDb.end()]);
  await cluster.end();
});

const show = (orderId: string): Promise<Order> => orders.call('orders.show', { orderId });
const reconcile = (params: object = {}): Promise<Reconciled> => payments.call('orders.reconcile', params);

/** One round, as the schedule of a node does it. */
function scheduledRound(): Promise<Reconciled> {
  const service = orders.getLocalService('orders') as unknown as {
    reconcileOnce(options: ReconcileOptions): Promise<Reconciled>;
  };
  return service.reconcileOnce({ olderThanMs: HOUR_MS, after: null, dryRun: false, byHand: false });
}

async function open(userId: string, balance: string): Promise<void> {
  await orders.call('payments.openAccount', { userId });
  await orders.call('payments.deposit', { userId, amount: balance });
}

async function balanceOf(userId: string): Promise<string> {
  return (await orders.call<Account, { userId: string }>('payments.balance', { userId })).balance;
}

async function settled(orderId: string): Promise<Order> {
  return eventually(
    async () => {
      const order = await show(orderId);
      expect(order.status).not.toBe('NEW');
      return order;
    },
    { timeoutMs: 30_000 },
  );
}

/** An order whose event is nowhere, accepted two hours ago. */
async function orderWithoutEvent(userId: string, amount: number): Promise<string> {
  const orderId = uuidv7();
  await ordersDb.query(
    `INSERT INTO orders (order_id, user_id, amount, status, version, created_at, updated_at)
     VALUES ($1, $2, $3, 'NEW', 1, date_trunc('milliseconds', now() - interval '2 hours'), now())`,
    [orderId, userId, amount],
  );
  return orderId;
}

/** As when the orders database was restored to a time between the order and its decision. */
async function forgetDecision(orderId: string): Promise<void> {
  await ordersDb.query(
    `UPDATE orders SET status = 'NEW', reason = NULL, version = 1, created_at = date_trunc('milliseconds', now() - interval '2 hours')
      WHERE order_id = $1`,
    [orderId],
  );
  await ordersDb.query('DELETE FROM inbox WHERE event_id = $1', [orderId]);
}

const recordsOf = ({ records }: TopicReader, orderId: string) =>
  records.filter(({ value }) => value.includes(orderId)).map(({ eventId, key, value }) => ({ eventId, key, value }));

test('an order whose event is nowhere gets it again, and is paid once', async () => {
  await open('ann', '10');
  const orderId = await orderWithoutEvent('ann', 400);
  expect(await reconcile({ olderThanMs: HOUR_MS })).toMatchObject({ overdue: 1, sent: 1, repeated: 0, next: null });
  expect(await settled(orderId)).toMatchObject({ status: 'FINISHED' });
  expect(await balanceOf('ann')).toBe('6');
});

test('an order that is younger than asked for, or final, is left alone', async () => {
  await open('bea', '10');
  const { orderId } = await orders.call<Order, object>('orders.create', { userId: 'bea', amount: '1' });
  await settled(orderId);
  expect(await reconcile({ olderThanMs: 0 })).toMatchObject({ overdue: 0 });
  const lost = await orderWithoutEvent('bea', 100);
  expect(await reconcile({ olderThanMs: 24 * HOUR_MS })).toMatchObject({ overdue: 0 });
  await reconcile({ olderThanMs: HOUR_MS });
  await settled(lost);
});

test('a decision that orders has lost is told again, the same event with the same bytes, and nothing is paid again', async () => {
  await open('cleo', '10');
  const ids: string[] = [];
  for (const amount of ['4', '40']) {
    ids.push((await orders.call<Order, object>('orders.create', { userId: 'cleo', amount })).orderId);
  }
  const before = await Promise.all(ids.map(settled));
  for (const orderId of ids) await forgetDecision(orderId);
  expect(await reconcile({ olderThanMs: HOUR_MS })).toMatchObject({ overdue: 2, repeated: 2, sent: 0 });
  const after = await Promise.all(ids.map(settled));
  expect(after.map(({ status, reason }) => [status, reason])).toEqual(
    before.map(({ status, reason }) => [status, reason]),
  );
  expect(await balanceOf('cleo')).toBe('6');
  for (const orderId of ids) {
    await eventually(() => {
      expect(recordsOf(paymentsTopic, orderId)).toHaveLength(2);
    });
    const [first, second] = recordsOf(paymentsTopic, orderId);
    expect(second).toEqual(first);
    expect(recordsOf(ordersTopic, orderId)).toHaveLength(1);
  }
});

test('the event of an order that comes again has the same id and the same bytes, and payments drops it', async () => {
  await open('dora', '10');
  const { orderId } = await orders.call<Order, object>('orders.create', { userId: 'dora', amount: '1' });
  await settled(orderId);
  // Restored on both sides: payments knows nothing of it any more, but for its inbox.
  await ordersDb.query(`UPDATE orders SET status = 'NEW', version = 1 WHERE order_id = $1`, [orderId]);
  await paymentsDb.query('DELETE FROM payments WHERE order_id = $1', [orderId]);
  await reconcile({ olderThanMs: 0 });
  await eventually(() => {
    expect(recordsOf(ordersTopic, orderId)).toHaveLength(2);
  });
  const [first, second] = recordsOf(ordersTopic, orderId);
  expect(second).toEqual(first);
  await ordersDb.query('DELETE FROM orders WHERE order_id = $1', [orderId]);
  expect((await paymentsDb.query('SELECT FROM dead_letters')).rowCount).toBe(0);
});

test('what is on the way or lies among the dead letters is not sent again', async () => {
  const [inOutbox, parkedThere, parkedHere] = [
    await orderWithoutEvent('eve', 1),
    await orderWithoutEvent('eve', 1),
    await orderWithoutEvent('eve', 1),
  ];
  const deadLetter = `INSERT INTO dead_letters (consumer, topic, partition, "offset", headers, kafka_time, aggregate_type, aggregate_id, reason, error, node)
    VALUES ($1, 'planted', 0, 0, '{}', now(), $2, $3, 'refused', 'planted', 'test')`;
  await ordersDb.query(
    `INSERT INTO outbox_parked (id, event_id, aggregate_type, aggregate_id, aggregate_version, partition_key, lane, type, payload, headers, created_at, bytes, reason, error)
     VALUES (1, $1::uuid, 'order', $1::text, 1, 'eve', 0, 'order.created', '{}', '{}', now(), 1, 'planted', 'planted')`,
    [inOutbox],
  );
  await paymentsDb.query(deadLetter, ['payments.pay', 'order', parkedThere]);
  await ordersDb.query(deadLetter, ['orders.settle', 'payment', parkedHere]);
  expect(await reconcile({ olderThanMs: HOUR_MS })).toMatchObject({ overdue: 3, onTheWay: 2, parked: 1, sent: 0 });
  await ordersDb.query('TRUNCATE outbox_parked, dead_letters');
  await paymentsDb.query('TRUNCATE dead_letters');
  expect(await reconcile({ olderThanMs: HOUR_MS })).toMatchObject({ overdue: 3, sent: 3 });
  await Promise.all([inOutbox, parkedThere, parkedHere].map(settled));
});

test('a dry run says what would be done, and writes nothing', async () => {
  const orderId = await orderWithoutEvent('fay', 1);
  expect(await reconcile({ olderThanMs: HOUR_MS, dryRun: true })).toMatchObject({ overdue: 1, sent: 1 });
  expect((await ordersDb.query('SELECT FROM reconciled_orders WHERE order_id = $1', [orderId])).rowCount).toBe(0);
  expect(recordsOf(ordersTopic, orderId)).toEqual([]);
  await reconcile({ olderThanMs: HOUR_MS });
  await settled(orderId);
});

test('while payments is away the schedule waits for it; an operator can send the events all the same', async () => {
  await cluster.stop(payments);
  const orderId = await orderWithoutEvent('gina', 1);
  const byHand = (): Promise<Reconciled> => orders.call('orders.reconcile', { olderThanMs: HOUR_MS, by: 'test' });
  expect(await scheduledRound()).toMatchObject({ overdue: 1, postponed: 1, sent: 0 });
  expect(await byHand()).toMatchObject({ overdue: 1, sent: 1, paymentsAway: expect.any(String) as string });
  payments = await cluster.start('payments');
  await Promise.all([orders.waitForServices(['payments']), payments.waitForServices(['orders'])]);
  await settled(orderId);
});

test('the schedule comes back to an order that nothing helped after a pause that doubles, and forgets it when it is final', async () => {
  const orderId = await orderWithoutEvent('hana', 1);
  // Nothing helps it: payments believes that it has had the event, and has no decision.
  await paymentsDb.query(
    `INSERT INTO inbox (consumer, event_id, payload_hash, topic, partition, "offset", kafka_time, received_at, node)
     VALUES ('payments.pay', $1, sha256('planted'), 'planted', 0, 0, now(), now(), 'test')`,
    [orderId],
  );
  await paymentsDb.query(
    `INSERT INTO dead_letters (consumer, topic, partition, "offset", headers, kafka_time, aggregate_type, aggregate_id, reason, error, node)
     VALUES ('payments.pay', 'planted', 0, 0, '{}', now(), 'order', $1, 'refused', 'planted', 'test')`,
    [orderId],
  );
  const [row] = await pauseAfterRound(orderId);
  expect(row).toMatchObject({ attempts: 1 });
  expect(await scheduledRound()).toMatchObject({ overdue: 0 });
  const pauses: number[] = [];
  for (let attempt = 0; attempt < 3; attempt++) {
    await ordersDb.query('UPDATE reconciled_orders SET due_at = now() WHERE order_id = $1', [orderId]);
    pauses.push((await pauseAfterRound(orderId))[0]?.pause_s ?? 0);
  }
  expect(pauses.map((pause) => Math.round(pause / FIRST_PAUSE_S))).toEqual([2, 4, 8]);
  await paymentsDb.query('TRUNCATE dead_letters');
  await paymentsDb.query('DELETE FROM inbox WHERE event_id = $1', [orderId]);
  await reconcile({ olderThanMs: HOUR_MS });
  await settled(orderId);
  await scheduledRound();
  expect((await ordersDb.query('SELECT FROM reconciled_orders')).rowCount).toBe(0);
});

const FIRST_PAUSE_S = 60;

async function pauseAfterRound(orderId: string): Promise<{ attempts: number; pause_s: number }[]> {
  await scheduledRound();
  const { rows } = await ordersDb.query<{ attempts: number; pause_s: number }>(
    'SELECT attempts, extract(epoch FROM due_at - now())::float8 AS pause_s FROM reconciled_orders WHERE order_id = $1',
    [orderId],
  );
  return rows;
}

test('by itself a node helps an order that is NEW for too long', async () => {
  const scheduled = await shopCluster({
    ...BY_HAND_ONLY,
    RECONCILE_AFTER_S: '1',
    NAMESPACE: cluster.config.namespace,
    ORDERS_DATABASE_URL: cluster.config.orders.url,
    PAYMENTS_DATABASE_URL: cluster.config.payments.url,
  });
  try {
    await scheduled.start('orders', 1);
    const orderId = await orderWithoutEvent('ida', 1);
    await settled(orderId);
  } finally {
    await scheduled.end();
  }
});
