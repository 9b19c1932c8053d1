import { Errors } from 'moleculer';
import { gzipSync } from 'node:zlib';
import { problem, PROBLEMS } from '../../problems/problems.ts';
import { currentRequestId } from '../../logs/request-context.ts';
import { eventually } from '../support/eventually.ts';
import { openConnection, post, send, sendBytes, type HttpAnswer } from '../support/http-client.ts';
import { nodeOfThisFile, ORDER_ID, type RestNode, startRestNode } from '../support/rest-node.ts';
import { expectProblem } from '../support/expect-problem.ts';
import { accessByTokens, tokenOf } from '../support/tokens.ts';

const ORDER = { userId: 'alice', amount: 40.05 };
const DEPOSIT = '/api/payments/accounts/deposit';

const node = nodeOfThisFile();

describe('the calls', () => {
  test('an order is created: 201, where it is, and its amount as an exact number', async () => {
    const answer = await post(node.port, '/api/orders', '{"userId": 42, "amount": 10.500, "description": "tea ☕"}');
    expect(answer.status).toBe(201);
    expect(answer.headers).toMatchObject({
      location: `/api/orders/${ORDER_ID}`,
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
    });
    expect(answer.text).toContain('"amount":10.5,');
    expect(answer.json).toMatchObject({
      orderId: ORDER_ID,
      userId: '42',
      description: 'tea ☕',
      status: 'NEW',
      reason: null,
    });
    expect(node.calls).toEqual([
      {
        action: 'orders.create',
        params: { userId: '42', amount: '10.5', description: 'tea ☕' },
        requestId: answer.headers['x-request-id'],
      },
    ]);
  });

  test('orders are listed, page by page', async () => {
    const answer = await send(node.port, '/api/orders?userId=alice&limit=5&status=NEW');
    expect(answer.status).toBe(200);
    expect(answer.headers['cache-control']).toBe('private, no-cache');
    expect(answer.json).toMatchObject({ items: [{ orderId: ORDER_ID, amount: 40.05 }], nextCursor: 'next' });
    expect(node.calls[0]?.params).toEqual({ userId: 'alice', limit: 5, status: 'NEW', cursor: null });
  });

  test('an order is shown', async () => {
    const answer = await send(node.port, `/api/orders/${ORDER_ID.toUpperCase()}`);
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({ orderId: ORDER_ID, amount: 40.05 });
  });

  test('an account is opened: 201 and where it is', async () => {
    const answer = await post(node.port, '/api/payments/accounts', { userId: 'a:b@c' });
    expect(answer.status).toBe(201);
    expect(answer.headers.location).toBe('/api/payments/accounts/a:b@c');
    expect(answer.json).toMatchObject({ userId: 'a:b@c', balance: 0 });
    const shown = await send(node.port, answer.headers.location ?? '');
    expect(shown.json).toMatchObject({ userId: 'a:b@c' });
  });

  test('a deposit answers the account', async () => {
    const answer = await post(node.port, DEPOSIT, { userId: 'alice', amount: '0.10' });
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('"balance":0.1,');
    expect(node.calls[0]).toMatchObject({ action: 'payments.deposit', params: { userId: 'alice', amount: '0.1' } });
  });

  test('the largest balance is shown to the last cent', async () => {
    const answer = await send(node.port, '/api/payments/accounts/a%40b');
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('"userId":"a@b","balance":9999999999999.99,');
  });

  test('entries are listed, with exact amounts', async () => {
    const answer = await send(node.port, '/api/payments/accounts/alice/entries');
    expect(answer.status).toBe(200);
    expect(answer.headers['cache-control']).toBe('private, no-cache');
    expect(answer.text).toContain('"amount":-40.05,"balanceAfter":9999999999999.99,"version":3,');
    expect(answer.json).toMatchObject({
      items: [{ userId: 'alice', kind: 'payment', orderId: ORDER_ID }],
      nextCursor: 'next',
    });
  });

  test('a gzip body is read like any other', async () => {
    const answer = await send(node.port, '/api/orders', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' },
      body: gzipSync(JSON.stringify(ORDER)),
    });
    expect(answer.status).toBe(201);
  });

  test('a body that comes in chunks is read like any other', async () => {
    const answer = await sendBytes(
      node.port,
      'POST /api/payments/accounts HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n' +
        'Transfer-Encoding: chunked\r\n\r\n7\r\n{"userI\r\n9\r\nd":"bob"}\r\n0\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 201 /);
  });
});

