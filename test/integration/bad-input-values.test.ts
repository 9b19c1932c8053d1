import { badFieldsOf, expectProblem } from '../support/expect-problem.ts';
import { post, send } from '../support/http-client.ts';
import { nodeOfThisFile, ORDER_ID } from '../support/rest-node.ts';

/** Rows of the contract's table of bad input: values, each with its neighbours on both sides of its limits. */

const ORDER = { userId: 'alice', amount: 40.05 };
const ACCOUNTS = '/api/payments/accounts';
const DEPOSIT = '/api/payments/accounts/deposit';

const node = nodeOfThisFile();

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
