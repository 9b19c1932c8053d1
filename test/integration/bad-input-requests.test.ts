import { expectProblem } from '../support/expect-problem.ts';
import { post, send, sendBytes, type HttpAnswer } from '../support/http-client.ts';
import { nodeOfThisFile, ORDER_ID } from '../support/rest-node.ts';

/** Rows of the contract's table of bad input: what a request asks for, before anyone looks into it. */

const ORDER = { userId: 'alice', amount: 40.05 };
const LIST = '/api/orders?userId=alice';

const node = nodeOfThisFile();

/** Sends bytes as they are, and reads the one answer that the connection brings before it ends. */
async function sendRaw(bytes: string): Promise<HttpAnswer> {
  const answer = await sendBytes(node.port, bytes);
  const [head = '', text = ''] = answer.split('\r\n\r\n');
  const headers = Object.fromEntries(
    head
      .split('\r\n')
      .slice(1)
      .map((line) => line.split(': '))
      .map(([name = '', value = '']) => [name.toLowerCase(), value]),
  );
  const json = text === '' ? undefined : (JSON.parse(text) as Record<string, unknown>);
  return { status: Number(head.slice(9, 12)), headers, text, json };
}

describe('Accept', () => {
  test.each([
    'text/html',
    'image/*',
    'application/xml',
    'application/problem+json',
    'application/json;q=0',
    'application/json; q=0.000',
    'application/json;q=0, */*',
    'application/*;q=0, */*;q=1',
    '*/*;q=0',
    'text/*, application/json;q=0.0',
  ])('%s excludes JSON', async (accept) => {
    expectProblem(await send(node.port, LIST, { headers: { Accept: accept } }), 406, 'not-acceptable');
    expectProblem(await post(node.port, '/api/orders', ORDER, { Accept: accept }), 406, 'not-acceptable');
    expect(node.calls).toEqual([]);
  });

  test.each([
    '',
    '*/*',
    'application/*',
    'application/json',
    'Application/JSON',
    'application/json;q=0.001',
    'text/html, */*;q=0.1',
    '*/*;q=0, application/json',
  ])('%j does not', async (accept) => {
    expect((await send(node.port, LIST, { headers: { Accept: accept } })).status).toBe(200);
  });
});

