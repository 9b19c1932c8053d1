import { createOrderInput, depositInput } from '../../../contract/inputs.ts';
import { idempotencyKeyOf } from '../../../mixins/idempotency-keys/idempotency-key.ts';

const ORDER = { userId: 'alice', amount: '10.5', description: null };

function keyOf(meta: object, values: { userId: string } = ORDER, action = 'orders.create') {
  return idempotencyKeyOf({ meta, action: { name: action } }, values);
}

test('a call without a key has none', () => {
  expect(keyOf({})).toBeNull();
  expect(keyOf({ idempotencyKey: null })).toBeNull();
});

test('the scope is the action and the caller, or the user where authorisation is off', () => {
  const scopeOf = (meta: object, action?: string) => keyOf({ idempotencyKey: 'k', ...meta }, ORDER, action)?.scope;
  expect(scopeOf({})).toBe('orders.create alice');
  expect(scopeOf({ caller: null })).toBe('orders.create alice');
  expect(scopeOf({ caller: 'checkout' })).toBe('orders.create checkout');
  expect(scopeOf({}, 'payments.deposit')).toBe('payments.deposit alice');
});

test('two spellings of the same values have one fingerprint', () => {
  const fingerprintOf = (input: object) => keyOf({ idempotencyKey: 'k' }, createOrderInput.parse(input))?.fingerprint;
  const first = fingerprintOf({ userId: 42, amount: 10.5 });
  expect(first).toMatch(/^[0-9a-f]{64}$/);
  expect(fingerprintOf({ description: null, amount: '10.50', userId: '42' })).toBe(first);
});

test.each([
  { userId: 'alice', amount: '10.51' },
  { userId: 'bob', amount: '10.5' },
  { userId: 'alice', amount: '10.5', description: '' },
])('%j is another request', (input) => {
  const of = (values: { userId: string }) => keyOf({ idempotencyKey: 'k' }, values)?.fingerprint;
  expect(of(createOrderInput.parse(input))).not.toBe(of(createOrderInput.parse({ userId: 'alice', amount: 10.5 })));
});

test('each request is an attempt of its own', () => {
  const values = depositInput.parse({ userId: 'alice', amount: 1 });
  const attempts = [1, 2, 3].map(() => keyOf({ idempotencyKey: 'k' }, values)?.attempt);
  expect(new Set(attempts).size).toBe(3);
});

test.each(['', 'x'.repeat(256), 'ä', 'a\tb', 'a\0b', 'a\nb', 42, true, {}, ['k']])('%j is no key', (idempotencyKey) => {
  expect(() => keyOf({ idempotencyKey })).toThrow('Nothing was done: correct Idempotency-Key');
});

test.each(['k', 'x'.repeat(255), 'a b', '"', '~!'])('%j is a key', (idempotencyKey) => {
  expect(keyOf({ idempotencyKey })?.key).toBe(idempotencyKey);
});
