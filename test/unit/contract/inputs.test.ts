import {
  cursorAfterOrder,
  orderIdOfCursor,
  createOrderInput,
  depositInput,
  listOrdersInput,
  openAccountInput,
  showBalanceInput,
  showOrderInput,
} from '../../../contract/inputs.ts';
import { JsonNumber } from '../../../contract/json-number.ts';
import { isProblem, type ProblemData } from '../../../problems/problems.ts';

const ORDER_ID = '0193b5a0-7c1e-7a2b-8c3d-4e5f60718293';

function refusalOf(parse: () => unknown): { type: string; data?: ProblemData } {
  try {
    parse();
  } catch (error) {
    if (isProblem(error)) return error;
    throw error;
  }
  throw new Error('The input was accepted.');
}

function badFieldsOf(parse: () => unknown): string[] {
  const { type, data } = refusalOf(parse);
  expect(type).toBe('invalid-input');
  return (data?.errors ?? []).map(({ pointer }) => pointer);
}

describe('userId', () => {
  test.each([
    ['alice', 'alice'],
    ['a', 'a'],
    ['0', '0'],
    ['A.b_c:d@e-f', 'A.b_c:d@e-f'],
    ['x'.repeat(64), 'x'.repeat(64)],
    ['Deposit', 'Deposit'],
    [new JsonNumber('42'), '42'],
    [new JsonNumber('0'), '0'],
    [new JsonNumber('9007199254740991'), '9007199254740991'],
    [42, '42'],
  ])('%j is accepted', (given, userId) => {
    expect(openAccountInput.parse({ userId: given })).toEqual({ userId });
  });

  test.each([
    undefined,
    null,
    '',
    'x'.repeat(65),
    '.',
    '..',
    '-a',
    'a b',
    'a/b',
    'a\u0000b',
    'a\n',
    '\ud800',
    'ä',
    "'; DROP TABLE accounts; --",
    'deposit',
    true,
    ['alice'],
    { $ne: 1 },
    new JsonNumber('1.5'),
    new JsonNumber('1e3'),
    new JsonNumber('-1'),
    new JsonNumber('-0'),
    new JsonNumber('9007199254740992'),
    new JsonNumber('9007199254740993'),
    1.5,
    -1,
    Number.NaN,
    2 ** 53,
  ])('%p is refused', (userId) => {
    expect(badFieldsOf(() => openAccountInput.parse({ userId }))).toEqual(['/userId']);
    expect(badFieldsOf(() => showBalanceInput.parse({ userId }))).toEqual(['userId']);
  });
});

describe('amount', () => {
  test.each([
    [new JsonNumber('40.05'), '40.05'],
    [new JsonNumber('10.500'), '10.5'],
    [new JsonNumber('1e1'), '10'],
    [new JsonNumber('1e-2'), '0.01'],
    [new JsonNumber('9999999999999.99'), '9999999999999.99'],
    ['40.05', '40.05'],
    ['0040', '40'],
    [40.05, '40.05'],
    [0.1, '0.1'],
    [9999999999999.99, '9999999999999.99'],
  ])('%p is accepted', (given, amount) => {
    expect(depositInput.parse({ userId: 'alice', amount: given })).toEqual({ userId: 'alice', amount });
  });

  test.each([
    undefined,
    null,
    '',
    '0',
    '0.00',
    '-1',
    '1e1',
    '10.500',
    '10000000000000',
    new JsonNumber('0'),
    new JsonNumber('-0'),
    new JsonNumber('-5'),
    new JsonNumber('10.075'),
    new JsonNumber('0.001'),
    new JsonNumber('1e400'),
    new JsonNumber('9007199254740993'),
    new JsonNumber('10000000000000'),
    10.075,
    0.1 + 0.2,
    1e21,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    true,
    [1],
    { $gt: 0 },
    10n,
  ])('%p is refused', (amount) => {
    expect(badFieldsOf(() => depositInput.parse({ userId: 'alice', amount }))).toEqual(['/amount']);
  });
});

describe('description', () => {
  const order = { userId: 'alice', amount: '1' };

  test.each([
    [undefined, null],
    [null, null],
    ['', ''],
    [' tea ', ' tea '],
    ['<script>', '<script>'],
    ['x'.repeat(1000), 'x'.repeat(1000)],
    ['🍵'.repeat(1000), '🍵'.repeat(1000)],
  ])('%j is kept as %j', (description, kept) => {
    expect(createOrderInput.parse({ ...order, description }).description).toBe(kept);
  });

  test.each([
    'x'.repeat(1001),
    '🍵'.repeat(1001),
    'a\u0000b',
    '\ud83c',
    'a\udf75',
    5,
    true,
    [],
    {},
    new JsonNumber('5'),
  ])('%p is refused', (description) => {
    expect(badFieldsOf(() => createOrderInput.parse({ ...order, description }))).toEqual(['/description']);
  });
});

