import type { Service, ServiceBroker } from 'moleculer';
import pg from 'pg';
import { uuidv7 } from 'uuidv7';
import { ORDERS_SETTLED, type OrdersSettled } from '../../contract/order-changes.ts';
import type { Order } from '../../contract/outputs.ts';
import { encodeEnvelope } from '../../events/envelope.ts';
import { paymentCompleted } from '../../events/payment-decided.ts';
import { eventTopics } from '../../events/topics.ts';
import type { ConsumingService } from '../../mixins/idempotent-consumer.mixin.ts';
import type { LiveOrdersService } from '../../mixins/live-orders.mixin.ts';
import type { RestService } from '../../mixins/rest.mixin.ts';
import { publish } from '../support/consuming-service.ts';
import { openStream, type EventStream } from '../support/event-stream.ts';
import { eventually as within } from '../support/eventually.ts';
import { post, send } from '../support/http-client.ts';
import { shopCluster, type ShopCluster } from '../support/shop-cluster.ts';

/** A loaded machine is slow to join a group; nothing here is about how fast that is. */
const eventually = <T>(assertion: () => T | Promise<T>): Promise<T> => within(assertion, { timeoutMs: 40_000 });

jest.setTimeout(120_000);

const MANY = 1000;

let cluster: ShopCluster;
let api: ServiceBroker;
let orders: ServiceBroker;
let payments: ServiceBroker;
/** Every broadcast that a node which is no door of orders gets. */
const broadcasts: OrdersSettled[] = [];

type Door = RestService & LiveOrdersService;
const doorOf = (broker: ServiceBroker, name: string): Door => broker.getLocalService(name) as unknown as Door;
const portOf = (broker: ServiceBroker, name = 'api'): number => doorOf(broker, name).listener.port;
const openStreams = (broker: ServiceBroker): number => doorOf(broker, 'api').liveOrders.openStreams;
const settleStats = () => (orders.getLocalService('orders') as unknown as ConsumingService).consumerStats()['settle'];

async function startPayments(): Promise<ServiceBroker> {
  const broker = await cluster.start('payments');
  broker.createService({
    name: 'listener',
    events: {
      [ORDERS_SETTLED](ctx: { params: OrdersSettled }) {
        broadcasts.push(ctx.params);
      },
    },
  } as unknown as Service['schema']);
  await Promise.all([broker.waitForServices(['orders']), api.waitForServices(['payments'])]);
  // Events go to those whose service list has arrived.
  await eventually(() => {
    const names = orders.registry.events.getAllEndpoints(ORDERS_SETTLED).map(({ id }: { id: string }) => id);
    expect(names).toEqual(expect.arrayContaining([api.nodeID, broker.nodeID]));
  });
  return broker;
}

async function query(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: cluster.config.orders.url });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}

/** Holds every account, so that payments decides nothing until the test has seen what it wants to see before. */
async function holdAccounts(): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: cluster.config.payments.url });
  await client.connect();
  await client.query('BEGIN');
  await client.query('SELECT 1 FROM accounts ORDER BY user_id FOR UPDATE');
  return () => client.end();
}

async function create(userId: string, amount = 1): Promise<string> {
  const { status, json } = await post(portOf(api), '/api/orders', { userId, amount, description: 'tea ☕' });
  expect(status).toBe(201);
  return String(json?.orderId);
}

const watch = (orderId: string, port = portOf(api)): Promise<EventStream> =>
  openStream(port, `/api/orders/${orderId}/events`);
const told = (stream: EventStream): unknown[] => stream.messages().map(({ data }) => data.status);

/** What one broadcast after the other said of these orders. */
const announced = (orderIds: readonly string[]): string[] =>
  broadcasts
    .flatMap(({ orders: changes }) => changes.map(({ orderId }) => orderId))
    .filter((id) => orderIds.includes(id));