describe('a client that has the answer already', () => {
  const ifNoneMatch = { 'If-None-Match': '"1", W/"3", *' };

  test('is told so where the answer has a version, and nowhere else', async () => {
    for (const [path, etag] of [
      [`/api/orders/${ORDER_ID}`, '"1"'],
      ['/api/payments/accounts/alice', '"3"'],
    ] as const) {
      const answer = await send(node.port, path, { headers: ifNoneMatch });
      expect({ status: answer.status, etag: answer.headers.etag, text: answer.text }).toEqual({
        status: 304,
        etag,
        text: '',
      });
      expect(answer.headers['x-request-id']).toBeDefined();
    }
    for (const path of ['/api/orders?userId=alice', '/api/payments/accounts/alice/entries', '/health/live', '/']) {
      const answer = await send(node.port, path, { headers: { 'If-None-Match': '*' } });
      expect({ status: answer.status, etag: answer.headers.etag }).toEqual({ status: 200, etag: undefined });
    }
    expect((await post(node.port, '/api/orders', ORDER, ifNoneMatch)).status).toBe(201);
  });

  test('learns nothing by it about what is not theirs', async () => {
    const walled = await startRestNode({}, { access: accessByTokens() });
    const token = { Authorization: `Bearer ${await tokenOf('bob')}` };
    for (const headers of [{ ...token, ...ifNoneMatch }, { ...token, 'If-None-Match': '*' }, token]) {
      for (const [path, type] of [
        [`/api/orders/${ORDER_ID}`, 'order-not-found'],
        ['/api/payments/accounts/alice', 'account-not-found'],
        ['/api/payments/accounts/alice/entries', 'account-not-found'],
      ] as const) {
        const answer = await send(walled.port, path, { headers });
        expectProblem(answer, 404, type);
        expect(answer.headers).not.toHaveProperty('etag');
      }
    }
    await walled.broker.stop();
  });
});

