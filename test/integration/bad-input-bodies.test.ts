import { deflateSync, gzipSync } from 'node:zlib';
import { badFieldsOf, expectProblem } from '../support/expect-problem.ts';
import { post, send, sendBytes, type HttpAnswer } from '../support/http-client.ts';
import { nodeOfThisFile } from '../support/rest-node.ts';

/** Rows of the contract's table of bad input: bodies that cannot be read, or are too large to be. */

const ORDER = { userId: 'alice', amount: 40.05 };
const BODY = JSON.stringify(ORDER);

const node = nodeOfThisFile();

function postEncoded(bytes: Buffer, encoding = 'gzip'): Promise<HttpAnswer> {
  return send(node.port, '/api/orders', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Content-Encoding': encoding },
    body: bytes,
  });
}

function aroundUserId(...bytes: number[]): Buffer {
  return Buffer.from([...Buffer.from('{"userId":"'), ...bytes, ...Buffer.from('","amount":1}')]);
}

describe('a body that is no JSON object', () => {
  const malformed: [string, string | Buffer][] = [
    ['nothing', ''],
    ['blanks', '  '],
    ['truncated JSON', '{"userId": "alice"'],
    ['JSON cut in a string', '{"userId": "ali'],
    ['no JSON', 'userId=alice'],
    ['null', 'null'],
    ['an array', '[]'],
    ['an array of objects', `[${BODY}]`],
    ['a string', '"alice"'],
    ['a number', '5'],
    ['true', 'true'],
    ['two objects', `${BODY}${BODY}`],
    ['something after it', `${BODY};`],
    ['NUL after it', `${BODY}\0`],
    ['a comma at the end', '{"userId":"alice","amount":1,}'],
    ['a comment', '{"userId":"alice",/* tea */"amount":1}'],
    ['single quotes', "{'userId':'alice','amount':1}"],
    ['a key without quotes', '{userId:"alice","amount":1}'],
    ['NaN', '{"userId":"alice","amount":NaN}'],
    ['Infinity', '{"userId":"alice","amount":Infinity}'],
    ['undefined', '{"userId":"alice","amount":undefined}'],
    ['a number with a plus', '{"userId":"alice","amount":+1}'],
    ['a number with a zero before it', '{"userId":"alice","amount":01}'],
    ['a number that begins with its point', '{"userId":"alice","amount":.5}'],
    ['a number that ends with its point', '{"userId":"alice","amount":1.}'],
    ['a hexadecimal number', '{"userId":"alice","amount":0x1}'],
    ['a big integer', '{"userId":"alice","amount":1n}'],
    ['a control character in a string', '{"userId":"al\u0001ice","amount":1}'],
    ['a line break in a string', '{"userId":"al\nice","amount":1}'],
    ['an unknown escape', '{"userId":"\\x61","amount":1}'],
    ['a key twice', '{"userId":"alice","amount":1,"amount":2}'],
    ['a key twice with the same value', '{"userId":"alice","userId":"alice","amount":1}'],
    ['a key twice, once escaped', '{"userId":"alice","\\u0075serId":"bob","amount":1}'],
    ['__proto__ twice', '{"userId":"alice","amount":1,"__proto__":1,"__proto__":2}'],
    ['a key twice in a nested object', '{"userId":"alice","amount":1,"description":{"a":1,"a":2}}'],
    ['a key twice in an object of an array', '{"userId":"alice","amount":1,"description":[{"a":{}},{"a":1,"a":2}]}'],
    ['a byte order mark', `\ufeff${BODY}`],
    ['invalid UTF-8', aroundUserId(0xff)],
    ['overlong UTF-8', aroundUserId(0xc1, 0xa1)],
    ['UTF-8 cut in a character', aroundUserId(0xf0, 0x9f, 0x8d)],
    ['a code point beyond Unicode', aroundUserId(0xf4, 0x90, 0x80, 0x80)],
    ['an encoded surrogate', aroundUserId(0xed, 0xa0, 0x80)],
    ['an encoded pair of surrogates', aroundUserId(0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80)],
    ['UTF-16', Buffer.from(BODY, 'utf16le')],
    ['UTF-16 with its mark', Buffer.from(`\ufeff${BODY}`, 'utf16le')],
  ];
  test.each(malformed)('%s is malformed', async (_name, body) => {
    for (const path of ['/api/orders', '/api/payments/accounts', '/api/payments/accounts/deposit']) {
      expectProblem(await post(node.port, path, body), 400, 'malformed-json');
    }
    expect(node.calls).toEqual([]);
  });

  test('no body at all is malformed, whatever its Content-Type', async () => {
    expectProblem(await send(node.port, '/api/orders', { method: 'POST' }), 400, 'malformed-json');
    for (const length of [{ 'Content-Length': '0' }, { 'Transfer-Encoding': 'chunked' }]) {
      const headers = { 'Content-Type': 'application/json', ...length };
      expectProblem(await send(node.port, '/api/orders', { method: 'POST', headers }), 400, 'malformed-json');
    }
    expectProblem(
      await send(node.port, '/api/orders', { method: 'POST', headers: { 'Content-Type': 'text/plain' } }),
      400,
      'malformed-json',
    );
  });
});

