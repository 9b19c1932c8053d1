import fc, { type Arbitrary } from 'fast-check';
import type { Door, FuzzCase } from '../fuzz-case.ts';
import type { World } from '../world.ts';

/**
 * Bytes that may be no request: requests with something changed in them, and anything at all. What becomes of them is not
 * foretold; they cannot change anything, since the requests that they are made of could not either.
 */

type Mutation = (bytes: Buffer) => Buffer;

const PIECES = [
  ...['\r\n', '\n', '\r', '\0', ' ', '\t', ':', ';', ',', '\x7f', '\xff', '%', '0', '-1', 'HTTP/1.1', 'HTTP/0.9'],
  ...['Transfer-Encoding: chunked\r\n', 'Content-Length: 5\r\n', 'Content-Length: 0\r\n', 'Host: y\r\n', ' folded\r\n'],
  ...['Connection: close\r\n', 'Upgrade: websocket\r\nConnection: Upgrade\r\n', `X: ${'x'.repeat(17_000)}\r\n`],
  ...['a:b\r\n'.repeat(4000), '\r\n\r\n', '\x16\x03\x01\x02\x00\x01\x00', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
];

const insert = fc.tuple(fc.nat(5000), fc.constantFrom(...PIECES)).map(([where, piece]): Mutation => {
  return (bytes) => {
    const index = where % (bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, index), Buffer.from(piece, 'latin1'), bytes.subarray(index)]);
  };
});
const cut = fc.tuple(fc.nat(5000), fc.nat(20)).map(([where, length]): Mutation => {
  return (bytes) => {
    const index = where % bytes.length;
    return Buffer.concat([bytes.subarray(0, index), bytes.subarray(index + length)]);
  };
});
const change = fc.tuple(fc.nat(5000), fc.nat(255)).map(([where, byte]): Mutation => {
  return (bytes) => {
    const changed = Buffer.from(bytes);
    changed[where % bytes.length] = byte;
    return changed;
  };
});
const end = fc.nat(5000).map(
  (where): Mutation =>
    (bytes) =>
      bytes.subarray(0, 1 + (where % bytes.length)),
);

/** Requests without an effect, whatever few bytes of them change: questions, and bodies without one good field. */
function harmless(world: World): string[] {
  const body = '{"a":{},"b":["x"],"c":{"d":null}}';
  const head = (path: string): string => `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n`;
  const post = (path: string): string => `${head(path)}Content-Length: ${body.length}\r\n\r\n${body}`;
  const chunks = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
  return [
    `GET /api/orders?userId=${world.holders[0] ?? ''} HTTP/1.1\r\nHost: x\r\n\r\n`,
    `GET /api/payments/accounts/${world.holders[0] ?? ''} HTTP/1.1\r\nHost: x\r\nAccept: application/json\r\n\r\n`,
    'OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n',
    'CONNECT shop.example:443 HTTP/1.1\r\nHost: shop.example\r\n\r\n',
    post('/api/orders'),
    `${head('/api/orders')}Transfer-Encoding: chunked\r\n\r\n${chunks}`,
    post('/api/payments/accounts'),
    post('/api/payments/accounts/deposit'),
  ];
}

function mutate(text: string, mutations: readonly Mutation[]): Buffer {
  let bytes: Buffer = Buffer.from(text, 'latin1');
  for (const mutation of mutations) if (bytes.length > 0) bytes = mutation(bytes);
  return bytes;
}

export function garbageCases(world: World, door: Door): Arbitrary<FuzzCase> {
  const mutated = fc
    .tuple(
      fc.constantFrom(...harmless(world)),
      fc.array(fc.oneof(insert, cut, change, end), { minLength: 1, maxLength: 4 }),
    )
    .map(([text, mutations]) => mutate(text, mutations));
  const anything = fc.uint8Array({ minLength: 1, maxLength: 400 }).map((bytes) => Buffer.from(bytes));
  return (
    fc
      .oneof({ weight: 4, arbitrary: mutated }, { weight: 1, arbitrary: anything })
      // Empty lines before a request are read over: nothing was asked yet.
      .filter((bytes) => bytes.toString('latin1').trim() !== '')
      .map((bytes): FuzzCase => ({
        endpoint: 'bytes that are no request',
        door,
        request: { bytes, method: 'GET', path: '', requestId: null, alone: true },
        expected: { outcomes: [], pointers: [], status: 0, check: () => [] },
      }))
  );
}
