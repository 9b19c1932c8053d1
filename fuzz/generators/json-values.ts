import fc, { type Arbitrary } from 'fast-check';
import { decimalOf, MAX_CENTS } from '../oracle/decimal.ts';
import type { Json } from '../oracle/values.ts';

/** JSON values for fields: good ones, their neighbours, and what has no business there. */

/** How many code points a text gets that is to be too long; beyond the contract's largest limit, 1000. */
const LONG_CODE_POINTS = [999, 1000, 1001, 1500];

/** Spells a string as a JSON literal: as it is where JSON allows that, or every unit of it escaped. */
export function stringLiteral(text: string, escaped: boolean): string {
  // JSON.stringify escapes half surrogates, which UTF-8 cannot carry.
  if (!escaped) return JSON.stringify(text);
  const units = Array.from({ length: text.length }, (_, index) => text.charCodeAt(index));
  return `"${units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')}"`;
}

export function jsonString(text: Arbitrary<string>): Arbitrary<Json> {
  return fc
    .tuple(text, fc.nat(7))
    .map(([value, chance]) => ({ kind: 'string', text: value, source: stringLiteral(value, chance === 7) }));
}

export function jsonNumber(source: Arbitrary<string>): Arbitrary<Json> {
  return source.map((text) => ({ kind: 'number', source: text }));
}

export function jsonOther(source: string): Json {
  return { kind: 'other', isNull: source === 'null', source };
}

const others = fc.constantFrom(
  ...['null', 'true', 'false', '[]', '{}', '[1]', '["alice"]', '{"$ne":1}', '{"$gt":0}', '{"a":[{}]}'].map(jsonOther),
);

/** Any text: ASCII, astral, halves of surrogate pairs, NUL. */
export const anyText = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: 'grapheme-ascii', maxLength: 80 }) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  {
    weight: 1,
    arbitrary: fc.string({ unit: fc.constantFrom('\ud800', '\udc00', '\u0000', '\uffff', '🍵', 'e\u0301', '"', '\\') }),
  },
  { weight: 1, arbitrary: fc.constantFrom("' OR 1=1 --", "'; DROP TABLE accounts; --", '../../etc/passwd', '${7*7}') },
);

const userIdFirst = fc.constantFrom(...Array.from('abcXYZ019'));
const userIdRest = fc.string({ unit: fc.constantFrom(...Array.from('abcXYZ019._:@-')), maxLength: 63 });
export const freshUserId = fc.tuple(userIdFirst, userIdRest).map(([first, rest]) => first + rest);

/** Ids around each rule: length, first character, alphabet, the reserved one. */
export const userIdNeighbour = fc.oneof(
  fc.constantFrom(
    '',
    '.',
    '..',
    'deposit',
    'Deposit',
    '-a',
    '_a',
    ':a',
    '@a',
    'a ',
    ' a',
    'a/b',
    'a\u0000',
    'ä',
    '\ud800',
  ),
  fc.integer({ min: 63, max: 66 }).map((length) => 'x'.repeat(length)),
  anyText,
);

const bigIntegers = fc.constantFrom(
  '0',
  '9007199254740991',
  '9007199254740992',
  '9007199254740993',
  '18446744073709551616',
);

/** @param known ids of users that the world has */
export function userIds(known: Arbitrary<string>): Arbitrary<Json> {
  return fc.oneof(
    { weight: 8, arbitrary: jsonString(known) },
    { weight: 3, arbitrary: jsonString(freshUserId) },
    { weight: 1, arbitrary: jsonNumber(fc.oneof(fc.maxSafeNat().map(String), bigIntegers)) },
    { weight: 1, arbitrary: jsonString(userIdNeighbour) },
    { weight: 1, arbitrary: fc.oneof(jsonNumber(hostileNumber), others) },
  );
}

/** Every amount there is, small ones as often as large ones. */
export const cents: Arbitrary<bigint> = fc
  .tuple(fc.integer({ min: 1, max: 15 }), fc.bigInt({ min: 0n, max: MAX_CENTS }))
  .map(([digits, chance]) => (chance % 10n ** BigInt(digits)) + 1n)
  .map((value) => (value > MAX_CENTS ? MAX_CENTS : value));