describe('media types and encodings', () => {
  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/json; charset=latin1',
    'application/json; charset=utf8',
    'application/json; charset=utf-16',
    'application/json; charset=utf-8; charset=utf-16',
    'application/json; charset=',
    'application/json, text/plain',
    'application/merge-patch+json',
    'application/problem+json',
    'application/json5',
    'multipart/form-data; boundary=x',
    'json',
    '',
  ])('a body of type %j is not supported', async (contentType) => {
    const answer = await send(node.port, '/api/orders', {
      method: 'POST',
      headers: { 'Content-Type': contentType },
      body: BODY,
    });
    expectProblem(answer, 415, 'unsupported-media-type');
  });

  test('a body without a type is not supported', async () => {
    expectProblem(await send(node.port, '/api/orders', { method: 'POST', body: BODY }), 415, 'unsupported-media-type');
  });

  test('a body of two types is not supported', async () => {
    const head = 'POST /api/orders HTTP/1.1\r\nHost: x\r\nConnection: close\r\n';
    const types = 'Content-Type: application/json\r\nContent-Type: text/plain\r\n';
    const answer = await sendBytes(node.port, `${head}${types}Content-Length: ${BODY.length}\r\n\r\n${BODY}`);
    expect(answer).toMatch(/^HTTP\/1\.1 415 /);
    expect(node.calls).toEqual([]);
  });

  test.each(['application/json', 'Application/JSON; charset=UTF-8', 'application/json;charset="utf-8"'])(
    'a body of type %j is read',
    async (contentType) => {
      const answer = await send(node.port, '/api/orders', {
        method: 'POST',
        headers: { 'Content-Type': contentType },
        body: BODY,
      });
      expect(answer.status).toBe(201);
    },
  );

  test.each(['br', 'deflate', 'zstd', 'compress', 'gzip, gzip', 'gzip, identity', 'gzip;q=1', 'nonsense', '*'])(
    'the encoding %j is not supported',
    async (encoding) => {
      const answer = await post(node.port, '/api/orders', BODY, { 'Content-Encoding': encoding });
      expectProblem(answer, 415, 'unsupported-media-type');
      expect(answer.headers['accept-encoding']).toBe('gzip');
    },
  );

  test.each([
    ['no gzip', Buffer.from(BODY)],
    ['nothing but its first two bytes', gzipSync(BODY).subarray(0, 2)],
    ['truncated', gzipSync(BODY).subarray(0, -9)],
    ['without the end of its checksum', gzipSync(BODY).subarray(0, -1)],
    ['damaged', Buffer.concat([gzipSync(BODY).subarray(0, 12), Buffer.alloc(20)])],
    ['followed by something else', Buffer.concat([gzipSync(BODY), Buffer.from('tea')])],
    ['with a second part that is damaged', Buffer.concat([gzipSync(BODY), gzipSync('  ').subarray(0, -4)])],
    ['in the form of deflate', deflateSync(BODY)],
  ])('a gzip body that does not decode (%s) is malformed', async (_name, bytes) => {
    expectProblem(await postEncoded(bytes), 400, 'malformed-request');
    expect(node.calls).toEqual([]);
  });

  test('a gzip body that inflates to nothing, or to no JSON, is malformed JSON', async () => {
    expectProblem(await postEncoded(gzipSync('')), 400, 'malformed-json');
    expectProblem(await postEncoded(gzipSync(gzipSync(BODY))), 400, 'malformed-json');
  });

  test.each(['gzip', 'GZIP', 'x-gzip', ' gzip '])('the encoding %j is read', async (encoding) => {
    expect((await postEncoded(gzipSync(BODY), encoding)).status).toBe(201);
  });

  test('a gzip body in several parts is read as one', async () => {
    const parts = [gzipSync(BODY.slice(0, 9)), gzipSync(''), gzipSync(BODY.slice(9))];
    expect((await postEncoded(Buffer.concat(parts))).status).toBe(201);
    expect(node.calls).toMatchObject([{ params: { userId: 'alice', amount: '40.05' } }]);
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
    expectProblem(await postEncoded(bomb), 413, 'content-too-large');
    expectProblem(await postEncoded(gzipSync(ofBytes(16_385))), 413, 'content-too-large');
    expect((await postEncoded(gzipSync(ofBytes(16_384)))).status).toBe(201);
    const parts = Array.from({ length: 20 }, () => gzipSync(Buffer.alloc(1000, ' ')));
    expectProblem(await postEncoded(Buffer.concat(parts)), 413, 'content-too-large');
  });

  test.each([
    ['arrays', '[', ']'],
    ['objects', '{"a":', '}'],
  ])('nesting over eight levels is too large, be it of %s', async (_name, open, close) => {
    const nested = (levels: number): string =>
      `{"userId":"alice","amount":1,"description":${open.repeat(levels - 1)}1${close.repeat(levels - 1)}}`;
    expectProblem(await post(node.port, '/api/orders', nested(9)), 413, 'content-too-large');
    expectProblem(await post(node.port, '/api/orders', nested(1500)), 413, 'content-too-large');
    expect(badFieldsOf(await post(node.port, '/api/orders', nested(8)))).toEqual(['/description']);
  });

  test('brackets in a string nest nothing', async () => {
    const body = `{"userId":"alice","amount":1,"description":"${'['.repeat(100)}"}`;
    expect((await post(node.port, '/api/orders', body)).status).toBe(201);
  });
});
