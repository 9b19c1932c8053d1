import { round } from './run-benchmark.ts';
import type { BenchmarkSummary, Judged } from './summary.ts';

/** @returns a benchmark's figures and bars, as a text for a terminal */
export function reportOf({ name, title, variants, judged }: BenchmarkSummary): string {
  const figures = [...new Set(variants.flatMap((each) => Object.keys(each.figures)))];
  const rows = variants.map(({ variant, kind, figures: of }) => [
    kind === 'product' ? variant : `${variant} (${kind})`,
    ...figures.map((figure) => {
      const spread = of[figure];
      if (spread === undefined) return '';
      return `${round(spread.median)} (${round(spread.least)}–${round(spread.most)})`;
    }),
  ]);
  return [
    '',
    `${name}: ${title}`,
    ...columns([['', ...figures], ...rows]),
    ...judged.map((each) => `  ${lineOf(each)}`),
  ].join('\n');
}

function lineOf({ what, bar, measured, met }: Judged): string {
  if (measured === null) return `not measured: ${what}, wanted ${bar}`;
  return `${met ? 'met' : 'MISSED'}: ${what} is ${round(measured)}, wanted ${bar}`;
}

/** @returns a line for each row, its cells in line @param rows the first one has every column */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
    `  ${widths.map((width, column) => (row[column] ?? '').padEnd(width)).join('  ')}`.trimEnd(),
  );
}
