import { centsOf, MAX_CENTS } from './decimal.ts';

/** Which values the contract takes: written from its text, with its numbers, and with nothing of the product. */

/** A JSON value: what it means, and how it stands in the body. */
export type Json =
  | { readonly kind: 'string'; readonly text: string; readonly source: string }
  | { readonly kind: 'number'; readonly source: string }
  | { readonly kind: 'other'; readonly isNull: boolean; readonly source: string };

export type Judge<T> = (value: T | undefined) => boolean;

const LETTERS_AND_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const USER_ID_CHARACTERS = `${LETTERS_AND_DIGITS}._:@-`;

export const isUserIdText: Judge<string> = (text) =>
  text !== undefined &&
  text.length >= 1 &&
  text.length <= 64 &&
  LETTERS_AND_DIGITS.includes(text.charAt(0)) &&
  Array.from(text).every((character) => USER_ID_CHARACTERS.includes(character)) &&
  text !== 'deposit';

export const isUserId: Judge<Json> = (value) => {
  if (value?.kind === 'string') return isUserIdText(value.text);
  // An integer is one as it is written: 1e3 and 1.0 are none.
  return value?.kind === 'number' && /^\d+$/.test(value.source) && BigInt(value.source) <= 2n ** 53n - 1n;
};

export const isAmount: Judge<Json> = (value) => {
  const cents = value === undefined ? null : amountOf(value);
  return cents !== null && cents > 0n && cents <= MAX_CENTS;
};

/** @returns hundredths, or null for what is no amount of whole hundredths */
export function amountOf(value: Json): bigint | null {
  if (value.kind === 'number') {
    const cents = centsOf(value.source);
    return typeof cents === 'bigint' ? cents : null;
  }
  if (value.kind !== 'string') return null;
  const [whole = '', fraction, ...more] = value.text.split('.');
  const isDigits = (text: string, most: number): boolean =>
    text.length >= 1 && text.length <= most && Array.from(text).every((digit) => '0123456789'.includes(digit));
  if (more.length > 0 || !isDigits(whole, 13) || (fraction !== undefined && !isDigits(fraction, 2))) return null;
  return BigInt(whole) * 100n + BigInt((fraction ?? '').padEnd(2, '0'));
}

export const isDescription: Judge<Json> = (value) => {
  if (value === undefined) return true;
  if (value.kind !== 'string') return value.kind === 'other' && value.isNull;
  // By code point: a pair of surrogates is one of length 2, half of one stands alone.
  const codePoints = Array.from(value.text);
  const isHalf = (point: string): boolean => point.length === 1 && point >= '\ud800' && point <= '\udfff';
  return codePoints.length <= 1000 && codePoints.every((point) => point !== '\0' && !isHalf(point));
};

export const isLimit: Judge<string> = (text) =>
  text === undefined || (/^[1-9][0-9]{0,2}$/.test(text) && BigInt(text) <= 200n);

export const isStatus: Judge<string> = (text) =>
  text === undefined || text === 'NEW' || text === 'FINISHED' || text === 'CANCELLED';

export const isOrderId: Judge<string> = (text) => {
  const parts = (text ?? '').toLowerCase().split('-');
  return (
    parts.map(({ length }) => length).join() === '8,4,4,4,12' &&
    Array.from(parts.join('')).every((digit) => '0123456789abcdef'.includes(digit))
  );
};

/** A cursor that no answer has carried. */
export const neverGivenOut: Judge<string> = (text) => text === undefined;
