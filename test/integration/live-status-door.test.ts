import { once } from 'node:events';
import { ORDERS_SETTLED, type OrderChange } from '../../contract/order-changes.ts';
import { orderNotFound } from '../../problems/unknown.ts';
import { openStream } from '../support/event-stream.ts';
import { eventually } from '../support/eventually.ts';
import { badFieldsOf, expectProblem } from '../support/expect-problem.ts';
import { openConnection, post, send } from '../support/http-client.ts';
import { ORDER_ID, restNode, startRestNode, type RestNode } from '../support/rest-node.ts';
import { accessByTokens, tokenOf } from '../support/tokens.ts';

const EVENTS = `/api/orders/${ORDER_ID}/events`;
const UPDATED_AT = '2026-01-02T03:04:06.789Z';
const FINISHED: OrderChange = {
  orderId: ORDER_ID,
  status: 'FINISHED',
  reason: null,
  version: 2,
  updatedAt: UPDATED_AT,
};

let node: RestNode;

async function start(...parameters: Parameters<typeof startRestNode>): Promise<void> {
  node = await startRestNode(...parameters);
}

afterEach(async () => {
  await node.broker.stop();
});

const settle = (change = FINISHED): Promise<unknown> => node.broker.broadcast(ORDERS_SETTLED, { orders: [change] });
const told = (stream: { messages(): { id: string; data: Record<string, unknown> }[] }): string[] =>
  stream.messages().map(({ id, data }) => `${id} ${String(data.status)}`);

test('a stream tells the order as GET represents it, then its change, and ends', async () => {
  await start();
  const shown = await send(node.port, `/api/orders/${ORDER_ID}`);
  const stream = await openStream(node.port, EVENTS);
  expect(stream).toMatchObject({
    status: 200,
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      'x-request-id': expect.any(String) as string,
    },
  });
  await eventually(() => {
    expect(stream.text()).toBe(`retry: 2000\n\nid: 1\nevent: status\ndata: ${shown.text}\n\n`);
  });
  await settle();
  await stream.ended;
  expect(stream.messages()[1]).toEqual({
    id: '2',
    event: 'status',
    data: { ...shown.json, status: 'FINISHED', updatedAt: UPDATED_AT },
  });
});

test('a change that comes while the order is being read is not lost', async () => {
  await start({
    'orders.show': async ({ params, broker }) => {
      await broker.broadcast(ORDERS_SETTLED, { orders: [FINISHED] });
      return { ...params, userId: 'alice', amount: '1', description: null, status: 'NEW', reason: null, version: 1 };
    },
  });
  const stream = await openStream(node.port, EVENTS);
  await stream.ended;
  expect(told(stream)).toEqual(['2 FINISHED']);
});

test('what is wrong before a stream begins is a problem like any other', async () => {
  await start({
    'orders.show': ({ params }) => {
      throw orderNotFound(String(params.orderId));
    },
  });
  expectProblem(await send(node.port, EVENTS), 404, 'order-not-found');
  expectProblem(await send(node.port, '/api/orders/no-uuid/events'), 400, 'malformed-order-id');
  expect(badFieldsOf(await send(node.port, `${EVENTS}?from=1`))).toEqual(['from']);
  expectProblem(await send(node.port, EVENTS, { headers: { Accept: 'application/json' } }), 406, 'not-acceptable');
  expectProblem(await post(node.port, EVENTS, {}), 405, 'method-not-allowed');
  expectProblem(await send(node.port, `${EVENTS}/`), 404, 'not-found');
  expect(node.service.liveOrders.openStreams).toBe(0);
});

test('while the orders service is away a stream is refused with 503, and one that is open stays', async () => {
  await start();
  const stream = await openStream(node.port, EVENTS);
  await node.broker.destroyService('orders');
  const refused = await send(node.port, EVENTS);
  expectProblem(refused, 503, 'service-unavailable');
  expect(refused.headers['retry-after']).toBe('1');
  expect(node.service.liveOrders.openStreams).toBe(1);
  await settle();
  await stream.ended;
  expect(told(stream)).toEqual(['1 NEW', '2 FINISHED']);
});

test.each(['*/*', 'text/event-stream', 'text/*;q=0.5'])('the Accept header %p takes a stream', async (accept) => {
  await start();
  const stream = await openStream(node.port, EVENTS, { Accept: accept });
  expect(stream.status).toBe(200);
  stream.leave();
});

