import type { Scheduler } from './scheduler.ts';

/** Faults that may hit one operation. */
export const FAULT_KINDS = [
  'connection refused',
  'connection lost',
  'serialization failure',
  'publish lost',
  'publish answer lost',
  'publish late',
  'publish partly done',
  'fetch failed',
  'commit of offsets lost',
  'notification lost',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export const COMMIT_FATES = [
  'answered',
  'done, answer lost',
  'not done, answer lost',
  'on its way, answer lost',
  'no space',
] as const;
export type CommitFate = (typeof COMMIT_FATES)[number];

/** Decides by seed which operation is hit. Each run has its own mix: some kinds often, some never. */
export class FaultDice {
  readonly #scheduler: Scheduler;
  readonly #count: (what: string) => void;
  /** One in so many operations; 0: never. */
  readonly #rates = new Map<FaultKind, number>();
  readonly #commitRate: number;
  isCalm = false;

  constructor(scheduler: Scheduler, count: (what: string) => void) {
    this.#scheduler = scheduler;
    this.#count = count;
    for (const kind of FAULT_KINDS) this.#rates.set(kind, scheduler.random.pick([0, 150, 40, 15]));
    this.#commitRate = scheduler.random.pick([0, 25, 8]);
  }

  hits(kind: FaultKind): boolean {
    const rate = this.#rates.get(kind) ?? 0;
    if (this.isCalm || rate === 0 || !this.oneIn(rate)) return false;
    this.#count(kind);
    return true;
  }

  fateOfCommit(): CommitFate {
    if (this.isCalm || this.#commitRate === 0 || !this.oneIn(this.#commitRate)) return 'answered';
    return this.#scheduler.random.pick(COMMIT_FATES);
  }

  oneIn(times: number): boolean {
    return this.#scheduler.oneIn(times);
  }

  below(bound: number): number {
    return this.#scheduler.random.below(bound);
  }
}
