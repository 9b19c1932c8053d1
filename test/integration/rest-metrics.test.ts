import { FIRST_LIMIT } from '../../http/in-flight-bound.ts';
import { eventually } from '../support/eventually.ts';
import { expectProblem } from '../support/expect-problem.ts';
import { openConnection, post, send, sendBytes } from '../support/http-client.ts';
import { gate } from '../support/gate.ts';
import { ORDER_ID, restNode, startRestNode, type RestNode } from '../support/rest-node.ts';
import { requestsBy, scrape } from '../support/scrape.ts';

const ORDER = { userId: 'alice', amount: 1 };

describe('GET /metrics', () => {
  let node: RestNode;

  beforeEach(async () => {
    node = await startRestNode({}, { receiveTimeoutMs: 300 });
  });

  afterEach(() => node.broker.stop());

  test('counts requests by the path in the table, never by the path that a client sent', async () => {
    await post(node.port, '/api/orders', ORDER);
    await post(node.port, '/api/orders', { ...ORDER, amount: 'all' });
    await send(node.port, `/api/orders/${ORDER_ID}?`);
    await send(node.port, '/api/orders/no-uuid');
    await send(node.port, '/api/payments/accounts/alice');
    await send(node.port, '/api/payments/accounts/bob', { method: 'HEAD' });
    await send(node.port, '/api/orders', { method: 'DELETE' });
    await send(node.port, '/no/such/path');
    await send(node.port, '/api/orders/', { method: 'PURGE' });
    await eventually(async () => {
      expect(requestsBy(await scrape(node.port))).toMatchObject({
        'POST /api/orders 201': 1,
        'POST /api/orders 422': 1,
        'GET /api/orders/:orderId 200': 1,
        'GET /api/orders/:orderId 400': 1,
        'GET /api/payments/accounts/:userId 200': 1,
        'HEAD /api/payments/accounts/:userId 200': 1,
        'other /api/orders 405': 1,
        'GET none 404': 1,
        'other none 404': 1,
      });
    });
    const names = [...(await scrape(node.port)).keys()].join('\n');
    expect(names).not.toMatch(/alice|bob|no-uuid|such|DELETE|PURGE/);
    expect(names).not.toContain(ORDER_ID);
    // One histogram for a method and a route, whatever came of the requests.
    expect(
      (await scrape(node.port)).get('http_request_duration_seconds_count{method="POST",route="/api/orders"}'),
    ).toBe(2);
  });

  test('counts what Node refuses before there is a request, and a body that does not come, once', async () => {
    await sendBytes(node.port, 'hello\r\n\r\n');
    await sendBytes(
      node.port,
      'POST /api/orders HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
    );
    await eventually(async () => {
      expect(requestsBy(await scrape(node.port))).toEqual({
        'other none 400': 1,
        'POST /api/orders 408': 1,
        'GET /metrics 200': expect.any(Number) as number,
      });
    });
  });

  test('shows open connections, and forgets closed ones', async () => {
    const socket = openConnection(node.port);
    await eventually(async () => {
      // The scrape has one, too.
      expect((await scrape(node.port)).get('http_connections_open')).toBe(2);
    });
    socket.destroy();
    await eventually(async () => {
      expect((await scrape(node.port)).get('http_connections_open')).toBe(1);
    });
  });

  test('is of one node, also beside others in its process', async () => {
    const other = await startRestNode();
    await post(other.port, '/api/orders', ORDER);
    await eventually(async () => {
      expect(requestsBy(await scrape(other.port))).toMatchObject({ 'POST /api/orders 201': 1 });
    });
    expect(requestsBy(await scrape(node.port))).not.toHaveProperty('POST /api/orders 201');
    await other.broker.stop();
  });

  test('has what the process takes, by names that Prometheus agrees to', async () => {
    const { headers, text } = await send(node.port, '/metrics');
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(text).toMatch(/^process_resident_memory_bytes \d+$/m);
    expect(text).not.toMatch(/^nodejs_active_\w+_total/m);
  });
});

describe('more calls than a door lets in', () => {
  test('are answered 503 at once, before their bodies, and counted; health and metrics answer; then there is room again', async () => {
    const { passed, open } = gate();
    const { broker, service, calls } = restNode({
      'orders.list': () => passed.then(() => ({ items: [], nextCursor: null })),
    });
    await broker.start();
    const { port } = service.listener;
    const accepted = Array.from({ length: FIRST_LIMIT }, () => send(port, '/api/orders?userId=alice'));
    await eventually(() => {
      expect(calls).toHaveLength(FIRST_LIMIT);
    });

    const refused = await send(port, '/api/orders?userId=bob');
    expectProblem(refused, 503, 'service-unavailable');
    expect(refused.headers['retry-after']).toBe('1');
    // Only its headers are sent.
    const early = await sendBytes(
      port,
      'POST /api/orders HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n',
    );
    expect(early).toMatch(/^HTTP\/1\.1 503 /);
    expect(calls).toHaveLength(FIRST_LIMIT);
    expect((await send(port, '/health/live')).status).toBe(200);
    const samples = await scrape(port);
    expect(samples.get('http_requests_refused_by_overload_total')).toBe(2);
    expect(samples.get('http_requests_in_flight')).toBe(FIRST_LIMIT + 1);

    open();
    const answers = await Promise.all(accepted);
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect((await send(port, '/api/orders?userId=alice')).status).toBe(200);
    await broker.stop();
  });

  test('that arrive in one moment, all before the first has been read, are bounded, too', async () => {
    const { passed, open } = gate();
    const { broker, service, calls } = restNode({ 'orders.create': () => passed });
    await broker.start();
    const { port } = service.listener;
    // Their bodies come when the headers of all have been seen.
    const sockets = Array.from({ length: FIRST_LIMIT + 5 }, () => openConnection(port));
    const body = JSON.stringify(ORDER);
    const head = `POST /api/orders HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
    for (const socket of sockets) socket.write(head);
    await eventually(async () => {
      expect((await scrape(port)).get('http_requests_in_flight')).toBe(sockets.length + 1);
    });
    let refused = 0;
    for (const socket of sockets) socket.on('data', (chunk) => (refused += chunk.includes('503') ? 1 : 0)).write(body);
    await eventually(() => {
      expect(refused).toBe(5);
    });
    expect(calls).toHaveLength(FIRST_LIMIT);
    for (const socket of sockets) socket.destroy();
    open();
    await broker.stop();
  });
});
