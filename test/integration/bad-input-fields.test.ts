import { badFieldsOf, expectProblem } from '../support/expect-problem.ts';
import { post, send } from '../support/http-client.ts';
import { nodeOfThisFile, ORDER_ID } from '../support/rest-node.ts';

/** Rows of the contract's table of bad input: what is wrong inside a request that can be read. */

const ORDER = { userId: 'alice', amount: 40.05 };
const ACCOUNTS = '/api/payments/accounts';
const DEPOSIT = '/api/payments/accounts/deposit';

const node = nodeOfThisFile();

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

  test('a malformed idempotency key is named beside what is wrong in the body', async () => {
    const headers = { 'Idempotency-Key': '"half' };
    const answer = await post(node.port, '/api/orders', '{"userId": "alice", "amount": 10.075}', headers);
    expect(badFieldsOf(answer)).toEqual(['/amount', 'Idempotency-Key']);
    expect(badFieldsOf(await post(node.port, '/api/orders', ORDER, headers))).toEqual(['Idempotency-Key']);
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
