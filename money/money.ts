/**
 * Amounts of money: exact `bigint` minor units (cents) inside, strings of minor units between nodes, decimal digits on the wire.
 * No floating-point number ever holds an amount.
 */

/** 9 999 999 999 999.99: with 15 significant digits, every amount survives being read as a double by a client. */
export const MAX_MINOR_UNITS = 999_999_999_999_999n;

/** JSON's number grammar. */
const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
/** Of the greatest amount, in minor units. */
export const MAX_DIGITS = String(MAX_MINOR_UNITS).length;
/** A minor unit is a hundredth. */
export const FRACTION_DIGITS = 2;
/** An amount as a string; `[0-9]`, as in some readers of JSON Schema `\d` takes the digits of every script. */
export const AMOUNT_PATTERN = `^[0-9]{1,${MAX_DIGITS - FRACTION_DIGITS}}(\\.[0-9]{1,${FRACTION_DIGITS}})?$`;
const AMOUNT_STRING = new RegExp(AMOUNT_PATTERN);

/** A loop, because `/0+$/` takes quadratic time on a long run of zeros that is not the end. */
function withoutTrailingZeros(digits: string): string {
  let end = digits.length;
  while (digits[end - 1] === '0') end--;
  return digits.slice(0, end);
}

/**
 * Reads an amount from the raw source text of a JSON number, by its exact decimal value: `10.500` is 10.50, `1e1` is 10.00.
 *
 * @param source the number exactly as the client wrote it
 * @returns minor units, or null when it is not a multiple of 0.01, or its magnitude is beyond the limit
 */
export function minorUnitsFromNumberSource(source: string): bigint | null {
  if (!JSON_NUMBER.test(source)) return null;
  const negative = source.startsWith('-');
  const [mantissa = '', exponent = '0'] = (negative ? source.slice(1) : source).split(/[eE]/);
  const [whole = '', fraction = ''] = mantissa.split('.');
  const digits = (whole + fraction).replace(/^0+/, '');
  if (digits === '') return 0n;
  // value = digits × 10^scale minor units
  // eslint-disable-next-line no-restricted-syntax -- an exponent, which only shifts digits
  const scale = Number(exponent) - fraction.length + FRACTION_DIGITS;
  const significant = withoutTrailingZeros(digits);
  const shift = scale + digits.length - significant.length;
  if (shift < 0 || significant.length + shift > MAX_DIGITS) return null;
  const magnitude = BigInt(significant) * 10n ** BigInt(shift);
  return negative ? -magnitude : magnitude;
}

/**
 * Reads an amount that came as a JSON string.
 *
 * @param text up to 13 digits, optionally a point and one or two more
 * @returns minor units, or null when the text is not of that form
 */
export function minorUnitsFromString(text: string): bigint | null {
  if (!AMOUNT_STRING.test(text)) return null;
  const [whole = '', fraction = ''] = text.split('.');
  return BigInt(whole + fraction.padEnd(FRACTION_DIGITS, '0'));
}

/**
 * Writes minor units as the source text of a JSON number: `4005n` is `40.05`, `4000n` is `40`.
 *
 * @param minorUnits any amount or balance
 * @returns decimal text without trailing zeros; within the limit, a double holds exactly this value
 */
export function decimalText(minorUnits: bigint): string {
  const sign = minorUnits < 0n ? '-' : '';
  const magnitude = minorUnits < 0n ? -minorUnits : minorUnits;
  const cents = (magnitude % 100n).toString().padStart(2, '0').replace(/0+$/, '');
  return `${sign}${(magnitude / 100n).toString()}${cents === '' ? '' : `.${cents}`}`;
}

/**
 * Reads decimal text that has passed its check already.
 *
 * @throws RangeError when it has not: a bug, not bad input
 */
export function minorUnitsOf(decimal: string): bigint {
  const minorUnits = minorUnitsFromString(decimal);
  if (minorUnits === null) throw new RangeError(`"${decimal}" is no amount.`);
  return minorUnits;
}
