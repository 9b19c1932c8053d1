import type { Benchmark, Figures, Variant, Wanted } from './benchmark.ts';
import { spreadOf, type Spread } from './spread.ts';

/** One measurement of one variant. */
export interface Measurement {
  readonly variant: string;
  readonly kind: Variant['kind'];
  readonly figures: Figures;
}

/** A variant over all its rounds. */
export interface VariantSummary {
  readonly variant: string;
  readonly kind: Variant['kind'];
  readonly figures: Readonly<Record<string, Spread>>;
}

/** A bar, and what was measured. */
export interface Judged {
  readonly what: string;
  readonly bar: string;
  /** Null: it was not measured. */
  readonly measured: number | null;
  readonly met: boolean;
}

export interface BenchmarkSummary {
  readonly name: string;
  readonly title: string;
  readonly charted: string;
  readonly variants: readonly VariantSummary[];
  readonly judged: readonly Judged[];
}

/** Puts the rounds of a benchmark together, and holds them against its bars: medians, unless a bar is for every round. */
export function summarise(benchmark: Benchmark, measurements: readonly Measurement[]): BenchmarkSummary {
  const byVariant = Map.groupBy(measurements, ({ variant }) => variant);
  const variants = [...byVariant].map(([variant, runs]): VariantSummary => {
    const names = new Set(runs.flatMap(({ figures }) => Object.keys(figures)));
    const figures = [...names].map((name): [string, Spread] => [
      name,
      spreadOf(runs.map((run) => run.figures[name]).filter((value) => value !== undefined)),
    ]);
    return { variant, kind: runs[0]?.kind ?? 'product', figures: Object.fromEntries(figures) };
  });
  const { name, title, charted, wanted } = benchmark;
  return { name, title, charted, variants, judged: wanted.map((bar) => judge(bar, variants)) };
}

function judge(bar: Wanted, variants: readonly VariantSummary[]): Judged {
  const { figure, of, toThatOf, figureThere = figure, atLeast = -Infinity, atMost = Infinity } = bar;
  const spreadOfVariant = (variant: string, name: string): Spread | undefined =>
    variants.find((each) => each.variant === variant)?.figures[name];
  const worst = bar.atLeast === undefined ? 'most' : 'least';
  const own = spreadOfVariant(of, figure)?.[bar.inEveryRound === true ? worst : 'median'];
  const other = toThatOf === undefined ? 1 : spreadOfVariant(toThatOf, figureThere)?.median;
  const measured = own === undefined || other === undefined ? null : own / other;
  const what = bar.inEveryRound === true ? `${figure} of ${of} in its worst round` : `${figure} of ${of}`;
  return {
    what: toThatOf === undefined ? what : `${what} to that of ${toThatOf}`,
    bar: bar.atLeast !== undefined ? `≥ ${atLeast}` : `≤ ${atMost}`,
    measured,
    met: measured !== null && measured >= atLeast && measured <= atMost,
  };
}
