import fc from 'fast-check';
import { spelledNumber, spelledString, stringLiteral } from '../../../fuzz/generators/json-values.ts';
import { centsOf, decimalOf } from '../../../fuzz/oracle/decimal.ts';
import { amountOf, isAmount, isDescription, isUserId, type Json } from '../../../fuzz/oracle/values.ts';

test('every spelling of a number means the amount that it was made of', () => {
  fc.assert(
    fc.property(spelledNumber, ({ cents, source }) => {
      expect(JSON.parse(source)).toEqual(expect.any(Number));
      expect(centsOf(source)).toBe(cents);
      expect(centsOf(decimalOf(cents))).toBe(cents);
    }),
    { numRuns: 2000 },
  );
});

test('every spelling of a string means the amount that it was made of', () => {
  fc.assert(
    fc.property(spelledString, ({ cents, text }) => {
      const json: Json = { kind: 'string', text, source: stringLiteral(text, false) };
      expect(amountOf(json)).toBe(cents);
      expect(isAmount(json)).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test('a literal in escapes is the string that it was made of', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.boolean(), (text, escaped) => {
      expect(JSON.parse(stringLiteral(text, escaped))).toBe(text);
    }),
  );
});

test.each([
  ['10.075', 'finer'],
  ['1e-400', 'finer'],
  ['1e-99999999999999999999', 'finer'],
  ['1e99999999999999999999', 'too large'],
  ['0e99999999999999999999', 0n],
  ['-0.010', -1n],
  ['9007199254740993', 900719925474099300n],
] as const)('the oracle reads %s exactly', (source, cents) => {
  expect(centsOf(source)).toBe(cents);
});

test('the oracle counts code points, and takes no half of a pair', () => {
  const text = (value: string): Json => ({ kind: 'string', text: value, source: stringLiteral(value, false) });
  expect(isDescription(text('🍵'.repeat(1000)))).toBe(true);
  expect(isDescription(text('🍵'.repeat(1001)))).toBe(false);
  expect(isDescription(text('\ud83c'))).toBe(false);
  expect(isDescription(text('a\u0000'))).toBe(false);
  expect(isUserId(text('deposit'))).toBe(false);
  expect(isUserId({ kind: 'number', source: '9007199254740992' })).toBe(false);
  expect(isUserId({ kind: 'number', source: '9007199254740991' })).toBe(true);
});
