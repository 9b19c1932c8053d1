import { once } from 'node:events';
import { addReadinessCheck } from '../../health/readiness.ts';
import { eventually } from '../support/eventually.ts';
import { gate } from '../support/gate.ts';
import { openConnection, post, send, sendBytes } from '../support/http-client.ts';
import { restNode, startRestNode, WaitingTransporter, type RestNode } from '../support/rest-node.ts';

const ORDER = { userId: 'alice', amount: 1 };
const GET_LIST = 'GET /api/orders?userId=alice HTTP/1.1\r\nHost: x\r\n';

/** Reads the last response in what a connection brought. */
function lastResponse(text: string): { status: number; json: Record<string, unknown>; head: string } {
  const [head = '', body = ''] =
    text
      .split(/^(?=HTTP\/1\.1 )/m)
      .at(-1)
      ?.split('\r\n\r\n') ?? [];
  return { status: Number(head.slice(9, 12)), json: JSON.parse(body) as Record<string, unknown>, head };
}

describe('what Node refuses before there is a request', () => {
  let node: RestNode;

  beforeAll(async () => {
    // Short, so that slowness can be seen in a test.
    node = await startRestNode({}, { receiveTimeoutMs: 300 });
  });

  afterAll(async () => {
    await node.broker.stop();
  });

  test.each([
    ['no HTTP', 'hello\r\n\r\n'],
    ['a TLS hello', '\x16\x03\x01\x02\x00\x01\x00'],
    ['an unknown method', 'BREW / HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a blank in a header name', 'GET / HTTP/1.1\r\nHost : x\r\n\r\n'],
    ['a length and chunks', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['a bad length', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n'],
    ['no Host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n'],
  ])('%s is malformed', async (_name, bytes) => {
    const { status, json, head } = lastResponse(await sendBytes(node.port, bytes));
    expect(status).toBe(400);
    expect(head).toContain('Content-Type: application/problem+json');
    expect(json).toMatchObject({ type: '/problems/malformed-request', status: 400, instance: '/' });
    expect(head).toContain(`X-Request-ID: ${String(json.requestId)}`);
  });

  test('headers over 16 KiB are too large', async () => {
    const { status, json } = lastResponse(await sendBytes(node.port, `${GET_LIST}X: ${'x'.repeat(17_000)}\r\n\r\n`));
    expect(status).toBe(431);
    expect(json).toMatchObject({ type: '/problems/headers-too-large' });
    const target = `GET /${'x'.repeat(17_000)} HTTP/1.1\r\nHost: x\r\n\r\n`;
    expect(lastResponse(await sendBytes(node.port, target)).status).toBe(431);
  });

  test('headers that come too slowly time out', async () => {
    const { status, json } = lastResponse(await sendBytes(node.port, GET_LIST));
    expect(status).toBe(408);
    expect(json).toMatchObject({ type: '/problems/request-timeout' });
  });

  test('a body that comes too slowly times out, under its own path and request id', async () => {
    const head = 'POST /api/orders HTTP/1.1\r\nHost: x\r\nX-Request-ID: slow-1\r\nContent-Type: application/json\r\n';
    const { status, json } = lastResponse(await sendBytes(node.port, `${head}Content-Length: 50\r\n\r\n{"userId"`));
    expect(status).toBe(408);
    expect(json).toMatchObject({ type: '/problems/request-timeout', instance: '/api/orders', requestId: 'slow-1' });
    expect(node.calls).toEqual([]);
  });

  test('an unknown expectation is ignored, 100-continue is met', async () => {
    const body = JSON.stringify(ORDER);
    const answer = await post(node.port, '/api/orders', body, { Expect: 'miracles' });
    expect(answer.status).toBe(201);
    const head = `POST /api/orders HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n`;
    const text = await sendBytes(node.port, `${head}Content-Length: ${body.length}\r\n\r\n${body}`);
    expect(text).toMatch(/^HTTP\/1\.1 100 [^]*HTTP\/1\.1 201 /);
  });

  test('requests that are pipelined are answered in order, and garbage behind them last', async () => {
    const text = await sendBytes(node.port, `${GET_LIST}\r\n${GET_LIST}\r\ngarbage\r\n\r\n`);
    expect(text.match(/HTTP\/1\.1 (\d+)/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 400']);
  });
});

describe('a node that starts', () => {
  test('answers from the broker’s start on: live, not ready, and 503 to calls', async () => {
    const { passed, open } = gate();
    const node = restNode();
    node.broker.createService({ name: 'slow', started: () => passed });
    // The door's own service waits as one does whose database is away.
    node.service.schema.started = () => passed;
    const starting = node.broker.start();
    const { listener } = node.service;
    await eventually(async () => {
      expect((await send(listener.port, '/health/live')).status).toBe(200);
    });
    const ready = await send(listener.port, '/health/ready');
    expect(ready.status).toBe(503);
    expect(ready.json).toEqual({ status: 'unready', parts: [{ part: 'door.http', detail: 'this door is starting' }] });
    const answer = await post(listener.port, '/api/orders', ORDER);
    expect(answer.status).toBe(503);
    expect(answer.headers['retry-after']).toBe('1');
    expect((await send(listener.port, '/problems/service-unavailable')).status).toBe(200);

    open();
    await starting;
    expect((await send(listener.port, '/health/ready')).json).toEqual({ status: 'ready' });
    expect((await post(listener.port, '/api/orders', ORDER)).status).toBe(201);
    await node.broker.stop();
  });

  test('answers while it has not reached the cluster', async () => {
    const { passed, open } = gate();
    const node = restNode({}, {}, new WaitingTransporter(passed));
    const starting = node.broker.start();
    await eventually(async () => {
      expect((await send(node.service.listener.port, '/health/live')).status).toBe(200);
    });
    expect((await send(node.service.listener.port, '/api/orders?userId=alice')).status).toBe(503);
    open();
    await starting;
    expect((await send(node.service.listener.port, '/api/orders?userId=alice')).status).toBe(200);
    await node.broker.stop();
  });

  test('says which part of it is not ready', async () => {
    const node = await startRestNode();
    const wrong: { now: string | null } = { now: 'Kafka does not answer' };
    addReadinessCheck(node.broker, 'kafka', () => wrong.now);
    const ready = await send(node.port, '/health/ready');
    expect(ready.status).toBe(503);
    expect(ready.json?.parts).toEqual([{ part: 'kafka', detail: 'Kafka does not answer' }]);
    expect((await send(node.port, '/health/live')).status).toBe(200);
    wrong.now = null;
    expect((await send(node.port, '/health/ready')).status).toBe(200);
    await node.broker.stop();
  });

  test('fails with a sentence when its port is taken', async () => {
    const other = await startRestNode();
    const { port } = other;
    const node = restNode({}, { port });
    await expect(node.broker.start()).rejects.toThrow(
      `Cannot listen on 127.0.0.1:${port}: something listens there already.`,
    );
    await other.broker.stop();
  });

  test('takes a service that is created when the broker runs already', async () => {
    const node = restNode();
    await node.broker.destroyService('door');
    await node.broker.start();
    expect(node.service.listener.isOpen).toBe(false);
    const late: RestNode['service'] = node.broker.createService({ ...node.service.originalSchema });
    await eventually(async () => {
      expect((await send(late.listener.port, '/api/orders?userId=alice')).status).toBe(200);
    });
    await node.broker.stop();
  });
});

describe('a node that stops', () => {
  test('finishes what it accepted, refuses what comes then, and closes idle connections', async () => {
    const { passed, open } = gate();
    const node = await startRestNode({
      'orders.list': async () => {
        await passed;
        return { items: [], nextCursor: null };
      },
    });
    const idle = openConnection(node.port);
    idle.write('GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(idle, 'data');
    const accepted = sendBytes(node.port, `${GET_LIST}\r\n`);
    await eventually(() => {
      expect(node.calls).toHaveLength(1);
    });

    const stopping = node.broker.stop();
    const idleClosed = once(idle, 'close');
    await eventually(async () => {
      expect((await send(node.port, '/health/ready')).status).toBe(503);
    });
    const refused = await send(node.port, '/api/orders?userId=alice');
    expect(refused.status).toBe(503);
    expect(refused.headers.connection).toBe('close');
    open();
    const answer = await accepted;
    expect(answer).toMatch(/^HTTP\/1\.1 200 [^]*\r\nConnection: close\r\n/);
    await stopping;
    await idleClosed;
    await expect(send(node.port, '/health/live')).rejects.toThrow('ECONNREFUSED');
  });

  test('answers what lay unread in its connections, and takes no more of them', async () => {
    const node = await startRestNode();
    const sockets = Array.from({ length: 20 }, () => openConnection(node.port));
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    // Read on, as it is when they are kept alive between two requests.
    for (const socket of sockets) socket.write('GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n');
    await Promise.all(sockets.map((socket) => once(socket, 'data')));

    const answers = sockets.map((socket) => once(socket, 'data') as Promise<Buffer[]>);
    const ends = sockets.map((socket) => once(socket, 'close'));
    for (const socket of sockets) socket.write(`${GET_LIST}\r\n`);
    const closing = node.service.listener.close();
    for (const [answer] of await Promise.all(answers)) {
      expect(String(answer)).toMatch(/^HTTP\/1\.1 (200|503) [^]*\r\nConnection: close\r\n/);
    }
    await Promise.all([...ends, closing]);
    await expect(send(node.port, '/health/live')).rejects.toThrow('ECONNREFUSED');
    await node.broker.stop();
  });

  test('is closed before anything else of the node stops', async () => {
    const { passed, open } = gate();
    const node = restNode({ 'orders.list': () => passed.then(() => ({ items: [], nextCursor: null })) });
    let databaseStopped = false;
    node.broker.createService({ name: 'database', stopped: () => void (databaseStopped = true) });
    await node.broker.start();
    const { listener } = node.service;
    const accepted = send(listener.port, '/api/orders?userId=alice');
    await eventually(() => {
      expect(node.calls).toHaveLength(1);
    });
    const stopping = node.broker.stop();
    await eventually(async () => {
      expect((await send(listener.port, '/health/ready')).status).toBe(503);
    });
    expect(databaseStopped).toBe(false);
    open();
    expect((await accepted).status).toBe(200);
    await stopping;
    expect(databaseStopped).toBe(true);
    expect(listener.isOpen).toBe(false);
  });

  test('waits no longer than a call may take for a client that never finishes its request', async () => {
    const node = await startRestNode({}, { requestTimeoutMs: 100 });
    const socket = openConnection(node.port);
    socket.write(
      'POST /api/orders HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
    );
    // Its headers have been read when a later connection is answered.
    await send(node.port, '/health/live');
    const closed = once(socket, 'close');
    await node.broker.stop();
    await closed;
  });

  test('can be started again', async () => {
    const node = await startRestNode();
    await node.broker.stop();
    await node.broker.start();
    expect((await post(node.service.listener.port, '/api/orders', ORDER)).status).toBe(201);
    await node.broker.stop();
  });
});
