/**
 * Exact decimals of the tool's own: it judges the product, so that it shares no arithmetic with it.
 */

/** Hundredths of the contract's largest amount, 9 999 999 999 999.99. */
export const MAX_CENTS = 999_999_999_999_999n;

/** Beyond these a power of ten is not worked out: no mantissa of a 16 kB body brings it back into the range of money. */
const EXPONENT_WORKED_OUT = 20_000n;

/**
 * Reads a JSON number by its exact decimal value.
 *
 * @param source the number as it stands in the JSON
 * @returns hundredths; 'too large' beyond any amount, 'finer' when hundredths do not hold it
 */
export function centsOf(source: string): bigint | 'too large' | 'finer' {
  const parts = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(source);
  if (parts === null) throw new RangeError(`"${source}" is no JSON number.`);
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = parts;
  const mantissa = BigInt(`${sign}${whole}${fraction}`);
  if (mantissa === 0n) return 0n;
  const power = BigInt(exponent) - BigInt(fraction.length) + 2n;
  if (power > EXPONENT_WORKED_OUT) return 'too large';
  if (power < -EXPONENT_WORKED_OUT) return 'finer';
  if (power >= 0n) return mantissa * 10n ** power;
  const divisor = 10n ** -power;
  return mantissa % divisor === 0n ? mantissa / divisor : 'finer';
}

/** Writes hundredths as the shortest decimal: what an answer has to carry. */
export function decimalOf(cents: bigint): string {
  const magnitude = String(cents < 0n ? -cents : cents).padStart(3, '0');
  const text = `${magnitude.slice(0, -2)}.${magnitude.slice(-2)}`.replace(/\.?0{1,2}$/, '');
  return cents < 0n ? `-${text}` : text;
}