describe('addresses and methods', () => {
  test.each([
    '/apix',
    '/api',
    '/api/',
    '/API/orders',
    '/api/orders/',
    '/api//orders',
    '//api/orders',
    `/api/orders/${ORDER_ID}/x`,
    '/~node/options',
    '/door/rest',
    '/orders/create',
    '/orders.create',
    '/list-aliases',
    '/favicon.ico',
    '/problems/nonsense',
    '/problems/__proto__',
    '/docs/',
    '/docs/package.json',
    '/docs/..%2Fpackage.json',
    '/docs/../../package.json',
    '/docs/__proto__',
  ])('there is nothing at %s', async (path) => {
    expectProblem(await send(node.port, path), 404, 'not-found');
    expectProblem(
      await post(node.port, path, ORDER).then((answer) => (answer.status === 405 ? send(node.port, path) : answer)),
      404,
      'not-found',
    );
    expect(node.calls).toEqual([]);
  });

  test.each(['/%', '/%zz', '/api/payments/accounts/%ff', '/api/orders/%c0%ae'])('%s does not decode', async (path) => {
    expectProblem(await send(node.port, path), 400, 'malformed-request');
  });

  test.each([
    ['/api/orders', 'DELETE', 'GET, HEAD, POST, OPTIONS'],
    ['/api/orders', 'PROPFIND', 'GET, HEAD, POST, OPTIONS'],
    [`/api/orders/${ORDER_ID}`, 'POST', 'GET, HEAD, OPTIONS'],
    ['/api/payments/accounts', 'GET', 'POST, OPTIONS'],
    ['/api/payments/accounts', 'HEAD', 'POST, OPTIONS'],
    [DEPOSIT, 'GET', 'POST, OPTIONS'],
    ['/api/payments/accounts/alice', 'PUT', 'GET, HEAD, OPTIONS'],
    ['/health/live', 'POST', 'GET, HEAD, OPTIONS'],
    ['/', 'TRACE', 'GET, HEAD, OPTIONS'],
  ])('%s takes no %s', async (path, method, allow) => {
    const answer = await send(node.port, path, { method });
    expect({ status: answer.status, allow: answer.headers.allow }).toEqual({ status: 405, allow });
    if (method !== 'HEAD') expectProblem(answer, 405, 'method-not-allowed');
  });

  test('HEAD works where GET does, with its headers and without its body', async () => {
    for (const path of [
      '/api/orders?userId=alice',
      '/api/payments/accounts/alice',
      '/health/ready',
      '/problems/not-found',
    ]) {
      const [got, head] = [await send(node.port, path), await send(node.port, path, { method: 'HEAD' })];
      expect(head.status).toBe(200);
      expect(head.text).toBe('');
      expect(head.headers['content-length']).toBe(got.headers['content-length']);
      expect(head.headers['content-type']).toBe(got.headers['content-type']);
    }
    expect((await send(node.port, '/api/orders', { method: 'HEAD' })).status).toBe(422);
  });

  test('OPTIONS answers what an address takes', async () => {
    const preflight = { Origin: 'https://elsewhere.example', 'Access-Control-Request-Method': 'DELETE' };
    for (const headers of [{}, preflight]) {
      const answer = await send(node.port, '/api/orders', { method: 'OPTIONS', headers });
      expect(answer.status).toBe(204);
      expect(answer.headers.allow).toBe('GET, HEAD, POST, OPTIONS');
      expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
    }
    expect((await send(node.port, '*', { method: 'OPTIONS' })).status).toBe(204);
    expectProblem(await send(node.port, '/nothing', { method: 'OPTIONS' }), 404, 'not-found');
  });

  test('a target in absolute form loses its origin', async () => {
    expect((await send(node.port, 'http://shop.example/api/orders?userId=alice')).status).toBe(200);
    expect((await send(node.port, 'http://shop.example')).json).toHaveProperty('calls');
  });

  test('the first page names the calls, and each kind of problem has its page', async () => {
    const index = await send(node.port, '/');
    expect(index.json?.calls).toContain('GET /api/orders/{orderId}');
    const page = await send(node.port, '/problems/invalid-input', { headers: { Accept: 'text/html' } });
    expect(page.status).toBe(200);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.text).toContain(PROBLEMS['invalid-input'].next);
  });
});

