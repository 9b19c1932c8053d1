/** What contradicts the contract, and how it is found again. */
export interface Violation {
  readonly where: string;
  readonly faults: readonly string[];
  /** The request as it went out, or the amount. */
  readonly input: string;
}

/** Enough to begin looking; more would fill the memory of a run in which everything is wrong. */
const KEPT = 20;

/** Counts every violation, and keeps the first ones. */
export class Violations {
  readonly kept: Violation[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(violation: Violation): void {
    this.#count += 1;
    if (this.kept.length < KEPT) this.kept.push(violation);
  }
}
