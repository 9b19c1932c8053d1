import type { ServiceBroker } from 'moleculer';
import { Client } from 'pg';
import { uuidv7 } from 'uuidv7';
import type { Order } from '../../contract/outputs.ts';
import type { OrderStory, PaymentsStory, StoryStep } from '../../contract/story.ts';
import { encodeEnvelope } from '../../events/envelope.ts';
import { eventTopics } from '../../events/topics.ts';
import { laneOf } from '../../mixins/outbox/lanes.ts';
import type { OutboxService } from '../../mixins/outbox.mixin.ts';
import type { ReadsService } from '../../mixins/reads.mixin.ts';
import { createdEvent } from '../../services/orders/order-event.ts';
import { describeOrder } from '../../services/orders/order.ts';
import { toOrder, type OrderRow } from '../../services/orders/order.model.ts';
import { orderStory } from '../../services/orders/story/order-story.ts';
import { publish } from '../support/consuming-service.ts';
import { eventually as within } from '../support/eventually.ts';
import { shopCluster, type ShopCluster } from '../support/shop-cluster.ts';

const eventually = <T>(assertion: () => T | Promise<T>): Promise<T> => within(assertion, { timeoutMs: 40_000 });

jest.setTimeout(90_000);

let cluster: ShopCluster;
let node: ServiceBroker;
let payments: ServiceBroker;
let inOrders: Client;
let inPayments: Client;

beforeAll(async () => {
  cluster = await shopCluster();
  node = await cluster.start('orders');
  payments = await cluster.start('payments');
  [inOrders, inPayments] = [cluster.config.orders, cluster.config.payments].map(
    ({ url }) => new Client({ connectionString: url }),
  ) as [Client, Client];
  await Promise.all([inOrders.connect(), inPayments.connect(), node.waitForServices('payments')]);
  await node.call('payments.openAccount', { userId: 'ann' });
  await node.call('payments.deposit', { userId: 'ann', amount: '100.00' });
});

afterAll(async () => {
  await Promise.all([inOrders.end(), inPayments.end()]);
  await cluster.end();
});

const place = (userId: string): Promise<Order> =>
  node.call<Order, object>('orders.create', { userId, amount: '10.00', description: 'for nobody to see' });
const storyOf = (orderId: string): Promise<OrderStory> => node.call<OrderStory, object>('orders.story', { orderId });
const names = ({ steps }: OrderStory): string[] => steps.map(({ name }) => name);
const step = (story: OrderStory, name: string): StoryStep | undefined => story.steps.find((each) => each.name === name);

async function final(orderId: string): Promise<OrderStory> {
  return eventually(async () => {
    const story = await storyOf(orderId);
    expect(story.status).not.toBe('NEW');
    return story;
  });
}

/** An order that has no event: its tests say where that is. */
async function orderWithoutEvent(userId: string): Promise<Parameters<typeof createdEvent>[0]> {
  const order = { orderId: uuidv7(), userId, amount: 500n, createdAt: new Date() };
  await inOrders.query(
    `INSERT INTO orders (order_id, user_id, amount, status, version, created_at, updated_at) VALUES ($1, $2, 500, 'NEW', 1, $3, $3)`,
    [order.orderId, userId, order.createdAt],
  );
  return order;
}

async function tell(order: Parameters<typeof createdEvent>[0]): Promise<void> {
  const service = node.getLocalService('orders') as unknown as OutboxService;
  await service.sequelize.transaction((transaction) => service.addToOutbox([createdEvent(order)], { transaction }));
}

const ALL = ['accepted', 'published', 'received', 'decided', 'decision-published', 'decision-received', 'settled'];

test('a finished order: every step with its time, place and node, and the ledger entry', async () => {
  const { orderId } = await place('ann');
  const story = await final(orderId);
  expect(story).toMatchObject({ orderId, status: 'FINISHED', missing: [], deadLetters: [] });
  expect(names(story)).toEqual(ALL);
  expect(story.entries).toMatchObject([{ orderId, amount: '-10', userId: 'ann' }]);
  expect(step(story, 'published')).toMatchObject({
    event: { eventId: orderId, type: 'order.created' },
    record: {
      topic: eventTopics(cluster.config.namespace).orders.name,
      offset: expect.stringMatching(/^\d+$/) as string,
    },
    tookMs: expect.any(Number) as number,
  });
  expect(step(story, 'received')).toMatchObject({ service: 'payments', node: 'payments-0', duplicates: 0 });
  expect(step(story, 'decided')).toMatchObject({ attempts: 1, duplicates: 0, node: 'payments-0' });
  expect(step(story, 'settled')).toMatchObject({ attempts: 1, node: 'orders-0', service: 'orders' });
  expect(step(story, 'decision-published')?.event?.type).toBe('payment.completed');
  const times = story.steps.map(({ at }) => at);
  expect(times).toEqual([...times].sort());
  expect(JSON.stringify(story)).not.toContain('for nobody to see');
});

