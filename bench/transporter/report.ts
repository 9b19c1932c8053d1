import type { ProbeResult, RunResult } from './messages.ts';
import type { Variant } from './node.ts';

/** Many calls at one number in flight. */
export interface Level {
  readonly inFlight: number;
  readonly variant: Variant;
  readonly answered: number;
  readonly callsPerSecond: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly lost: number;
  /** Left out because the time limit came first. */
  readonly unmade: number;
  readonly stalls: number;
  readonly longestStallMs: number;
}

/** What happened when Kafka was killed and came back. */
export interface Outage extends ProbeResult {
  readonly variant: Variant;
  /** From the start of the new Kafka process until it answered. */
  readonly kafkaAnsweredAfterMs: number;
  /** From that answer until calls worked; null: not within the limit. */
  readonly backAfterMs: number | null;
}

/** Puts a level's turns together. */
export function summarise(variant: Variant, inFlight: number, turns: readonly RunResult[]): Level {
  const latencies = turns.flatMap(({ latenciesMs }) => latenciesMs).sort((a, b) => a - b);
  const stallsMs = turns.flatMap((turn) => turn.stallsMs);
  const elapsedMs = sum(turns.map((turn) => turn.elapsedMs));
  return {
    inFlight,
    variant,
    answered: latencies.length,
    callsPerSecond: Math.round(latencies.length / (elapsedMs / 1000)),
    medianMs: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    maxMs: quantile(latencies, 1),
    lost: sum(turns.map((turn) => turn.lost)),
    unmade: sum(turns.map((turn) => turn.unmade)),
    stalls: stallsMs.length,
    longestStallMs: Math.round(stallsMs.reduce((longest, stall) => Math.max(longest, stall), 0)),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function quantile(sorted: readonly number[], share: number): number {
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return Math.round(value * 100) / 100;
}

export const LEVEL_HEADER = [
  'in flight',
  'transporter',
  'answered',
  'calls/s',
  'median',
  'p99',
  'max',
  'lost',
  'stalls',
];

export function levelRow(level: Level): string[] {
  const lost = level.unmade > 0 ? `${level.lost} (+${level.unmade} not made in time)` : `${level.lost}`;
  const stalls = level.stalls > 0 ? `${level.stalls} (longest ${level.longestStallMs} ms)` : '0';
  const ms = [level.medianMs, level.p99Ms, level.maxMs].map((value) => `${value} ms`);
  return [`${level.inFlight}`, level.variant, `${level.answered}`, `${level.callsPerSecond}`, ...ms, lost, stalls];
}

export const OUTAGE_HEADER = [
  'transporter',
  'Kafka answered',
  'calls work',
  'failed meanwhile',
  'median wait for an error',
  'errors',
];

export function outageRow(outage: Outage): string[] {
  const errors = Object.entries(outage.errors).map(([type, count]) => `${count} ${type}`);
  return [
    outage.variant,
    `${outage.kafkaAnsweredAfterMs} ms after its start`,
    outage.backAfterMs === null ? 'not within the limit' : `${outage.backAfterMs} ms after Kafka answered`,
    `${outage.failed}`,
    outage.medianErrorMs === null ? '' : `${Math.round(outage.medianErrorMs * 100) / 100} ms`,
    errors.join(', '),
  ];
}

/** Prints rows below a header, in columns. */
export function printTable(header: readonly string[], rows: readonly (readonly string[])[]): void {
  if (rows.length === 0) return;
  const widths = header.map((title, column) =>
    [title, ...rows.map((row) => row[column] ?? '')].reduce((width, cell) => Math.max(width, cell.length), 0),
  );
  const line = (row: readonly string[]): string =>
    `| ${widths.map((width, column) => (row[column] ?? '').padEnd(width)).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  console.log(['', line(header), rule, ...rows.map(line)].join('\n'));
}
