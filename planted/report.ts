import type { PlantedBug } from './patch.ts';
import type { Verdict } from './verdict.ts';

/** A planted bug, and what became of it. */
export interface Planted {
  readonly bug: PlantedBug;
  readonly verdict: Verdict;
}

/** @returns why this bug does not count as caught; null when it does */
export function escaped({ bug, verdict }: Planted): string | null {
  switch (verdict.kind) {
    case 'clean':
      return 'nothing caught it';
    case 'undecided':
      return verdict.why;
    case 'violated':
      return bug.caughtBy.includes(verdict.invariant)
        ? null
        : `${verdict.invariant} was violated, and not ${bug.caughtBy.join(' or ')}: ${verdict.what}`;
  }
}

/** The table that is printed at the end, a row for each bug. */
export function tableOf(planted: readonly Planted[]): string {
  const rows = planted.map((each) => [
    each.bug.name,
    String(each.bug.changedLines),
    escaped(each) ?? caught(each.verdict),
    each.verdict.kind === 'violated' ? String(each.verdict.seed) : '',
    `${(each.verdict.tookMs / 1000).toFixed(1)} s`,
  ]);
  const all = [['bug', 'lines', 'caught by', 'seed', 'after'], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  return all
    .map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd())
    .join('\n');
}

function caught(verdict: Verdict): string {
  return verdict.kind === 'violated' ? verdict.invariant : '';
}
