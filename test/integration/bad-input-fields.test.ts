import { badFieldsOf, expectProblem } from '../support/expect-problem.ts';
import { post, send } from '../support/http-client.ts';
import { ORDER_ID, startRestNode, type RestNode } from '../support/rest-node.ts';

/** Rows of the contract's table of bad input: what is wrong inside a request that can be read. */

const ORDER = { userId: 'alice', amount: 40.05 };
const ACCOUNTS = '/api/payments/accounts';
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

describe('unknown fields', () => {
  test.each([
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    'status',
    'reason',
    'balance',
    'version',
    'orderId',
    'createdAt',
    'UserId',
    'userid',
    'user_id',
    'userId ',
    '',
    '$where',
  ])('%j is refused in every body', async (name) => {
    const extra = `,${JSON.stringify(name)}:{"x":1}}`;
    for (const [path, body] of [
      ['/api/orders', '{"userId":"alice","amount":1'],
      [ACCOUNTS, '{"userId":"alice"'],
      [DEPOSIT, '{"userId":"alice","amount":1'],
    ] as const) {
      expect(badFieldsOf(await post(node.port, path, body + extra))).toEqual([`/${name}`]);
    }
    expect(node.calls).toEqual([]);
  });

  test('a pointer escapes what JSON pointers escape', async () => {
    expect(badFieldsOf(await post(node.port, ACCOUNTS, '{"userId":"a","a/b~c":1,"~1":2}'))).toEqual([
      '/a~1b~0c',
      '/~01',
    ]);
  });

  test('every bad field of a body is named, not only the first', async () => {
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

  test('an empty object lacks all that is required, and no more', async () => {
    expect(badFieldsOf(await post(node.port, '/api/orders', '{}'))).toEqual(['/userId', '/amount']);
    expect(badFieldsOf(await post(node.port, DEPOSIT, '{}'))).toEqual(['/userId', '/amount']);
    expect(badFieldsOf(await post(node.port, ACCOUNTS, '{}'))).toEqual(['/userId']);
  });
});

describe('query parameters on a POST', () => {
  test.each([
    ['?userId=mallory&x[]=1', ['userId', 'x[]']],
    ['?amount=0.01', ['amount']],
    ['?__proto__[x]=1', ['__proto__[x]']],
    ['?=', ['']],
    ['??', ['?']],
    ['?a&a', ['a']],
  ])('%j is refused and overrides nothing', async (query, names) => {
    for (const path of ['/api/orders', ACCOUNTS, DEPOSIT]) {
      expect(badFieldsOf(await post(node.port, path + query, ORDER))).toEqual(names);
    }
    expect(node.calls).toEqual([]);
  });

  test.each(['?', '?&', '?&&'])('%j holds no parameter', async (query) => {
    expect((await post(node.port, `/api/orders${query}`, ORDER)).status).toBe(201);
  });

  test.each(['?%', '?a=%zz', '?%ff=1', '?a=%ed%a0%80'])('%j does not decode', async (query) => {
    expectProblem(await post(node.port, `/api/orders${query}`, ORDER), 400, 'malformed-request');
  });
});

describe('amounts', () => {
  test.each([
    ['0.01', '0.01'],
    ['9999999999999.99', '9999999999999.99'],
    ['9999999999999.990', '9999999999999.99'],
    ['999999999999999e-2', '9999999999999.99'],
    ['0.000000000000000000000000000001e28', '0.01'],
    ['0.010', '0.01'],
    ['10.0750000e1', '100.75'],
    ['10.500', '10.5'],
    ['1E2', '100'],
    ['1e+2', '100'],
    ['100e-2', '1'],
    ['1e0', '1'],
    ['"0.01"', '0.01'],
    ['"9999999999999.99"', '9999999999999.99'],
    ['"00.1"', '0.1'],
    ['"0000000000001"', '1'],
    ['"1.5"', '1.5'],
    ['"\\u0031"', '1'],
  ])('%s is the amount %s', async (source, amount) => {
    for (const path of ['/api/orders', DEPOSIT]) {
      node.calls.length = 0;
      await post(node.port, path, `{"userId":"alice","amount":${source}}`);
      expect(node.calls).toMatchObject([{ params: { amount } }]);
    }
  });

  test.each([
    '0',
    '-0',
    '0.00',
    '0e5',
    '-0.01',
    '-1',
    '0.001',
    '0.009',
    '10.075',
    '10.0750000',
    '1e-3',
    '1e-400',
    '1e400',
    '1e99999999999999999999',
    '1e-99999999999999999999',
    '10000000000000',
    '9999999999999.991',
    '9999999999999.999',
    '1e13',
    '9007199254740993',
    '9007199254740993e-2',
    '1e15',
    '"0"',
    '"0.00"',
    '"-1"',
    '"+1"',
    '"1e3"',
    '"1E3"',
    '"10000000000000"',
    '"00000000000001"',
    '"1.050"',
    '"1."',
    '".5"',
    '"1,5"',
    '" 1"',
    '"1\\n"',
    '"\\u0661"',
    '"0x10"',
    '"NaN"',
    '"Infinity"',
    '""',
    'true',
    'null',
    '[1]',
    '{"$gt":0}',
  ])('%s is refused rather than rounded', async (amount) => {
    for (const path of ['/api/orders', DEPOSIT]) {
      expect(badFieldsOf(await post(node.port, path, `{"userId":"alice","amount":${amount}}`))).toEqual(['/amount']);
    }
    expect(node.calls).toEqual([]);
  });
});

describe('user ids', () => {
  const every = (source: string): [string, string][] => [
    ['/api/orders', `{"userId":${source},"amount":1}`],
    [ACCOUNTS, `{"userId":${source}}`],
    [DEPOSIT, `{"userId":${source},"amount":1}`],
  ];

  test.each([
    ['"a"', 'a'],
    [`"${'x'.repeat(64)}"`, 'x'.repeat(64)],
    ['"A.b_c:d@e-f"', 'A.b_c:d@e-f'],
    ['"9."', '9.'],
    ['"Deposit"', 'Deposit'],
    ['"\\u0061lice"', 'alice'],
    ['"9007199254740993"', '9007199254740993'],
    ['0', '0'],
    ['42', '42'],
    ['9007199254740991', '9007199254740991'],
  ])('%s is the user %s', async (source, userId) => {
    for (const [path, body] of every(source)) {
      node.calls.length = 0;
      await post(node.port, path, body);
      expect(node.calls).toMatchObject([{ params: { userId } }]);
    }
  });

  test.each([
    '""',
    '" "',
    '"a b"',
    '" alice"',
    '"a\\u0000"',
    '"a\\n"',
    '"\\ud800"',
    '"\\udc00a"',
    '"\ud83d\ude00"',
    '"\u00e4"',
    `"${'x'.repeat(65)}"`,
    '"deposit"',
    '"."',
    '".."',
    '"-a"',
    '"_a"',
    '"a/b"',
    '"a%2Fb"',
    '{"$ne":1}',
    '["a"]',
    '[]',
    'null',
    'true',
    '1.5',
    '1.0',
    '1e3',
    '-1',
    '-0',
    '9007199254740992',
    '9007199254740993',
    '1e400',
    '"\' OR 1=1 --"',
    '"\'; DROP TABLE accounts; --"',
  ])('the userId %s is refused', async (source) => {
    for (const [path, body] of every(source)) {
      expect(badFieldsOf(await post(node.port, path, body))).toEqual(['/userId']);
    }
    expect(node.calls).toEqual([]);
  });

  test.each([
    ['..', 'dots'],
    ['.', 'a dot'],
    ['%2e%2e', 'dots, encoded'],
    ['%252e', 'a dot, encoded twice'],
    ['a%2Fb', 'a slash'],
    ['a%5Cb', 'a backslash'],
    ['a%00b', 'NUL'],
    ['%20', 'a blank'],
    ['a+b', 'a plus'],
    ["'%20OR%201=1", 'SQL'],
    ['x'.repeat(65), '65 characters'],
    ['%F0%9F%98%80', 'no ASCII'],
    ['$ne', 'an operator'],
    ['-', 'a dash first'],
    ['alice;x=1', 'a matrix parameter'],
    ['alice%3Fx', 'a question mark'],
    ['alice%23', 'a number sign'],
  ])('the userId %s in a path is refused: %s', async (userId) => {
    expect(badFieldsOf(await send(node.port, `${ACCOUNTS}/${userId}`))).toEqual(['userId']);
    expect(badFieldsOf(await send(node.port, `${ACCOUNTS}/${userId}/entries`))).toEqual(['userId']);
    expect(node.calls).toEqual([]);
  });

  test('a path names the user that it decodes to', async () => {
    await send(node.port, `${ACCOUNTS}/%61lice%40home`);
    expect(node.calls).toMatchObject([{ params: { userId: 'alice@home' } }]);
  });
});

describe('descriptions', () => {
  test.each([
    ['null', null],
    ['""', ''],
    ['" tea "', ' tea '],
    ['"a\\nb\\u0001"', 'a\nb\u0001'],
    ['"\\ud83c\\udf75"', '🍵'],
    ['"e\u0301"', 'e\u0301'],
    [`"${'x'.repeat(1000)}"`, 'x'.repeat(1000)],
    [`"${'🍵'.repeat(1000)}"`, '🍵'.repeat(1000)],
    [`"${'\\ud83c\\udf75'.repeat(1000)}"`, '🍵'.repeat(1000)],
    [`"\' OR 1=1; --"`, "' OR 1=1; --"],
  ])('%s is kept as it is', async (source, description) => {
    const body = `{"userId":"alice","amount":1,"description":${source}}`;
    expect((await post(node.port, '/api/orders', body)).json?.description).toBe(description);
  });

  test.each([
    `"${'x'.repeat(1001)}"`,
    `"${'🍵'.repeat(1001)}"`,
    '"a\\u0000b"',
    '"\\u0000"',
    '"\\ud83c"',
    '"a\\udf75"',
    '"\\udf75\\ud83c"',
    '5',
    '1e400',
    'false',
    '[]',
    '{}',
  ])('%s is refused', async (source) => {
    const body = `{"userId":"alice","amount":1,"description":${source}}`;
    expect(badFieldsOf(await post(node.port, '/api/orders', body))).toEqual(['/description']);
    expect(node.calls).toEqual([]);
  });

  test('one that is absent is null', async () => {
    await post(node.port, '/api/orders', ORDER);
    expect(node.calls).toMatchObject([{ params: { description: null } }]);
  });
});

describe('query parameters', () => {
  test.each([
    ['', ['userId']],
    ['?', ['userId']],
    ['?userId', ['userId']],
    ['?userId=', ['userId']],
    ['?userId=%00', ['userId']],
    ['?userId=a%2561', ['userId']],
    ['?userId=a&userId=b', ['userId']],
    ['?userId=a&userId=a', ['userId']],
    ['?userId=a&%75serId=b', ['userId']],
    ['?userId=a;limit=5', ['userId']],
    ['?userId=a?', ['userId']],
    ['?userId=a+b', ['userId']],
    ['?USERID=a', ['USERID', 'userId']],
    ['??userId=a', ['?userId', 'userId']],
    ['?userId[]=a', ['userId', 'userId[]']],
    ['?userId[0]=a', ['userId', 'userId[0]']],
    ['?userId[$ne]=a', ['userId', 'userId[$ne]']],
    ['?userId=a&limit=0', ['limit']],
    ['?userId=a&limit=201', ['limit']],
    ['?userId=a&limit=-1', ['limit']],
    ['?userId=a&limit=1e9', ['limit']],
    ['?userId=a&limit=1e1', ['limit']],
    ['?userId=a&limit=5.0', ['limit']],
    ['?userId=a&limit=05', ['limit']],
    ['?userId=a&limit=%205', ['limit']],
    ['?userId=a&limit=', ['limit']],
    ['?userId=a&limit=+5', ['limit']],
    ['?userId=a&limit=%2B5', ['limit']],
    ['?userId=a&limit=5%0A', ['limit']],
    ['?userId=a&limit=%D9%A5', ['limit']],
    ['?userId=a&limit[]=5', ['limit[]']],
    ['?userId=a&limit=9007199254740993', ['limit']],
    ['?userId=a&limit=5&limit=6', ['limit']],
    ['?userId=a&cursor=forged', ['cursor']],
    ['?userId=a&cursor=', ['cursor']],
    ['?userId=a&cursor=%00', ['cursor']],
    [`?userId=a&cursor=${ORDER_ID}`, ['cursor']],
    [`?userId=a&cursor=${'A'.repeat(2000)}`, ['cursor']],
    ['?userId=a&status=PAID', ['status']],
    ['?userId=a&status=new', ['status']],
    ['?userId=a&status=', ['status']],
    ['?userId=a&status=NEW&status=FINISHED', ['status']],
    ['?userId=a&sort=amount', ['sort']],
    ['?userId=a&constructor=1', ['constructor']],
    ['?userId=a&__proto__=1', ['__proto__']],
    ['?userId=a&__proto__[x]=1', ['__proto__[x]']],
    ['?userId=..&limit=x&status=x&y=1', ['limit', 'status', 'userId', 'y']],
  ])('the list %j is refused, naming %j', async (query, fields) => {
    expect(badFieldsOf(await send(node.port, `/api/orders${query}`)).sort()).toEqual(fields);
    expect(node.calls).toEqual([]);
  });

  test.each(['?userId=%ff', '?userId=%', '?userId=a&cursor=%c0%80', '?%=1', '?userId=%ed%a0%80'])(
    'the query %s does not decode',
    async (query) => {
      expectProblem(await send(node.port, `/api/orders${query}`), 400, 'malformed-request');
    },
  );

  test.each([
    ['?userId=a&', 50],
    ['?&userId=a', 50],
    ['?%75serId=a', 50],
    ['?userId=a&limit=1', 1],
    ['?userId=a&limit=200', 200],
    ['?userId=a&limit=%32', 2],
  ])('the list %s is read', async (query, limit) => {
    expect((await send(node.port, `/api/orders${query}`)).status).toBe(200);
    expect(node.calls).toMatchObject([{ params: { userId: 'a', limit } }]);
  });

  test.each([
    ['?userId=bob', ['userId']],
    ['?userId=alice', ['userId']],
    ['?userId=alice&userId=alice', ['userId']],
    ['?userId[]=bob', ['userId[]']],
    ['?%75serId=bob', ['userId']],
    ['?status=NEW', ['status']],
    ['?limit=0', ['limit']],
    ['?limit=201', ['limit']],
    ['?limit=1e9', ['limit']],
    ['?limit=01', ['limit']],
    ['?limit=+5', ['limit']],
    ['?limit=5.0', ['limit']],
    ['?limit=5&limit=5', ['limit']],
    ['?cursor=', ['cursor']],
    ['?cursor=forged', ['cursor']],
    ['?cursor=5', ['cursor']],
    ['?cursor[]=x', ['cursor[]']],
    ['?__proto__=1&limit=x', ['__proto__', 'limit']],
  ])('the entries %j are refused, naming %j', async (query, fields) => {
    expect(badFieldsOf(await send(node.port, `${ACCOUNTS}/alice/entries${query}`)).sort()).toEqual(fields);
    expect(node.calls).toEqual([]);
  });

  test('entries are read by path and query together', async () => {
    expect((await send(node.port, `${ACCOUNTS}/alice/entries?limit=7`)).status).toBe(200);
    expect(node.calls).toMatchObject([
      { action: 'payments.entries', params: { userId: 'alice', limit: 7, cursor: null } },
    ]);
  });

  test('a query where none is taken is refused', async () => {
    expect(badFieldsOf(await send(node.port, `${ACCOUNTS}/alice?userId=bob`))).toEqual(['userId']);
    expect(badFieldsOf(await send(node.port, `/api/orders/${ORDER_ID}?x=1`))).toEqual(['x']);
    expect(node.calls).toEqual([]);
  });
});

describe('order ids', () => {
  test.each([
    '1',
    'not-a-uuid',
    `${ORDER_ID}0`,
    ORDER_ID.slice(0, -1),
    ORDER_ID.replaceAll('-', ''),
    `{${ORDER_ID}}`,
    `urn:uuid:${ORDER_ID}`,
    `${ORDER_ID}%00`,
    `%20${ORDER_ID}`,
    ORDER_ID.replace('0', 'g'),
    ORDER_ID.replace('0', '%D9%A0'),
    '%20',
    '..%2f..',
    "'%20OR%201=1",
    'events',
  ])('%s is no UUID', async (orderId) => {
    expectProblem(await send(node.port, `/api/orders/${orderId}`), 400, 'malformed-order-id');
    expect(node.calls).toEqual([]);
  });

  test.each([ORDER_ID.toUpperCase(), '00000000-0000-0000-0000-000000000000', '%30' + ORDER_ID.slice(1)])(
    '%s is one',
    async (orderId) => {
      expect((await send(node.port, `/api/orders/${orderId}`)).status).toBe(200);
    },
  );
});
