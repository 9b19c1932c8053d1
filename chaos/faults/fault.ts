import type { SeededRandom } from '../../shop/random.ts';
import type { ChaosCluster } from '../cluster/chaos-cluster.ts';

/** What a fault is given to work on. */
export interface FaultContext {
  readonly cluster: ChaosCluster;
  /** From 0 to less than 1; the run's seed repeats it. */
  readonly random: SeededRandom;
  /** Aborted: heal, and return. */
  readonly signal: AbortSignal;
  /** Orders that were accepted and are not final yet, as the load knows. */
  readonly ordersInFlight: () => number;
  /** Requests without an answer yet. */
  readonly requestsInFlight: () => number;
}

/** What became of a fault. */
export interface FaultOutcome {
  /** `payments-2`, `kafka`, `orders-1 to postgres` */
  readonly target: string;
  /** It met work in flight, and its effect was seen. */
  readonly hit: boolean;
  /** What was seen. */
  readonly evidence: string;
  /** This machine or user cannot do it: it does not count as fired. */
  readonly isNotPossibleHere?: boolean;
}

/** One fault, from just before it began until it was healed. */
export interface FaultRecord extends FaultOutcome {
  readonly kind: string;
  /** Milliseconds since 1970. */
  readonly startedAtMs: number;
  readonly healedAtMs: number;
  /** Just before it began. */
  readonly ordersInFlight: number;
}

/** What a fault takes away from others for as long as it lasts: two that touch the same are not done at once. */
export type Touched = 'postgres' | 'kafka' | 'topics' | 'links' | 'clocks' | 'api' | 'orders' | 'payments';

export interface FaultKind {
  readonly name: string;
  /** What it does, as a sentence. */
  readonly what: string;
  readonly touches: readonly Touched[];
  /** How long it usually lasts, in seconds: cheap ones come more often. */
  readonly usualS: number;
  /** Takes minutes: only in runs of a quarter of an hour and more. */
  readonly isLong?: boolean;
  /** Injects, sees its effect, heals: it leaves nothing broken behind, also when it throws. */
  run(context: FaultContext): Promise<FaultOutcome>;
}
