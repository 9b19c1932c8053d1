import fc, { type Arbitrary } from 'fast-check';
import { spelledNumber, spelledString, stringLiteral } from '../generators/json-values.ts';
import { MAX_CENTS } from '../oracle/decimal.ts';

/** Random amounts, and the users who spend them. */

export interface PlannedAmount {
  readonly cents: bigint;
  /** As it stands in the body, a number or a string. */
  readonly source: string;
}

/** An amount that went in, by the order that carries it. */
export interface PlacedAmount extends PlannedAmount {
  readonly userId: string;
}

export interface Spender {
  readonly userId: string;
  readonly amounts: readonly PlannedAmount[];
  /** What they spend, all of it. */
  readonly total: bigint;
}

/** With the deposit, one page of ledger entries shows them all. */
const AMOUNTS_OF_A_SPENDER = 199;

const planned: Arbitrary<PlannedAmount> = fc.oneof(
  { weight: 2, arbitrary: spelledNumber },
  {
    weight: 1,
    arbitrary: spelledString.map(({ cents, text }) => ({ cents, source: stringLiteral(text, false) })),
  },
);

/** @returns as many amounts, shared out so that nobody spends more than a balance can hold */
export function planSpenders(seed: number, count: number, userIdPrefix: string): Spender[] {
  const spenders: { userId: string; amounts: PlannedAmount[]; total: bigint }[] = [];
  for (const amount of fc.sample(planned, { seed, numRuns: count })) {
    const last = spenders.at(-1);
    const fits =
      last !== undefined && last.amounts.length < AMOUNTS_OF_A_SPENDER && last.total + amount.cents <= MAX_CENTS;
    const spender = fits ? last : { userId: `${userIdPrefix}${spenders.length}`, amounts: [], total: 0n };
    if (!fits) spenders.push(spender);
    spender.amounts.push(amount);
    spender.total += amount.cents;
  }
  return spenders;
}
