/**
 * What every node remembers of its own key figures, and tells whoever shows them: `<service>.figures`. For operators, no
 * part of the REST contract. A node answers for itself alone: it is asked by `nodeID`.
 */

/** How long and how finely a node remembers: a quarter of an hour by seconds, a day by minutes. */
export const RINGS = {
  seconds: { stepS: 1, rows: 15 * 60 },
  minutes: { stepS: 60, rows: 24 * 60 },
} as const;
export type RingName = keyof typeof RINGS;

export interface FiguresInput {
  readonly ring?: RingName;
  /** Rows after this one, in seconds since the epoch; all that there are unless given. */
  readonly since?: number;
}

/** A table: a line for each moment, a column for each figure; null where there was none. */
export interface Figures {
  readonly nodeId: string;
  /** Of the product. */
  readonly version: string;
  /** Of the process, RFC 3339. */
  readonly startedAt: string;
  readonly ring: RingName;
  /** Names of the columns behind the first. */
  readonly names: readonly string[];
  /** The first column is the moment, in whole seconds since the epoch. */
  readonly rows: readonly (readonly (number | null)[])[];
}
