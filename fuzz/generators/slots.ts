import fc, { type Arbitrary } from 'fast-check';
import type { Outcome } from '../fuzz-case.ts';

/** A choice that is part of a request, and what the contract answers to it; no outcome means that it is well. */
export interface Choice<T> {
  readonly value: T;
  readonly refusals: readonly Outcome[];
}

export function well<T>(value: T): Choice<T> {
  return { value, refusals: [] };
}

export function refused<T>(value: T, ...refusals: Outcome[]): Choice<T> {
  return { value, refusals };
}

/** Of eight slots like this, about half of all requests have none that is refused; the rest one, or several. */
const WELL_OF_ONE_REFUSED = 12;

/** Mostly well, so that one thing at a time is wrong as often as several are. */
export function slot<T>(good: Arbitrary<Choice<T>>, bad: Arbitrary<Choice<T>>): Arbitrary<Choice<T>> {
  return fc.oneof({ weight: WELL_OF_ONE_REFUSED, arbitrary: good }, { weight: 1, arbitrary: bad });
}
