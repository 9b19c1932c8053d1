/** What the bench asks of a caller. */
export type Request =
  | { readonly kind: 'run'; readonly inFlight: number; readonly calls: number; readonly timeLimitMs: number }
  | { readonly kind: 'probe'; readonly timeLimitMs: number };

/** One run: calls with so many in flight. */
export interface RunResult {
  readonly kind: 'run';
  readonly elapsedMs: number;
  /** Of each answered call. */
  readonly latenciesMs: readonly number[];
  /** Calls that got no answer, or an error. */
  readonly lost: number;
  /** Calls that the time limit left unmade. */
  readonly unmade: number;
  /** Times without any answer for more than a second, in milliseconds. */
  readonly stallsMs: readonly number[];
}

/** What one caller met while Kafka was away: calls one after the other, each given up after a second. */
export interface ProbeResult {
  readonly kind: 'probe';
  /** When the first call of the first ten in a row that worked, was answered; null when the time limit came first. */
  readonly workingAtMs: number | null;
  readonly failed: number;
  /** Of the failed calls: how long the caller waited for its error. */
  readonly medianErrorMs: number | null;
  readonly errors: Readonly<Record<string, number>>;
}

export type Reply = { readonly ready: true } | { readonly answered: number } | RunResult | ProbeResult;
