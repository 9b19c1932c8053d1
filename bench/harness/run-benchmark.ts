import type { Benchmark, Variant } from './benchmark.ts';
import type { Places } from './places.ts';
import type { RunStore } from './run-store.ts';

export interface Bench {
  readonly store: RunStore;
  readonly places: Places;
  /** One line of progress. */
  readonly tell: (line: string) => void;
}

/** Measures what is missing of a benchmark, round by round, its variants in turn. */
export async function runBenchmark(benchmark: Benchmark, { store, places, tell }: Bench): Promise<void> {
  const { quick } = store.run;
  const rounds = roundsFor(benchmark, store);
  const roundsOf = ({ name }: Pick<Variant, 'name'>): number =>
    store.measurementsOf(benchmark.name).filter(({ variant }) => variant === name).length;
  if (isComplete(benchmark, store)) return;
  const opened = await benchmark.open({ quick, places });
  try {
    for (let round = 1; round <= rounds; round++) {
      // None always comes first.
      for (const variant of round % 2 === 1 ? opened.variants : opened.variants.toReversed()) {
        if (roundsOf(variant) >= round) continue;
        const { name, kind } = variant;
        const figures = await variant.run();
        store.add(benchmark.name, { variant: name, kind, figures });
        tell(`${benchmark.name}, round ${round} of ${rounds}, ${name}: ${textOf(figures)}`);
      }
    }
  } finally {
    await opened.close();
  }
}

/** Each variant that was measured at all has all its rounds. */
function isComplete(benchmark: Benchmark, store: RunStore): boolean {
  const byVariant = Map.groupBy(store.measurementsOf(benchmark.name), ({ variant }) => variant);
  const rounds = roundsFor(benchmark, store);
  return byVariant.size > 0 && [...byVariant.values()].every((runs) => runs.length >= rounds);
}

function roundsFor({ rounds = Infinity }: Benchmark, { run }: RunStore): number {
  return Math.min(rounds, run.rounds);
}

function textOf(figures: Readonly<Record<string, number>>): string {
  return Object.entries(figures)
    .map(([name, value]) => `${round(value)} ${name}`)
    .join(', ');
}

/** As many digits as mean something. */
export function round(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (Math.abs(value) >= 100) return String(Math.round(value));
  return String(Number(value.toPrecision(3)));
}
