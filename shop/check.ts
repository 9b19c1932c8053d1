/** One sentence that has to be true, and what contradicts it. */
export interface Check {
  /** The sentence. */
  readonly name: string;
  /** How many rows, orders or users contradict it. */
  readonly violations: number;
  /** The first few of their ids. */
  readonly examples: readonly string[];
}

/** Enough to begin looking; more would hide the other checks. */
export const EXAMPLES_SHOWN = 5;

/** A check whose contradictions have all been found. */
export function checked(name: string, contradicting: readonly string[]): Check {
  return { name, violations: contradicting.length, examples: contradicting.slice(0, EXAMPLES_SHOWN) };
}