describe('a whole input', () => {
  test('every bad field is named, not only the first', () => {
    const input: unknown = JSON.parse('{"amount": "no", "status": "FINISHED", "__proto__": {"x": 1}, "a/b~c": 1}');
    expect(badFieldsOf(() => createOrderInput.parse(input)).sort()).toEqual(
      ['/__proto__', '/a~1b~0c', '/amount', '/status', '/userId'].sort(),
    );
  });

  test.each(['balance', 'version', 'orderId', 'constructor', 'toString', '__proto__', ''])(
    'the unknown field %j is refused',
    (name) => {
      const input: unknown = JSON.parse(`{"userId": "alice", ${JSON.stringify(name)}: 1}`);
      expect(badFieldsOf(() => openAccountInput.parse(input))).toEqual([`/${name}`]);
    },
  );

  test('what is inherited counts as absent', () => {
    expect(badFieldsOf(() => openAccountInput.parse(Object.create({ userId: 'alice' })))).toEqual(['/userId']);
  });

  test.each([undefined, null, 'text', 5])('%p instead of an object lacks its fields', (input) => {
    expect(badFieldsOf(() => depositInput.parse(input))).toEqual(['/userId', '/amount']);
  });

  test('what a parser returns is valid input and stays as it is', () => {
    const order = createOrderInput.parse({ userId: new JsonNumber('7'), amount: new JsonNumber('10.500') });
    expect(createOrderInput.parse(order)).toEqual(order);
    const list = listOrdersInput.parse({ userId: 'alice', status: 'NEW' });
    expect(listOrdersInput.parse(list)).toEqual(list);
  });
});

describe('a list of orders', () => {
  test('has 50 items a page, of every status, from the newest, if nothing else is asked for', () => {
    expect(listOrdersInput.parse({ userId: 'alice' })).toEqual({
      userId: 'alice',
      limit: 50,
      status: null,
      cursor: null,
    });
  });

  test.each([
    ['1', 1],
    ['200', 200],
    [7, 7],
  ])('takes the limit %p', (limit, parsed) => {
    expect(listOrdersInput.parse({ userId: 'alice', limit }).limit).toBe(parsed);
  });

  test.each(['0', '201', '1e9', '-1', '5.5', '', ' 5', '05', null, 0, 201, Number.NaN, []])(
    'refuses the limit %p',
    (limit) => {
      expect(badFieldsOf(() => listOrdersInput.parse({ userId: 'alice', limit }))).toEqual(['limit']);
    },
  );

  test.each(['new', 'PAID', '', 5, []])('refuses the status %p', (status) => {
    expect(badFieldsOf(() => listOrdersInput.parse({ userId: 'alice', status }))).toEqual(['status']);
  });

  test('continues where the cursor of the page before says', () => {
    const cursor = cursorAfterOrder({ userId: 'alice', status: 'NEW' }, ORDER_ID);
    const input = listOrdersInput.parse({ userId: 'alice', status: 'NEW', cursor });
    expect(orderIdOfCursor(input)).toBe(ORDER_ID);
  });

  test('refuses a cursor that was forged, cut, or made for another list', () => {
    const cursor = cursorAfterOrder({ userId: 'alice', status: null }, ORDER_ID);
    const notAnId = cursorAfterOrder({ userId: 'alice', status: null }, "' OR 1=1");
    const forged = [
      { userId: 'alice', cursor: '' },
      { userId: 'alice', cursor: 'x' },
      { userId: 'alice', cursor: 'not base64!' },
      { userId: 'alice', cursor: 5 },
      { userId: 'alice', cursor: ORDER_ID },
      { userId: 'alice', cursor: Buffer.from(ORDER_ID).toString('base64url') },
      { userId: 'alice', cursor: cursor.slice(0, -1) },
      { userId: 'alice', cursor: `${cursor}=` },
      { userId: 'alice', cursor: notAnId },
      { userId: 'bob', cursor },
      { userId: 'alice', status: 'NEW', cursor },
    ];
    for (const input of forged) expect(badFieldsOf(() => listOrdersInput.parse(input))).toEqual(['cursor']);
  });
});

describe('an order id', () => {
  test('is a UUID, in lower case from here on', () => {
    expect(showOrderInput.parse({ orderId: ORDER_ID.toUpperCase() })).toEqual({ orderId: ORDER_ID });
  });

  test.each([undefined, '', '1', `${ORDER_ID}x`, ` ${ORDER_ID}`, ORDER_ID.replaceAll('-', ''), `{${ORDER_ID}}`, 5])(
    '%p is malformed',
    (orderId) => {
      expect(refusalOf(() => showOrderInput.parse({ orderId })).type).toBe('malformed-order-id');
    },
  );
});
