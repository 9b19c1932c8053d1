import { gzipSync } from 'node:zlib';
import { post, send } from '../support/http-client.ts';
import { ORDER_ID, startRestNode, type RestNode } from '../support/rest-node.ts';
import { badFieldsOf, expectProblem } from '../support/expect-problem.ts';

const ORDER = { userId: 'alice', amount: 40.05 };
const DEPOSIT = '/api/payments/accounts/deposit';

let node: RestNode;

beforeAll(async () => {
  node = await startRestNode();
});

afterAll(async () => {
  await node.broker.stop();
});

beforeEach(() => {
  node.calls.length = 0;
});

describe('a body that is no JSON object', () => {
  const malformed: [string, string | Buffer][] = [
    ['nothing', ''],
    ['blanks', '  '],
    ['truncated JSON', '{"userId": "alice"'],
    ['no JSON', 'userId=alice'],
    ['null', 'null'],
    ['an array', '[]'],
    ['a string', '"alice"'],
    ['a number', '5'],
    ['a key twice', '{"userId":"alice","amount":1,"amount":2}'],
    ['a key twice, once escaped', '{"userId":"alice","\\u0075serId":"bob","amount":1}'],
    ['invalid UTF-8', Buffer.from([...Buffer.from('{"userId":"'), 0xff, ...Buffer.from('","amount":1}')])],
    ['an encoded surrogate', Buffer.from([...Buffer.from('{"userId":"'), 0xed, 0xa0, 0x80, ...Buffer.from('"}')])],
    ['UTF-16', Buffer.from('{"userId":"alice","amount":1}', 'utf16le')],
  ];
  test.each(malformed)('%s is malformed', async (_name, body) => {
    expectProblem(await post(node.port, '/api/orders', body), 400, 'malformed-json');
    expect(node.calls).toEqual([]);
  });

  test('no body at all is malformed, whatever its Content-Type', async () => {
    expectProblem(await send(node.port, '/api/orders', { method: 'POST' }), 400, 'malformed-json');
    expectProblem(
      await send(node.port, '/api/orders', { method: 'POST', headers: { 'Content-Type': 'text/plain' } }),
      400,
      'malformed-json',
    );
  });
});

describe('media types and encodings', () => {
  const body = JSON.stringify(ORDER);

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/json; charset=latin1',
    'application/merge-patch+json',
    'json',
    '',
  ])('a body of type %j is not supported', async (contentType) => {
    const answer = await send(node.port, '/api/orders', {
      method: 'POST',
      headers: { 'Content-Type': contentType },
      body,
    });
    expectProblem(answer, 415, 'unsupported-media-type');
  });

  test('a body without a type is not supported', async () => {
    expectProblem(await send(node.port, '/api/orders', { method: 'POST', body }), 415, 'unsupported-media-type');
  });

  test.each(['application/json', 'Application/JSON; charset=UTF-8', 'application/json;charset="utf-8"'])(
    'a body of type %j is read',
    async (contentType) => {
      const answer = await send(node.port, '/api/orders', {
        method: 'POST',
        headers: { 'Content-Type': contentType },
        body,
      });
      expect(answer.status).toBe(201);
    },
  );

  test.each(['br', 'deflate', 'gzip, gzip', 'nonsense'])('the encoding %j is not supported', async (encoding) => {
    const answer = await post(node.port, '/api/orders', body, { 'Content-Encoding': encoding });
    expectProblem(answer, 415, 'unsupported-media-type');
    expect(answer.headers['accept-encoding']).toBe('gzip');
  });

  test.each([
    ['no gzip', Buffer.from(body)],
    ['truncated', gzipSync(body).subarray(0, -9)],
    ['damaged', Buffer.concat([gzipSync(body).subarray(0, 12), Buffer.alloc(20)])],
  ])('a gzip body that does not decode (%s) is malformed', async (_name, bytes) => {
    const answer = await send(node.port, '/api/orders', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' },
      body: bytes,
    });
    expectProblem(answer, 400, 'malformed-request');
  });

  test.each(['text/html', 'application/json;q=0', 'image/*'])('Accept: %s is not acceptable', async (accept) => {
    expectProblem(
      await send(node.port, '/api/orders?userId=a', { headers: { Accept: accept } }),
      406,
      'not-acceptable',
    );
    expectProblem(await post(node.port, '/api/orders', ORDER, { Accept: accept }), 406, 'not-acceptable');
    expect(node.calls).toEqual([]);
  });

  test('Accept: */* and application/json are', async () => {
    for (const accept of ['*/*', 'application/json', 'text/html, */*;q=0.1']) {
      const answer = await send(node.port, '/api/orders?userId=a', { headers: { Accept: accept } });
      expect(answer.status).toBe(200);
    }
  });
});