test('HEAD answers the headers of a stream and leaves none open', async () => {
  await start();
  const answer = await send(node.port, EVENTS, { method: 'HEAD' });
  expect(answer).toMatchObject({
    status: 200,
    text: '',
    headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' },
  });
  expect(node.service.liveOrders.openStreams).toBe(0);
});

describe('a client that comes back with Last-Event-ID', () => {
  const final = { 'orders.show': () => ({ userId: 'alice', amount: '1', description: null, ...FINISHED }) };

  test('waits for the change when it has seen NEW, and is told nothing twice', async () => {
    await start();
    const stream = await openStream(node.port, EVENTS, { 'Last-Event-ID': '1' });
    await settle();
    await stream.ended;
    expect(told(stream)).toEqual(['2 FINISHED']);
  });

  test('gets the change that it has missed', async () => {
    await start(final);
    const stream = await openStream(node.port, EVENTS, { 'Last-Event-ID': '1' });
    await stream.ended;
    expect(told(stream)).toEqual(['2 FINISHED']);
  });

  test('and has seen the end is told 204: an EventSource does not come back after that', async () => {
    await start(final);
    const answer = await send(node.port, EVENTS, { headers: { 'Last-Event-ID': '2' } });
    expect(answer).toMatchObject({ status: 204, text: '', headers: { 'cache-control': 'no-store' } });
  });

  test.each(['', '0', '-1', '1.5', 'abc', '7', '99999999999999999999'])(
    'that names no version (%p) is told all',
    async (id) => {
      await start(final);
      const stream = await openStream(node.port, EVENTS, { 'Last-Event-ID': id });
      await stream.ended;
      expect(told(stream)).toEqual(['2 FINISHED']);
    },
  );
});

test('a stream outlives the time that a call may take', async () => {
  await start({}, { requestTimeoutMs: 50, heartbeatIntervalMs: 10 });
  const stream = await openStream(node.port, EVENTS);
  // A heartbeat is written at each tick, of which there are two in a second.
  await eventually(() => {
    expect(stream.text().match(/^: heartbeat$/gm)?.length).toBeGreaterThanOrEqual(2);
  });
  await settle();
  await stream.ended;
  expect(told(stream)).toEqual(['1 NEW', '2 FINISHED']);
});

test('a broadcast that never comes is covered by the question about all watched orders', async () => {
  const settled: OrderChange[] = [];
  await start({ 'orders.statuses': () => settled }, { catchUpIntervalMs: 20 });
  const stream = await openStream(node.port, EVENTS);
  await eventually(() => {
    expect(node.calls).toContainEqual(
      expect.objectContaining({ action: 'orders.statuses', params: { orderIds: [ORDER_ID] } }),
    );
  });
  expect(told(stream)).toEqual(['1 NEW']);
  settled.push(FINISHED);
  await stream.ended;
  expect(told(stream)).toEqual(['1 NEW', '2 FINISHED']);
});

test('a client that leaves leaves nothing behind, and the metrics know', async () => {
  await start();
  const stream = await openStream(node.port, EVENTS);
  expect(node.service.liveOrders.openStreams).toBe(1);
  expect((await send(node.port, '/metrics')).text).toContain('live_streams_open{service="door"} 1\n');
  stream.leave();
  await eventually(async () => {
    expect(node.service.liveOrders.openStreams).toBe(0);
    expect((await send(node.port, '/metrics')).text).toContain('live_streams_open{service="door"} 0\n');
  });
});

test('a client that reads nothing any more is cut off', async () => {
  const description = 'x'.repeat(1000);
  const item = {
    orderId: ORDER_ID,
    userId: 'alice',
    amount: '1',
    description,
    status: 'NEW',
    reason: null,
    version: 1,
  };
  const page = { items: Array<object>(200).fill(item), nextCursor: null };
  await start({ 'orders.list': () => page }, { heartbeatIntervalMs: 10 });
  const socket = openConnection(node.port);
  socket.on('error', () => undefined);
  socket.pause();
  // Answers of 200 KB that nobody reads fill what the connection holds; the stream's first words stay behind them.
  const list = 'GET /api/orders?userId=alice HTTP/1.1\r\nHost: x\r\n\r\n';
  socket.write(list.repeat(50) + `GET ${EVENTS} HTTP/1.1\r\nHost: x\r\n\r\n`);
  await eventually(() => {
    expect(node.calls.filter(({ action }) => action === 'orders.show')).toHaveLength(1);
  });
  await eventually(() => {
    expect(node.service.liveOrders.openStreams).toBe(0);
  });
  socket.destroy();
});

