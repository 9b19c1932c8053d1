/**
 * How often each order of an account was charged whose orders have the amounts 3^0, 3^1, 3^2 …: the digits, in base 3, of
 * what it spent. A 2 is a second charge, and its place names the order. (From invariants of the Jepsen school; the digit
 * carries at three charges of one order, which then show as one too few here and one too many at the next.)
 *
 * @param spent minor units
 * @returns charges by exponent; for an amount below zero, none
 */
export function chargesByDigit(spent: bigint): number[] {
  const digits: number[] = [];
  for (let rest = spent; rest > 0n; rest /= 3n) digits.push(Number(rest % 3n));
  return digits;
}
