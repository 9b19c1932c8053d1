/** Something that an invariant forbids, as a campaign has seen it. */
export interface Violation {
  /** `I1` … `I12`, or `contract`: an answer that the contract does not allow. */
  readonly invariant: string;
  /** A sentence. */
  readonly what: string;
  readonly ids: Readonly<Record<string, string>>;
}

/** Enough to find the cause; the count goes on. */
const EXAMPLES_KEPT = 200;

/** Collects violations: all are counted, the first ones are kept. */
export class ViolationLog {
  readonly #kept: Violation[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  get kept(): readonly Violation[] {
    return this.#kept;
  }

  add(...violations: readonly Violation[]): void {
    this.#count += violations.length;
    this.#kept.push(...violations.slice(0, EXAMPLES_KEPT - this.#kept.length));
  }
}
