import type { Places } from './places.ts';

/** What one measurement found, by name: `orders/s`, `median ms`. */
export type Figures = Readonly<Record<string, number>>;

/** One of the things that a benchmark sets side by side. */
export interface Variant {
  readonly name: string;
  /** What stands beside the product: a peer does the same work, a floor only what nobody can leave out. */
  readonly kind: 'product' | 'peer' | 'floor';
  /** Measures once. */
  run(): Promise<Figures>;
}

/** A bar that a figure has to pass. */
export interface Wanted {
  readonly figure: string;
  readonly of: string;
  /** The bar is for the ratio to this variant's figure then. */
  readonly toThatOf?: string;
  /** Of the other variant; the same figure unless given. */
  readonly figureThere?: string;
  readonly atLeast?: number;
  readonly atMost?: number;
  /** The worst round has to pass, and not the median: for what must never happen. */
  readonly inEveryRound?: boolean;
}

/** A benchmark that is set up: its variants take turns, so that a slow minute of the machine hits all of them. */
export interface Opened {
  readonly variants: readonly Variant[];
  /** Ends what was started; for good. */
  close(): Promise<void>;
}

export interface Size {
  /** Small sizes, for a look: its figures decide nothing. */
  readonly quick: boolean;
  readonly places: Places;
}

export interface Benchmark {
  readonly name: string;
  /** What it measures, in a line. */
  readonly title: string;
  /** The figure that its chart shows, of each variant. */
  readonly charted: string;
  readonly wanted: readonly Wanted[];
  /** At most; as many as the run has unless given. */
  readonly rounds?: number;
  /** It shows something after minutes only: a look leaves it out, unless it is asked for by name. */
  readonly needsMinutes?: boolean;
  open(size: Size): Promise<Opened>;
}