test('a cancelled order says why, and has no ledger entry', async () => {
  const story = await final((await place('nobody')).orderId);
  expect(names(story)).toEqual(ALL);
  expect(story).toMatchObject({ status: 'CANCELLED', entries: [] });
  expect(step(story, 'decided')?.title).toContain('no-account');
  expect(step(story, 'settled')?.title).toContain('CANCELLED (no-account)');
});

test('an event that was delivered again is counted, and changes nothing else', async () => {
  const order = await place('ann');
  const before = await final(order.orderId);
  const event = { ...order, amount: 1000n, createdAt: new Date(order.createdAt) };
  await tell(event);
  await tell(event);
  const after = await eventually(async () => {
    const story = await storyOf(order.orderId);
    expect(step(story, 'received')?.duplicates).toBe(2);
    return story;
  });
  expect(names(after)).toEqual(names(before));
  expect(after.entries).toEqual(before.entries);
  expect(step(after, 'decided')).toEqual({ ...step(before, 'decided'), duplicates: 2 });
});

test('a dead letter is where the order is; once it is discarded, so is the order, by whom and why', async () => {
  const order = await orderWithoutEvent('bob');
  const topic = eventTopics(cluster.config.namespace).orders;
  const poison = encodeEnvelope({
    eventId: uuidv7(),
    source: '/orders',
    type: 'order.created',
    dataschema: 'order.created/1',
    time: new Date().toISOString(),
    aggregateType: 'order',
    aggregateId: order.orderId,
    aggregateVersion: 1,
    traceparent: null,
    partitionKey: 'bob',
    payload: '{}',
  });
  await publish(topic, [poison]);
  await eventually(async () => {
    expect((await inPayments.query('SELECT FROM dead_letters')).rowCount).toBe(1);
  });
  await tell(order);
  const story = await eventually(async () => {
    const told = await storyOf(order.orderId);
    expect(names(told)).toEqual(['accepted', 'dead-letter']);
    return told;
  });
  expect(story.status).toBe('NEW');
  expect(story.deadLetters).toMatchObject([
    { state: 'open', consumer: 'payments.pay', error: expect.stringMatching(/^follows: /) as string },
  ]);
  await node.call('payments.deadLetters.discard', { all: true, by: 'ann', why: 'a trial', dryRun: false });
  const discarded = await storyOf(order.orderId);
  expect(names(discarded)).toEqual(['accepted', 'published', 'received', 'discarded']);
  expect(discarded.steps.at(-1)?.detail).toMatch(/by ann: a trial/);
});

test('an event that Kafka refused is parked, with the reason', async () => {
  const order = await orderWithoutEvent('carol');
  await inOrders.query(
    `INSERT INTO outbox_parked (id, event_id, aggregate_type, aggregate_id, aggregate_version, partition_key, lane, type, payload, headers, created_at, bytes, reason, error)
     VALUES (1, $1::uuid, 'order', $1::uuid::text, 1, 'carol', $2, 'order.created', '{}', '{}', now(), 1, 'refused', 'MESSAGE_TOO_LARGE')`,
    [order.orderId, laneOf('carol', 16)],
  );
  const story = await storyOf(order.orderId);
  expect(names(story)).toEqual(['accepted', 'parked']);
  expect(story.steps.at(-1)?.detail).toBe('refused: MESSAGE_TOO_LARGE');
});

test('an event that has left the outbox and has not arrived is in the topic', async () => {
  const order = await orderWithoutEvent('dave');
  expect(names(await storyOf(order.orderId))).toEqual(['accepted', 'in-topic']);
});

