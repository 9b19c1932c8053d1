import type { Findings } from './findings.ts';
import type { AuditProgress } from './report.ts';
import type { Snapshots } from './snapshots.ts';

/** What every part of an audit is given. */
export interface Sweep {
  readonly orders: Snapshots;
  readonly payments: Snapshots;
  readonly findings: Findings;
  readonly counts: Counts;
  /** Told after each range. */
  readonly onRows: (stage: AuditProgress['stage'], rows: number) => void;
  /** Waits before something is asked again. @throws when the audit is called off */
  readonly pause: (ms: number) => Promise<void>;
}

/** Rows and sums, by name, in the order in which they came up. */
export class Counts {
  readonly #sums = new Map<string, bigint>();

  add(name: string, count: bigint | number | string): void {
    this.#sums.set(name, (this.#sums.get(name) ?? 0n) + BigInt(count));
  }

  /** Numbers; sums that no number holds exactly are text. */
  toJSON(): Record<string, number | string> {
    return Object.fromEntries(
      [...this.#sums].map(([name, sum]) => [
        name,
        sum <= BigInt(Number.MAX_SAFE_INTEGER) && !name.includes('minor units') ? Number(sum) : sum.toString(),
      ]),
    );
  }
}