describe('methods', () => {
  test.each(['PUT', 'PATCH', 'DELETE', 'TRACE', 'PROPFIND', 'QUERY', 'SUBSCRIBE'])(
    '%s is one that no address takes',
    async (method) => {
      const addresses = [
        ['/api/orders', 'GET, HEAD, POST, OPTIONS'],
        [`/api/orders/${ORDER_ID}`, 'GET, HEAD, OPTIONS'],
        ['/api/payments/accounts', 'POST, OPTIONS'],
        ['/api/payments/accounts/deposit', 'POST, OPTIONS'],
        ['/api/payments/accounts/alice', 'GET, HEAD, OPTIONS'],
        ['/api/payments/accounts/alice/entries', 'GET, HEAD, OPTIONS'],
        ['/health/live', 'GET, HEAD, OPTIONS'],
        ['/health/ready', 'GET, HEAD, OPTIONS'],
        ['/', 'GET, HEAD, OPTIONS'],
      ] as const;
      for (const [path, allow] of addresses) {
        const answer = await send(node.port, path, { method });
        expectProblem(answer, 405, 'method-not-allowed');
        expect(answer.headers.allow).toBe(allow);
      }
      expectProblem(await send(node.port, '/nothing', { method }), 404, 'not-found');
    },
  );

  test('a method in lower case, or one that HTTP does not know, is malformed', async () => {
    for (const method of ['get', 'Post', 'BREW', 'X-GET', 'GETT']) {
      const answer = await sendRaw(`${method} /api/orders HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      expectProblem(answer, 400, 'malformed-request');
    }
  });

  test('a header that names another method changes nothing', async () => {
    const headers = { 'X-HTTP-Method-Override': 'DELETE', 'X-Method-Override': 'GET' };
    expect((await post(node.port, '/api/orders', ORDER, headers)).status).toBe(201);
    expect(node.calls).toMatchObject([{ action: 'orders.create' }]);
  });

  test('CONNECT is refused with a problem: this is no proxy', async () => {
    for (const target of ['example.com:443', '/api/orders']) {
      const answer = await sendRaw(`CONNECT ${target} HTTP/1.1\r\nHost: example.com\r\nX-Request-ID: tunnel\r\n\r\n`);
      expectProblem(answer, 405, 'method-not-allowed');
      expect(answer.headers).toMatchObject({ allow: 'GET, HEAD, POST, OPTIONS', 'x-request-id': 'tunnel' });
    }
    expect(node.calls).toEqual([]);
  });
});

describe('targets', () => {
  test.each([
    '/api/orders;x=1',
    '/api/Orders',
    '/api/orders/',
    '/api/payments/accounts/alice/',
    '/api/./orders',
    '/api/x/../orders',
    '/api/%6frders',
    '/api%2Forders',
    '/%2Fapi/orders',
    '/api\\orders',
    '/api/orders.json',
    '/api/orders#top',
    '/api/payments/accounts/alice/balance',
    '/api/payments/accounts/alice/entries/1',
    '/api/payments/accounts//entries',
    '/api/payments/accounts//deposit',
  ])('there is nothing at %s', async (path) => {
    for (const method of ['GET', 'POST', 'DELETE']) {
      const answer = await sendRaw(`${method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      expectProblem(answer, 404, 'not-found');
    }
    expect(node.calls).toEqual([]);
  });

  test.each([
    '\u00e4',
    '\x80',
    'example.com:80',
    '../api/orders',
    'ftp://shop.example/api/orders',
    'file:///etc/passwd',
    '*',
  ])('the target %j is malformed', async (target) => {
    const answer = await sendRaw(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expectProblem(answer, 400, 'malformed-request');
  });
});

describe('framing', () => {
  const body = '{"userId":"alice","amount":1}';
  const head = 'POST /api/orders HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n';

  test.each([
    ['two lengths', `${head}Content-Length: 29\r\nContent-Length: 30\r\n\r\n${body}`],
    ['the same length twice', `${head}Content-Length: 29\r\nContent-Length: 29\r\n\r\n${body}`],
    ['a list of lengths', `${head}Content-Length: 29, 29\r\n\r\n${body}`],
    ['a length with a plus', `${head}Content-Length: +29\r\n\r\n${body}`],
    ['a hexadecimal length', `${head}Content-Length: 0x1d\r\n\r\n${body}`],
    ['a length beyond all numbers', `${head}Content-Length: 99999999999999999999999\r\n\r\n${body}`],
    ['chunks twice', `${head}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['chunks, then something else', `${head}Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n`],
    ['an unknown transfer coding', `${head}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
    ['chunks and a length', `${head}Transfer-Encoding: chunked\r\nContent-Length: 29\r\n\r\n0\r\n\r\n`],
    ['a length and chunks', `${head}Content-Length: 29\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['a chunk without a size', `${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n`],
    ['a chunk longer than its size', `${head}Transfer-Encoding: chunked\r\n\r\n3\r\n${body}\r\n0\r\n\r\n`],
    ['lines that end with LF alone', 'GET /health/live HTTP/1.1\nHost: x\nConnection: close\n\n'],
    ['a folded header', 'GET /health/live HTTP/1.1\r\nHost: x\r\nX-A: a\r\n b\r\nConnection: close\r\n\r\n'],
    ['NUL in a header', 'GET /health/live HTTP/1.1\r\nHost: x\r\nX-A: a\0b\r\nConnection: close\r\n\r\n'],
    ['a header without a colon', 'GET /health/live HTTP/1.1\r\nHost: x\r\nnonsense\r\nConnection: close\r\n\r\n'],
    ['two Hosts', 'GET /health/live HTTP/1.1\r\nHost: x\r\nHost: y\r\nConnection: close\r\n\r\n'],
    ['HTTP/1.2', 'GET /health/live HTTP/1.2\r\nHost: x\r\nConnection: close\r\n\r\n'],
    ['HTTP/2.0 in words', 'GET /health/live HTTP/2.0\r\nHost: x\r\nConnection: close\r\n\r\n'],
    ['HTTP/0.9', 'GET /health/live\r\n\r\n'],
    ['HTTP/2 as it begins', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['HTTP/3.0', 'GET /health/live HTTP/3.0\r\nHost: x\r\nConnection: close\r\n\r\n'],
  ])('%s is malformed', async (_name, bytes) => {
    expectProblem(await sendRaw(bytes), 400, 'malformed-request');
    expect(node.calls).toEqual([]);
  });

  test('a chunked body that was compressed for its way is malformed', async () => {
    const answer = await sendRaw(`${head}Transfer-Encoding: gzip, chunked\r\n\r\n3\r\n\x1f\x08\x01\r\n0\r\n\r\n`);
    expectProblem(answer, 400, 'malformed-json');
  });

  test('chunk extensions and trailers are read over', async () => {
    const chunks = `1d;tea=green\r\n${body}\r\n0\r\nX-Trailer: 1\r\n\r\n`;
    expect((await sendRaw(`${head}Transfer-Encoding: chunked\r\n\r\n${chunks}`)).status).toBe(201);
    expect(node.calls).toHaveLength(1);
  });

  test('many small headers are too large as one large one is', async () => {
    const many = 'a:b\r\n'.repeat(5000);
    const answer = await sendRaw(`GET /health/live HTTP/1.1\r\nHost: x\r\n${many}Connection: close\r\n\r\n`);
    expectProblem(answer, 431, 'headers-too-large');
  });

  test('headers below 16 KiB are read, however many', async () => {
    const many = Array.from({ length: 500 }, (_, index) => `h${index}: b\r\n`).join('');
    const answer = await sendRaw(`GET /health/live HTTP/1.1\r\nHost: x\r\n${many}Connection: close\r\n\r\n`);
    expect(answer.status).toBe(200);
  });

  test('HTTP/1.0 is answered, without a Host too', async () => {
    expect((await sendRaw('GET /health/live HTTP/1.0\r\n\r\n')).status).toBe(200);
    const posted = `POST /api/orders HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: 29\r\n\r\n${body}`;
    expect((await sendRaw(posted)).status).toBe(201);
  });

  test('an upgrade to another protocol is not taken: the request is answered as it is', async () => {
    const upgrade = 'Connection: close, Upgrade, HTTP2-Settings\r\nUpgrade: h2c, websocket\r\nHTTP2-Settings: x\r\n';
    expect((await sendRaw(`GET /health/live HTTP/1.1\r\nHost: x\r\n${upgrade}\r\n`)).status).toBe(200);
  });

  test('a request smuggled behind a body is a request of its own, judged like any other', async () => {
    const smuggled = `GET /api/orders/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`;
    const first = `POST /api/orders HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 29\r\n\r\n`;
    const answers = await sendBytes(node.port, first + body + smuggled);
    expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 201', 'HTTP/1.1 400']);
    expect(node.calls).toHaveLength(1);
  });
});