beforeAll(async () => {
  cluster = await shopCluster();
  [api, orders] = await Promise.all([cluster.start('api'), cluster.start('orders')]);
  payments = await startPayments();
  await api.call('payments.openAccount', { userId: 'ann' });
  await api.call('payments.openAccount', { userId: 'poor' });
  await api.call('payments.deposit', { userId: 'ann', amount: '100000' });
});

afterAll(() => cluster.end());

beforeEach(() => {
  broadcasts.length = 0;
});

afterEach(() => {
  jest.restoreAllMocks();
});

describe('while payments is away', () => {
  const waiting: string[] = [];

  beforeAll(async () => {
    await cluster.stop(payments);
    for (let index = 0; index < MANY; index += 50) {
      waiting.push(...(await Promise.all(Array.from({ length: 50 }, () => create('ann', 0.01)))));
    }
  }, 120_000);

  test('a gateway that stops ends a thousand open streams, and stops', async () => {
    const gateway = await cluster.start('api', 1);
    await gateway.waitForServices(['orders']);
    const streams = await Promise.all(waiting.map((orderId) => watch(orderId, portOf(gateway))));
    expect(openStreams(gateway)).toBe(MANY);
    await cluster.stop(gateway);
    await Promise.all(streams.map(({ ended }) => ended));
    expect(streams.filter((stream) => told(stream).join() !== 'NEW')).toEqual([]);
  });

  test('a thousand streams of one gateway wait, and each gets its change and its end when payments is back', async () => {
    const streams = await Promise.all(waiting.map((orderId) => watch(orderId)));
    expect(openStreams(api)).toBe(MANY);
    const before = settleStats()?.batches ?? 0;
    payments = await startPayments();
    await Promise.all(streams.map(({ ended }) => ended));
    expect(streams.filter((stream) => told(stream).join() !== 'NEW,FINISHED')).toEqual([]);
    expect(openStreams(api)).toBe(0);
    const batches = (settleStats()?.batches ?? 0) - before;
    await eventually(() => {
      expect(announced(waiting)).toHaveLength(MANY);
    });
    expect(new Set(announced(waiting)).size).toBe(MANY);
    expect(broadcasts).toHaveLength(batches);
    expect(batches).toBeLessThan(MANY / 2);
  });
});

test('an order is seen FINISHED, another CANCELLED with its reason, at the gateway and at the orders service', async () => {
  const release = await holdAccounts();
  const [paid, unpaid] = [await create('ann', 40.05), await create('poor')];
  const ports = [portOf(api), portOf(orders, 'orders')];
  const streams = await Promise.all(ports.map((port) => watch(paid, port)));
  const others = await Promise.all(ports.map((port) => watch(unpaid, port)));
  await release();
  await Promise.all([...streams, ...others].map(({ ended }) => ended));
  const { json, text } = await send(portOf(api), `/api/orders/${paid}`);
  expect(json).toMatchObject({ status: 'FINISHED', amount: 40.05, description: 'tea ☕' });
  for (const stream of streams) {
    expect(told(stream)).toEqual(['NEW', 'FINISHED']);
    expect(stream.text()).toMatch(/^retry: 2000\n\nid: 1\n/);
    expect(stream.text().endsWith(`\n\nid: 2\nevent: status\ndata: ${text}\n\n`)).toBe(true);
  }
  for (const stream of others) {
    expect(told(stream)).toEqual(['NEW', 'CANCELLED']);
    expect(stream.messages()[1]?.data).toMatchObject({ status: 'CANCELLED', reason: 'insufficient-funds' });
  }
});

test('an order that is final already is told once; who has seen that is told not to come back', async () => {
  const orderId = await create('ann');
  await (
    await watch(orderId)
  ).ended;
  const again = await watch(orderId);
  await again.ended;
  expect(told(again)).toEqual(['FINISHED']);
  const path = `/api/orders/${orderId}/events`;
  expect((await send(portOf(api), path, { headers: { 'Last-Event-ID': '2' } })).status).toBe(204);
});