describe('sizes', () => {
  const ofBytes = (bytes: number): string => `{"userId":"alice"${' '.repeat(bytes - 29)},"amount":1}`;

  test('16 384 bytes are read, one more is too large, declared or not', async () => {
    expect(ofBytes(16_384)).toHaveLength(16_384);
    expect((await post(node.port, '/api/orders', ofBytes(16_384))).status).toBe(201);
    expectProblem(await post(node.port, '/api/orders', ofBytes(16_385)), 413, 'content-too-large');
    expectProblem(
      await post(node.port, '/api/orders', ofBytes(16_385), { 'Transfer-Encoding': 'chunked' }),
      413,
      'content-too-large',
    );
  });

  test('a large upload gets its answer, not a broken connection', async () => {
    expectProblem(await post(node.port, '/api/orders', ofBytes(3_000_000)), 413, 'content-too-large');
    expectProblem(
      await post(node.port, '/api/orders', ofBytes(3_000_000), { 'Transfer-Encoding': 'chunked' }),
      413,
      'content-too-large',
    );
  });

  test('the limit holds after inflating as well', async () => {
    const bomb = gzipSync(Buffer.alloc(10_000_000, ' '));
    expect(bomb.length).toBeLessThan(16_384);
    const answer = await send(node.port, '/api/orders', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' },
      body: bomb,
    });
    expectProblem(answer, 413, 'content-too-large');
  });

  test('nesting over eight levels is too large', async () => {
    const body = `{"userId":"alice","amount":1,"description":${'['.repeat(8)}${']'.repeat(8)}}`;
    expectProblem(await post(node.port, '/api/orders', body), 413, 'content-too-large');
    expect(badFieldsOf(await post(node.port, '/api/orders', body.replace('[[', '[').replace(']]', ']')))).toEqual([
      '/description',
    ]);
  });
});

describe('fields', () => {
  test('every bad field of a body is named', async () => {
    const answer = await post(
      node.port,
      '/api/orders',
      '{"amount": 10.075, "description": 5, "status": "FINISHED", "balance": 1, "version": 1, "__proto__": {"x": 1}}',
    );
    expect(badFieldsOf(answer).sort()).toEqual(
      ['/__proto__', '/amount', '/balance', '/description', '/status', '/userId', '/version'].sort(),
    );
    expect(node.calls).toEqual([]);
  });

  test.each([
    '10.075',
    '1e400',
    '9007199254740993',
    '0',
    '-1',
    '0.001',
    '10000000000000',
    '"1e1"',
    'true',
    'null',
    '[1]',
    '{"$gt":0}',
  ])('the amount %s is refused rather than rounded', async (amount) => {
    expect(badFieldsOf(await post(node.port, DEPOSIT, `{"userId":"alice","amount":${amount}}`))).toEqual(['/amount']);
  });

  test.each([
    '""',
    '"a b"',
    '"a\\u0000"',
    '"\\ud800"',
    '"deposit"',
    '".."',
    '{"$ne":1}',
    '["a"]',
    'null',
    '1.5',
    '-1',
    '"\' OR 1=1 --"',
  ])('the userId %s is refused', async (userId) => {
    expect(badFieldsOf(await post(node.port, '/api/payments/accounts', `{"userId":${userId}}`))).toEqual(['/userId']);
  });

  test('a query on a POST is refused and does not override the body', async () => {
    expect(badFieldsOf(await post(node.port, '/api/orders?userId=mallory&x[]=1', ORDER))).toEqual(['userId', 'x[]']);
    expect(node.calls).toEqual([]);
  });

  test.each([
    ['', ['userId']],
    ['?userId=', ['userId']],
    ['?userId=a&userId=b', ['userId']],
    ['?userId[]=a', ['userId', 'userId[]']],
    ['?userId[$ne]=a', ['userId', 'userId[$ne]']],
    ['?userId=a&limit=0', ['limit']],
    ['?userId=a&limit=1e9', ['limit']],
    ['?userId=a&limit=5&limit=6', ['limit']],
    ['?userId=a&cursor=forged', ['cursor']],
    ['?userId=a&cursor=', ['cursor']],
    ['?userId=a&status=PAID', ['status']],
    ['?userId=a&sort=amount', ['sort']],
    ['?userId=a&__proto__[x]=1', ['__proto__[x]']],
    ['?userId=..&limit=x&status=x&y=1', ['limit', 'status', 'userId', 'y']],
  ])('the list %j is refused, naming %j', async (query, fields) => {
    expect(badFieldsOf(await send(node.port, `/api/orders${query}`)).sort()).toEqual(fields);
    expect(node.calls).toEqual([]);
  });

  test('a query that does not decode is malformed', async () => {
    expectProblem(await send(node.port, '/api/orders?userId=%ff'), 400, 'malformed-request');
  });

  test.each(['..', '.', 'a%2Fb', 'a%00b', '%20', "'%20OR%201=1", 'x'.repeat(65), '%F0%9F%98%80', '$ne', '-'])(
    'the userId %s in a path is refused',
    async (userId) => {
      expect(badFieldsOf(await send(node.port, `/api/payments/accounts/${userId}`))).toEqual(['userId']);
    },
  );

  test('a query where none is taken is refused', async () => {
    expect(badFieldsOf(await send(node.port, '/api/payments/accounts/alice?userId=bob'))).toEqual(['userId']);
    expect(badFieldsOf(await send(node.port, `/api/orders/${ORDER_ID}?x=1`))).toEqual(['x']);
  });

  test.each(['1', 'not-a-uuid', `${ORDER_ID}0`, '%20', 'events'])('the order id %s is no UUID', async (orderId) => {
    expectProblem(await send(node.port, `/api/orders/${orderId}`), 400, 'malformed-order-id');
  });
});