test('a door with as many streams as it takes answers 503 to one more, and says when to come back', async () => {
  await start({}, { maxStreams: 2 });
  const streams = [await openStream(node.port, EVENTS), await openStream(node.port, EVENTS)];
  const refused = await send(node.port, EVENTS);
  expectProblem(refused, 503, 'service-unavailable');
  expect(refused.headers['retry-after']).toBe('5');
  streams[0]?.leave();
  await eventually(async () => {
    const stream = await openStream(node.port, EVENTS);
    expect(stream.status).toBe(200);
  });
});

test('a stream that is too old ends, and its client comes back', async () => {
  await start({}, { maxAgeMs: 10 });
  const stream = await openStream(node.port, EVENTS);
  await stream.ended;
  expect(told(stream)).toEqual(['1 NEW']);
});

describe('a node that stops', () => {
  test('ends its open streams, and does not wait for their orders', async () => {
    await start({}, { requestTimeoutMs: 600_000 });
    const streams = await Promise.all(Array.from({ length: 20 }, () => openStream(node.port, EVENTS)));
    await node.broker.stop();
    await Promise.all(streams.map(({ ended }) => ended));
    expect(streams.map(told)).toEqual(Array(20).fill(['1 NEW']));
  });

  test('refuses a stream whose order it is just reading', async () => {
    const { promise: read, resolve: answer } = Promise.withResolvers<null>();
    const { promise: asked, resolve: ask } = Promise.withResolvers<null>();
    await start({
      'orders.show': async ({ params }) => {
        ask(null);
        await read;
        return { ...params, userId: 'alice', amount: '1', status: 'NEW', version: 1 };
      },
    });
    const refused = send(node.port, EVENTS);
    await asked;
    expect(node.service.liveOrders.openStreams).toBe(1);
    const stopped = node.broker.stop();
    await eventually(() => {
      expect(node.service.liveOrders.openStreams).toBe(0);
    });
    answer(null);
    expectProblem(await refused, 503, 'service-unavailable');
    await stopped;
  });
});

test('a node that starts refuses streams', async () => {
  const { promise: passed, resolve: open } = Promise.withResolvers<undefined>();
  const starting = restNode();
  const { schema } = starting.service;
  schema.started = [() => passed, schema.started].flat() as NonNullable<typeof schema.started>;
  const started = starting.broker.start();
  const { listener } = starting.service;
  await eventually(async () => {
    expectProblem(await send(listener.port, EVENTS), 503, 'service-unavailable');
  });
  open(undefined);
  await started;
  node = { ...starting, port: listener.port };
  const stream = await openStream(node.port, EVENTS);
  expect(stream.status).toBe(200);
});

describe('where authorisation is on', () => {
  test('the stream of another user’s order does not exist, whatever becomes of it', async () => {
    await start({}, { access: accessByTokens() });
    const headers = { Authorization: `Bearer ${await tokenOf('mallory')}` };
    const refused = await send(node.port, EVENTS, { headers });
    expectProblem(refused, 404, 'order-not-found');
    expect(refused.json?.detail).toBe(orderNotFound(ORDER_ID).message);
    expect(node.service.liveOrders.openStreams).toBe(0);
  });

  test('a user watches their own order', async () => {
    await start({}, { access: accessByTokens() });
    const headers = { Authorization: `Bearer ${await tokenOf('alice')}` };
    const stream = await openStream(node.port, EVENTS, headers);
    await settle();
    await stream.ended;
    expect(told(stream)).toEqual(['1 NEW', '2 FINISHED']);
  });
});

test('two streams on one connection come one after the other', async () => {
  await start();
  const socket = openConnection(node.port);
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const ask = (headers: string): string => `GET ${EVENTS} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`;
  socket.write(ask('') + ask('Connection: close\r\n'));
  await eventually(() => {
    expect(node.service.liveOrders.openStreams).toBe(2);
  });
  await settle();
  await once(socket, 'close');
  expect(text.match(/"status":"\w+"/g)).toEqual(
    ['NEW', 'FINISHED', 'NEW', 'FINISHED'].map((status) => `"status":"${status}"`),
  );
});