test('an order that goes on while its story is read is told as of one moment, with no step unknown', async () => {
  const order = await orderWithoutEvent('ann');
  const { sequelize, model } = node.getLocalService('orders') as unknown as ReadsService<OrderRow> & OutboxService;
  const story = await orderStory(order.orderId, {
    sequelize,
    readOrder: async (transaction) => {
      const row = await model.findByPk(order.orderId, { transaction });
      return row === null ? null : describeOrder(toOrder(row));
    },
    findWaiting: () => Promise.resolve(null),
    askPayments: async () => {
      await tell(order);
      await final(order.orderId);
      return node.call<PaymentsStory, object>('payments.story', { orderId: order.orderId });
    },
  });
  expect(story.status).toBe('NEW');
  expect(names(story)).toEqual(['accepted', 'published', 'received', 'decided', 'in-topic']);
  expect(step(story, 'decided')).toMatchObject({ attempts: 1, node: 'payments-0' });
  expect(names(await storyOf(order.orderId))).toEqual(ALL);
});

test('an event that waits for its turn is in the outbox: its lane, since when, and for how long', async () => {
  const order = await orderWithoutEvent('erin');
  const lane = laneOf('erin', 16);
  const held = await inOrders.query<{ pid: number; space: number }>(
    `SELECT pid, classid::int AS space FROM pg_locks JOIN pg_database ON pg_database.oid = database AND datname = current_database()
      WHERE locktype = 'advisory' AND objsubid = 2 AND granted AND objid = $1`,
    [lane],
  );
  const { pid, space } = held.rows[0] ?? { pid: 0, space: 0 };
  // Nobody relays a lane that somebody else holds; who waits for it comes before who tries.
  const taken = inOrders.query('SELECT pg_advisory_lock($1, $2)', [space, lane]);
  await inPayments.query('SELECT pg_terminate_backend($1)', [pid]);
  await taken;
  await tell(order);
  const story = await storyOf(order.orderId);
  expect(names(story)).toEqual(['accepted', 'waits-in-outbox']);
  expect(story.steps.at(-1)).toMatchObject({
    title: `Waits in the outbox of orders, lane ${lane}.`,
    service: 'orders',
    at: expect.stringMatching(/Z$/) as string,
    tookMs: expect.any(Number) as number,
  });
  await inOrders.query('SELECT pg_advisory_unlock($1, $2)', [space, lane]);
  expect((await final(order.orderId)).status).toBe('CANCELLED');
});

test('rows from before attempts were counted, and rows that are gone, are not made up for', async () => {
  const { orderId } = await place('ann');
  await final(orderId);
  await inPayments.query('UPDATE inbox SET attempts = NULL, duplicates = NULL WHERE event_id = $1', [orderId]);
  await inOrders.query('DELETE FROM inbox WHERE event_id = $1', [orderId]);
  const story = await storyOf(orderId);
  expect(names(story)).toEqual(ALL);
  expect(step(story, 'decided')).toMatchObject({
    attempts: null,
    detail: expect.stringContaining('not known') as string,
  });
  expect(step(story, 'decision-published')).toMatchObject({ at: null, record: null, tookMs: null });
  expect(step(story, 'settled')).toMatchObject({ at: story.order?.updatedAt, attempts: null });
  await inPayments.query('DELETE FROM inbox WHERE event_id = $1', [orderId]);
  expect(step(await storyOf(orderId), 'published')).toMatchObject({
    at: null,
    detail: expect.stringContaining('no inbox row') as string,
  });
});

test('an id that nobody knows is not found; one that only payments knows is told as far as that goes', async () => {
  await expect(storyOf(uuidv7())).rejects.toMatchObject({ type: expect.stringMatching(/order-not-found/) as string });
  const { orderId } = await place('ann');
  await final(orderId);
  await inOrders.query('DELETE FROM inbox WHERE event_id = $1', [orderId]);
  await inOrders.query('DELETE FROM orders WHERE order_id = $1', [orderId]);
  const story = await storyOf(orderId);
  expect(story).toMatchObject({ status: 'unknown', order: null });
  expect(story.entries).toHaveLength(1);
  expect(names(story).slice(0, 3)).toEqual(['published', 'received', 'decided']);
  expect(story.missing).toEqual([expect.stringContaining('Orders has no row') as string]);
});

test('while payments is away its steps are missing, and that is said', async () => {
  await cluster.stop(payments);
  const { orderId } = await place('ann');
  await eventually(async () => {
    const story = await storyOf(orderId);
    expect(names(story)).toEqual(['accepted', 'waits-for-payment']);
    expect(story.missing).toEqual([expect.stringMatching(/^Payments did not answer/) as string]);
  });
});
