import { CHECKS, type CheckName } from './checks.ts';
import type { AuditCheck, AuditViolation, DiscardedEvent } from './report.ts';

/** Enough of one kind to begin looking; the rest is counted. */
const EXAMPLES_PER_CHECK = 20;

export interface Finding {
  readonly check: CheckName;
  /** A sentence. */
  readonly what: string;
  readonly ids: Readonly<Record<string, string>>;
}

/** What an audit has found so far: all of it counted, a bounded number kept. */
export class Findings {
  readonly #counts = new Map<CheckName, number>();
  readonly #discarded: DiscardedEvent[] = [];
  readonly #examples = new Map<CheckName, AuditViolation[]>();

  add({ check, what, ids }: Finding): void {
    this.#counts.set(check, (this.#counts.get(check) ?? 0) + 1);
    const examples = this.#examples.get(check) ?? [];
    if (examples.length < EXAMPLES_PER_CHECK) {
      examples.push({ invariant: CHECKS[check].invariant, check, what, ids });
    }
    this.#examples.set(check, examples);
  }

  /** Listed, and no finding. */
  addDiscarded(events: readonly DiscardedEvent[]): void {
    this.#discarded.push(...events.slice(0, EXAMPLES_PER_CHECK - this.#discarded.length));
  }

  get discarded(): readonly DiscardedEvent[] {
    return this.#discarded;
  }

  addAll(findings: readonly Finding[]): void {
    for (const finding of findings) this.add(finding);
  }

  get count(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }

  checks(): AuditCheck[] {
    return checkNames().map((check) => ({ id: check, ...CHECKS[check], violations: this.#counts.get(check) ?? 0 }));
  }

  violations(): AuditViolation[] {
    return checkNames().flatMap((check) => this.#examples.get(check) ?? []);
  }
}

function checkNames(): CheckName[] {
  return Object.keys(CHECKS) as CheckName[];
}