/** Spells an amount as a JSON number: with zeros that change nothing, with an exponent, or plainly. */
export const spelledNumber: Arbitrary<{ readonly cents: bigint; readonly source: string }> = fc
  .tuple(cents, fc.nat(3), fc.integer({ min: -30, max: 30 }), fc.nat(12), fc.constantFrom('e', 'E', 'e+', 'E+'))
  .map(([value, way, shift, zeros, letter]) => ({
    cents: value,
    source: spellNumber(value, way, shift, zeros, letter),
  }));

function spellNumber(value: bigint, way: number, shift: number, zeros: number, letter: string): string {
  const plain = decimalOf(value);
  if (way === 0) return plain;
  if (way === 1) return `${plain}${plain.includes('.') ? '' : '.0'}${'0'.repeat(zeros)}`;
  // value × 10^-2 = mantissa × 10^shift
  const power = -2 - shift;
  const mantissa = power >= 0 ? String(value * 10n ** BigInt(power)) : withPoint(value, -power);
  return `${mantissa}${shift < 0 ? `${letter.charAt(0)}${shift}` : `${letter}${shift}`}`;
}

function withPoint(value: bigint, fractionDigits: number): string {
  const digits = String(value).padStart(fractionDigits + 1, '0');
  return `${digits.slice(0, -fractionDigits)}.${digits.slice(-fractionDigits)}`;
}

/** Spells an amount as the contract's decimal string: up to 13 digits, and up to two more. */
export const spelledString: Arbitrary<{ readonly cents: bigint; readonly text: string }> = fc
  .tuple(cents, fc.nat(12), fc.boolean())
  .map(([value, zeros, padded]) => {
    const [whole = '', fraction = ''] = decimalOf(value).split('.');
    const digits = fraction === '' && !padded ? '' : `.${fraction.padEnd(padded ? 2 : 1, '0')}`;
    return { cents: value, text: `${whole.padStart(Math.min(13, whole.length + zeros), '0')}${digits}` };
  });

const hostileNumber: Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    ...[
      '0',
      '-0',
      '0.0',
      '0e9',
      '-1',
      '-0.01',
      '0.001',
      '10.075',
      '10.0750000',
      '1e400',
      '1e-400',
      '1e99999999999999999999',
    ],
    ...[
      '1e-99999999999999999999',
      '9007199254740993',
      '10000000000000',
      '9999999999999.99',
      '9999999999999.991',
      '1e13',
    ],
  ),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => JSON.stringify(number)),
  fc
    .tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** 20n }), fc.integer({ min: -40, max: 40 }))
    .map(([negative, mantissa, exponent]) => `${negative ? '-' : ''}${mantissa}e${exponent}`),
);

const hostileAmountText = fc.oneof(
  fc.constantFrom(
    '',
    '0',
    '0.00',
    '+1',
    '-1',
    '1e3',
    '1.',
    '.5',
    '1,5',
    ' 1',
    '1 ',
    '0x10',
    'NaN',
    'Infinity',
    '1.050',
  ),
  fc.constantFrom('10000000000000', '00000000000001', '9999999999999.99', '\u0661', '1\n', '1_000'),
  anyText,
);

export const amounts: Arbitrary<Json> = fc.oneof(
  { weight: 8, arbitrary: jsonNumber(spelledNumber.map(({ source }) => source)) },
  { weight: 5, arbitrary: jsonString(spelledString.map(({ text }) => text)) },
  { weight: 1, arbitrary: jsonNumber(hostileNumber) },
  { weight: 1, arbitrary: jsonString(hostileAmountText) },
  { weight: 1, arbitrary: others },
);

export const descriptions: Arbitrary<Json> = fc.oneof(
  { weight: 6, arbitrary: jsonString(anyText) },
  { weight: 1, arbitrary: fc.constant(jsonOther('null')) },
  {
    weight: 1,
    arbitrary: jsonString(
      fc
        .tuple(fc.constantFrom('x', '🍵', 'ä'), fc.constantFrom(...LONG_CODE_POINTS))
        .map(([one, count]) => one.repeat(count)),
    ),
  },
  { weight: 1, arbitrary: fc.oneof(jsonNumber(hostileNumber), others) },
);

/** For fields that nobody knows. */
export const anyValue: Arbitrary<Json> = fc.oneof(jsonString(anyText), jsonNumber(hostileNumber), others);

export const unknownName = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'status', 'balance', 'version', 'orderId'),
  fc.constantFrom('', 'userid', 'user_id', 'Amount', 'a/b', 'a~b', '$where', 'length', '0'),
  anyText,
);
