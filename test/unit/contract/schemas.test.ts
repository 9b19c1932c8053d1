import type { TSchema } from '@sinclair/typebox';
import fc from 'fast-check';
import type { Input } from '../../../contract/define-input.ts';
import {
  createOrderInput,
  depositInput,
  listOrdersInput,
  openAccountInput,
  showBalanceInput,
  showOrderInput,
} from '../../../contract/inputs.ts';
import { amount, cursor, description, limit, orderId, status, userId, type Value } from '../../../contract/values.ts';
import { parseJsonObject } from '../../../http/parse-json.ts';
import { compile } from '../../support/json-schema.ts';

/** Of each property; the generators lean towards the edges of what is accepted. */
const RUNS = 3000;

const cents = fc.bigInt(-200n, 10n ** 15n + 200n);
const decimal = (minorUnits: bigint, digits: number): string =>
  `${minorUnits / 10n ** BigInt(digits)}.${String(minorUnits % 10n ** BigInt(digits))
    .replace('-', '')
    .padStart(digits, '0')}`;

const numbers = fc.oneof(
  fc.double(),
  fc.integer({ min: -3, max: 300 }),
  fc.constantFrom(-1, 1, 199, 200, 201),
  fc.maxSafeInteger(),
  fc.constantFrom(0, 0.01, 9999999999999.99, 10 ** 13, 2 ** 53 - 1, 2 ** 53, 1e21, 40.05, 10.075, 0.1 + 0.2, 5e-324),
  fc.tuple(cents, fc.constantFrom(1, 2, 2, 2, 3)).map(([value, digits]) => Number(decimal(value, digits))),
);
const strings = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  // Halves of surrogate pairs, too.
  fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units)),
  fc.string({ unit: fc.constantFrom('a', 'Z', '0', '9', '.', '_', ':', '@', '-'), maxLength: 66 }),
  fc
    .tuple(fc.constantFrom('a', '.', 'é', '🍵'), fc.constantFrom(63, 64, 65, 999, 1000, 1001))
    .map(([c, n]) => c.repeat(n)),
  fc.tuple(cents, fc.constantFrom(1, 2, 3)).map(([value, digits]) => decimal(value, digits)),
  fc.string({ unit: fc.constantFrom('0', '1', '9', '.'), maxLength: 17 }),
  fc.uuid(),
  fc.uuid().map((id) => id.toUpperCase()),
  fc.constantFrom('', 'deposit', 'Deposit', 'a\n', 'a\u0000', '0', '0.00', '.', '..', '1e3', '05', '-0', 'NEW', 'new'),
);
const values = fc.oneof(numbers, strings, fc.constantFrom(null, true, {}, [], ['a'], { $ne: 1 }), fc.jsonValue());

/** What a client's JSON becomes at the door. */
function received(value: unknown): unknown {
  return parseJsonObject(`{"value":${JSON.stringify(value)}}`).value;
}

/** JSON that a schema's reader sees; a number that is none in JSON is null there. */
function sent(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value)) as unknown;
}

describe.each<[string, Value<unknown>]>([
  ['userId', userId],
  ['amount', amount],
  ['description', description],
])('in a body, %s', (_name, value) => {
  test('is accepted by its schema exactly when its check accepts it', () => {
    const fits = compile(value.schema);
    fc.assert(
      fc.property(values, (given) => {
        const isHalfPair = typeof given === 'string' && !given.isWellFormed();
        expect(value.check(received(given)).ok).toBe(fits(sent(given)) && !isHalfPair);
      }),
      { numRuns: RUNS },
    );
  });
});

describe.each<[string, Value<unknown>]>([
  ['userId', userId],
  ['orderId', orderId],
  ['limit', limit],
  ['status', status],
  ['cursor', cursor],
])('as a parameter, %s', (_name, value) => {
  const schema: TSchema = value.parameterSchema ?? value.schema;

  test('is accepted by its schema exactly when its check accepts it', () => {
    const fits = compile(schema);
    fc.assert(
      fc.property(fc.oneof(strings, numbers.map(String)), (text) => {
        const isInteger = schema.type === 'integer' && /^(0|-?[1-9]\d*)$/.test(text);
        expect(value.check(text).ok).toBe(fits(isInteger ? Number(text) : text));
      }),
      { numRuns: RUNS },
    );
  });
});

describe.each<[string, Input]>([
  ['creating an order', createOrderInput],
  ['listing orders', listOrdersInput],
  ['showing an order', showOrderInput],
  ['opening an account', openAccountInput],
  ['depositing', depositInput],
  ['showing a balance', showBalanceInput],
])('the input of %s', (_name, input) => {
  const good: Record<string, unknown> = {
    userId: 'alice',
    amount: 40.05,
    description: 'tea',
    orderId: '0193b5a0-7c1e-7a2b-8c3d-4e5f60718293',
    limit: 50,
    status: 'NEW',
  };

  test('has the fields, required and optional, and no others, that its schema says', () => {
    const fits = compile(input.schema);
    const names = fc.subarray([...Object.keys(good), 'version', '__proto__', 'toString']);
    fc.assert(
      fc.property(names, (given) => {
        const body = Object.fromEntries(given.map((name) => [name, good[name] ?? 1]));
        expect(accepts(input, body)).toBe(fits(body));
      }),
      { numRuns: 500 },
    );
  });
});

function accepts(input: Input, body: unknown): boolean {
  try {
    input.parse(body);
    return true;
  } catch {
    return false;
  }
}
