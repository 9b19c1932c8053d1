/** What a run of the system says of itself. */
export type Finding =
  | { readonly kind: 'clean' }
  | { readonly kind: 'violated'; readonly invariant: string; readonly what: string; readonly seed: number }
  /** It says neither: it crashed, or took too long. */
  | { readonly kind: 'undecided'; readonly why: string };

export type Verdict = Finding & { readonly tookMs: number };

/** What `npm run simulator -- --json` prints, as far as this needs it. */
interface SimulatorReport {
  readonly violation: { readonly seed: number; readonly invariant: string; readonly what: string } | null;
}

const LONGEST_ERROR = 500;

/**
 * @param code with which the simulator ended; null when it was killed
 * @param output what it printed, JSON
 * @param errors what it wrote beside
 */
export function readVerdict(code: number | null, output: string, errors: string): Finding {
  let report: SimulatorReport;
  try {
    report = JSON.parse(output) as SimulatorReport;
  } catch {
    return { kind: 'undecided', why: `it ended with code ${String(code)}: ${errors.slice(-LONGEST_ERROR)}` };
  }
  const { violation } = report;
  if (violation !== null && code === 1) {
    const { invariant, what, seed } = violation;
    return { kind: 'violated', invariant, what, seed };
  }
  if (violation === null && code === 0) return { kind: 'clean' };
  return { kind: 'undecided', why: `its code ${String(code)} and its report contradict each other` };
}