describe('request ids', () => {
  test('a well-formed one is taken and given back, in answers and problems, and to the action', async () => {
    const headers = { 'X-Request-ID': 'shop-4711', 'X-Correlation-ID': 'other' };
    const answer = await send(node.port, '/api/orders?userId=alice', { headers });
    expect(answer.headers['x-request-id']).toBe('shop-4711');
    expect(node.calls[0]?.requestId).toBe('shop-4711');
    expectProblem(await send(node.port, '/nothing', { headers }), 404, 'not-found');
  });

  test.each(['a b', '<script>', 'x'.repeat(129), ''])('instead of %j there is a fresh one', async (id) => {
    const answer = await send(node.port, '/api/orders?userId=alice', { headers: { 'X-Request-ID': id } });
    expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('every request without one has its own', async () => {
    const ids = await Promise.all([1, 2, 3].map(async () => (await send(node.port, '/')).headers['x-request-id']));
    expect(new Set(ids).size).toBe(3);
  });
});

describe('a client that goes away', () => {
  test('in the middle of its body leaves the door working', async () => {
    const socket = openConnection(node.port);
    await new Promise((resolve) => {
      socket.write(
        'POST /api/orders HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"u',
        resolve,
      );
    });
    socket.destroy();
    expect((await post(node.port, '/api/orders', ORDER)).status).toBe(201);
    expect(node.calls).toHaveLength(1);
  });

  test('while its call runs lets the call finish, and nothing fails', async () => {
    let finish = (): void => undefined;
    let finished = false;
    const patient = await startRestNode({
      'orders.list': async () => {
        await new Promise<void>((resolve) => (finish = resolve));
        finished = true;
        return { items: [], nextCursor: null };
      },
    });
    const logged = jest.spyOn(patient.service.logger, 'error').mockImplementation();
    const socket = openConnection(patient.port);
    socket.write('GET /api/orders?userId=alice HTTP/1.1\r\nHost: x\r\n\r\n');
    await eventually(() => {
      expect(patient.calls).toHaveLength(1);
    });
    socket.destroy();
    // Its end has been seen when a later connection is answered.
    await send(patient.port, '/health/live');
    finish();
    await patient.broker.stop();
    expect(finished).toBe(true);
    expect(logged).not.toHaveBeenCalled();
  });
});

describe('what an action throws', () => {
  let failing: RestNode;
  let failure: unknown;

  beforeAll(async () => {
    const fail = (): never => {
      throw failure;
    };
    failing = await startRestNode(
      {
        'orders.create': fail,
        'orders.list': fail,
        'orders.show': () => new Promise(() => undefined),
        'payments.deposit': () => new Promise(() => undefined),
        'payments.balance': () => ({ balance: 'NaN' }),
      },
      // The calls that never answer have to time out within the test.
      { requestTimeoutMs: 200 },
    );
  });

  afterAll(async () => {
    await failing.broker.stop();
  });

  const write = (): Promise<HttpAnswer> => post(failing.port, '/api/orders', ORDER);
  const read = (): Promise<HttpAnswer> => send(failing.port, '/api/orders?userId=alice');

  test.each([
    ['account-not-found', 404],
    ['account-exists', 409],
    ['balance-limit', 422],
  ] as const)('%s of the catalogue is answered as it is', async (type, status) => {
    failure = problem(type, 'So it is.');
    expectProblem(await write(), status, type);
  });

  test('a service or its database that is away is 503 with Retry-After', async () => {
    for (failure of [
      problem('service-unavailable', 'The database does not answer.', { retryAfterS: 3 }),
      new Errors.ServiceNotFoundError({ action: 'orders.create' }),
    ]) {
      for (const answer of [await write(), await read()]) {
        expectProblem(answer, 503, 'service-unavailable');
        expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
      }
    }
  });

  test('an unknown outcome is 504 for a write, which says what to do, and 503 for a read', async () => {
    failure = new Errors.RequestRejectedError({ action: 'orders.create', nodeID: 'n' });
    const answer = await write();
    expectProblem(answer, 504, 'outcome-unknown');
    expect(answer.json?.detail).toContain("look at the user's newest orders");
    expectProblem(await read(), 503, 'service-unavailable');
  });

  test('a call without an answer ends with the request time-out', async () => {
    expectProblem(await post(failing.port, DEPOSIT, ORDER), 504, 'outcome-unknown');
    expectProblem(await send(failing.port, `/api/orders/${ORDER_ID}`), 503, 'service-unavailable');
  });

  test('a defect is 500, tells nothing and is logged under the request id', async () => {
    const loggedFor: unknown[] = [];
    const logged = jest
      .spyOn(failing.service.logger, 'error')
      .mockImplementation(() => void loggedFor.push(currentRequestId()));
    failure = new TypeError('secret of the house');
    const answer = await write();
    expectProblem(answer, 500, 'internal-error');
    expect(answer.text).not.toContain('secret');
    expect(logged).toHaveBeenCalledWith(expect.any(String), failure);
    expect(loggedFor).toEqual([answer.headers['x-request-id']]);
    expectProblem(await send(failing.port, '/api/payments/accounts/alice'), 500, 'internal-error');
    logged.mockRestore();
  });

  test('a service that nobody runs is 503 at once', async () => {
    await failing.broker.destroyService('orders');
    const answer = await write();
    expectProblem(answer, 503, 'service-unavailable');
    expect(answer.headers['retry-after']).toBe('1');
  });
});