test('a broadcast that is lost is covered by the next question', async () => {
  const lost = jest.spyOn(orders, 'broadcast').mockResolvedValue(true as never);
  const release = await holdAccounts();
  const stream = await watch(await create('ann'));
  await release();
  await stream.ended;
  expect(told(stream)).toEqual(['NEW', 'FINISHED']);
  expect(lost).toHaveBeenCalledWith(ORDERS_SETTLED, expect.anything());
  expect(broadcasts).toEqual([]);
});

test('a decision that comes again, as another event, is not broadcast', async () => {
  const orderId = await create('ann', 5);
  await (
    await watch(orderId)
  ).ended;
  await eventually(() => {
    expect(announced([orderId])).toHaveLength(1);
  });
  const settled = settleStats()?.settled ?? 0;
  const data = { orderId, userId: 'ann', amount: '500', decidedAt: new Date().toISOString() };
  const event = encodeEnvelope({
    eventId: uuidv7(),
    source: '/payments',
    type: paymentCompleted.type,
    dataschema: paymentCompleted.dataschema,
    time: data.decidedAt,
    aggregateType: paymentCompleted.aggregateType,
    aggregateId: orderId,
    aggregateVersion: 1,
    traceparent: null,
    partitionKey: orderId,
    payload: JSON.stringify(data),
  });
  await publish(eventTopics(cluster.config.namespace).payments, [event]);
  await eventually(() => {
    expect(settleStats()?.settled).toBe(settled + 1);
  });
  // Broadcasts arrive in the order in which they were sent: behind the next order's nothing is on its way.
  const next = await create('ann');
  await eventually(() => {
    expect(announced([next])).toHaveLength(1);
  });
  expect(announced([orderId])).toHaveLength(1);
});

test('what was not committed is not broadcast, also when it is the COMMIT that fails', async () => {
  const sent = jest.spyOn(orders, 'broadcast');
  await query(`
    CREATE FUNCTION refuse_commit() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'not now' USING ERRCODE = 'serialization_failure'; END $$;
    CREATE CONSTRAINT TRIGGER refuse_commit AFTER UPDATE ON orders
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_commit()`);
  const retries = settleStats()?.retries ?? 0;
  const orderId = await create('ann');
  const stream = await watch(orderId);
  await eventually(() => {
    expect(settleStats()?.retries).toBeGreaterThan(retries + 2);
  });
  expect(sent).not.toHaveBeenCalled();
  expect(told(stream)).toEqual(['NEW']);
  await query('DROP TRIGGER refuse_commit ON orders; DROP FUNCTION refuse_commit');
  await stream.ended;
  expect(told(stream)).toEqual(['NEW', 'FINISHED']);
  await eventually(() => {
    expect(announced([orderId])).toHaveLength(1);
  });
  expect(sent).toHaveBeenCalledTimes(1);
});

test('while the orders service is away streams stay open, and get their change when it is back', async () => {
  await cluster.stop(payments);
  const orderId = await create('ann');
  const stream = await watch(orderId);
  await cluster.stop(orders);
  expect(openStreams(api)).toBe(1);
  orders = await cluster.start('orders');
  await api.waitForServices(['orders']);
  payments = await startPayments();
  await stream.ended;
  expect(told(stream)).toEqual(['NEW', 'FINISHED']);
});

test('only watched orders are asked about, by an action that is not on the contract', async () => {
  const [final, unknown] = [await create('ann'), uuidv7()];
  await (
    await watch(final)
  ).ended;
  const answer = await api.call('orders.statuses', { orderIds: [final, unknown] });
  const shown = await api.call<Order, object>('orders.show', { orderId: final });
  expect(answer).toEqual([
    { orderId: final, status: 'FINISHED', reason: null, version: 2, updatedAt: shown.updatedAt },
  ]);
  for (const path of ['/orders/statuses', '/api/orders/statuses', '/orders.statuses']) {
    expect((await post(portOf(api), path, { orderIds: [final] })).status).toBeGreaterThanOrEqual(404);
  }
});
