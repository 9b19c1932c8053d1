import { DISASTER_NAMES } from './disasters.ts';
import { COMMIT_FATES, FAULT_KINDS } from './fault-dice.ts';
import type { SeedResult } from './run-seed.ts';

/** Fewer steps than this need not meet everything. */
const STEPS_TO_MEET_ALL = 200_000;

/** What has to happen somewhere in a run that wants to say anything. */
const MUST_HAPPEN: readonly string[] = [
  ...FAULT_KINDS,
  ...COMMIT_FATES.map((fate) => `commit ${fate}`),
  ...DISASTER_NAMES,
  ...['order accepted', 'deposit accepted', 'answer replayed', 'asked again', 'waited for a lock', 'lock timeout'],
  ...['rebalance', 'commit of offsets refused', 'session of a member ended', 'session ended by a time limit'],
  ...['member replaced', 'relay began anew', 'put back into the outbox'],
];

export interface Report {
  readonly seeds: number;
  readonly steps: number;
  readonly orders: number;
  readonly tookMs: number;
  /** The longest simulated time from the last fault until everything was at rest. */
  readonly restAfterMsMax: number;
  readonly counts: Readonly<Record<string, number>>;
  /** What never happened, in a run that is long enough for all of it. */
  readonly missing: readonly string[];
  /** Of the whole run, when it was one seed. */
  readonly traceHash: string | null;
  readonly violation: {
    readonly seed: number;
    readonly steps: number;
    readonly invariant: string;
    readonly what: string;
    readonly traceHash: string;
    readonly replay: string;
  } | null;
}

export function makeReport(results: readonly SeedResult[], stepsEach: number, tookMs: number): Report {
  const counts = new Map<string, number>();
  for (const result of results) {
    for (const [what, times] of result.counts) counts.set(what, (counts.get(what) ?? 0) + times);
  }
  const sum = (read: (result: SeedResult) => number): number => results.reduce((all, each) => all + read(each), 0);
  const steps = sum((each) => each.steps);
  const bad = results.find(({ violation }) => violation !== null);
  return {
    seeds: results.length,
    steps,
    orders: sum((each) => each.orders),
    tookMs: Math.round(tookMs),
    restAfterMsMax: Math.max(...results.map(({ restAfterMs }) => restAfterMs)),
    counts: Object.fromEntries([...counts].sort(([one], [other]) => (one < other ? -1 : 1))),
    missing: steps < STEPS_TO_MEET_ALL ? [] : MUST_HAPPEN.filter((what) => !counts.has(what)),
    traceHash: results.length === 1 ? (results[0]?.traceHash ?? null) : null,
    violation:
      bad?.violation === undefined || bad.violation === null
        ? null
        : {
            ...bad.violation,
            seed: bad.seed,
            steps: bad.steps + bad.stepsToRest,
            traceHash: bad.traceHash,
            replay: `npm run simulator -- --seed ${bad.seed} --steps ${stepsEach} --trace`,
          },
  };
}

export function printReport(report: Report): string {
  const { violation, missing, counts } = report;
  const happened = Object.entries(counts).map(([what, times]) => `  ${String(times).padStart(9)}  ${what}`);
  const head =
    `${report.seeds} seeds, ${report.steps} steps with faults, ${report.orders} orders, ${(report.tookMs / 1000).toFixed(1)} s; ` +
    `at rest ${(report.restAfterMsMax / 1000).toFixed(1)} simulated seconds after the last fault at most.`;
  if (violation !== null) {
    return [
      head,
      `Violated: ${violation.invariant}: ${violation.what}`,
      `Seed ${violation.seed}, after ${violation.steps} steps (trace ${violation.traceHash}). To see it again: ${violation.replay}`,
    ].join('\n');
  }
  const verdict =
    missing.length === 0 ? 'Every invariant held, and every order is final.' : `Never happened: ${missing.join(', ')}.`;
  return [head, ...happened, verdict].join('\n');
}
