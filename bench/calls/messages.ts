import type { Spread } from '../harness/spread.ts';

/** What a benchmark asks of a caller. */
export type Request =
  | { readonly kind: 'run'; readonly inFlight: number; readonly durationMs: number }
  | { readonly kind: 'probe'; readonly timeLimitMs: number };

/** One run: calls with so many in flight. */
export interface RunResult {
  readonly kind: 'run';
  /** Until the last call was answered or given up. */
  readonly elapsedMs: number;
  readonly answered: number;
  /** Of the answered calls. */
  readonly latencyMs: Spread;
  /** Calls that got no answer, or an error. */
  readonly lost: number;
  /** Times without any answer for more than a second. */
  readonly stalls: number;
}

/** What one caller met while Kafka was away: calls one after the other, each given up after a second. */
export interface ProbeResult {
  readonly kind: 'probe';
  /** When the first call of the first ten in a row that worked, was answered; null when the time limit came first. */
  readonly workingAtMs: number | null;
  /** How long the caller of each failed call waited for its error. */
  readonly errorsMs: readonly number[];
}

export type Reply = { readonly ready: true } | RunResult | ProbeResult;
