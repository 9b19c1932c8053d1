import { RINGS, type Figures, type RingName } from '../contract/figures.ts';
import type { FlowRow } from './answers.ts';

/**
 * Figures of nodes become what a chart shows: a row for each moment. Pure. What no node has told is null, a gap in a line,
 * and never 0.
 */

/** Columns of a row behind its moment. */
export const FLOW_COLUMNS = [
  'accepted',
  'finished',
  'noMoney',
  'noAccount',
  'p50',
  'p99',
  'ageOrders',
  'agePayments',
  'backlogOrders',
  'backlogPayments',
  'lagAgePay',
  'lagAgeSettle',
  'lagPay',
  'lagSettle',
] as const;
export type FlowColumn = (typeof FLOW_COLUMNS)[number];

type Sample = ReadonlyMap<string, number>;

/** Percentiles are of the orders that became final within this many rows: of a single second they would jump about. */
const PERCENTILE_ROWS = 10;
const SETTLED = 'settled<=';

/** What one node has told so far. */
class NodeHistory {
  readonly samples = new Map<number, Sample>();
  readonly #keep: number;
  latest = 0;

  constructor(keepS: number) {
    this.#keep = keepS;
  }

  add({ names, rows }: Figures): void {
    for (const [at, ...values] of rows) {
      if (at === undefined || at === null) continue;
      const sample = new Map<string, number>();
      names.forEach((name, column) => {
        const value = values[column];
        if (value !== undefined && value !== null) sample.set(name, value);
      });
      this.samples.set(at, sample);
      this.latest = Math.max(this.latest, at);
    }
    for (const at of this.samples.keys()) {
      if (at >= this.latest - this.#keep) break;
      this.samples.delete(at);
    }
  }
}

/** Everything that was told of one ring, by node. */
export class Flow {
  readonly #ring: RingName;
  readonly #nodes = new Map<string, NodeHistory>();

  constructor(ring: RingName) {
    this.#ring = ring;
  }

  add(figures: Figures): void {
    const { stepS, rows } = RINGS[this.#ring];
    const history = this.#nodes.get(figures.nodeId) ?? new NodeHistory(stepS * rows);
    this.#nodes.set(figures.nodeId, history);
    history.add(figures);
  }

  /** @returns until when a node's figures are known, in seconds; 0 when nothing is */
  knownUntil(nodeId: string): number {
    return this.#nodes.get(nodeId)?.latest ?? 0;
  }

  /** @returns a node's newest figures, unless they are older than some seconds */
  newest(nodeId: string, nowS: number, maxAgeS: number): Sample | null {
    const history = this.#nodes.get(nodeId);
    if (history === undefined || history.latest < nowS - maxAgeS) return null;
    return history.samples.get(history.latest) ?? null;
  }

  /** @returns one figure of a node over its newest samples, oldest first */
  series(nodeId: string, name: string, count: number): (number | null)[] {
    const { stepS } = RINGS[this.#ring];
    const history = this.#nodes.get(nodeId);
    const last = history?.latest ?? 0;
    return Array.from({ length: count }, (_, index) => {
      return history?.samples.get(last - (count - 1 - index) * stepS)?.get(name) ?? null;
    });
  }

  /** @returns rows from a moment to another one, both in seconds and in it */
  rows(from: number, to: number): FlowRow[] {
    const { stepS } = RINGS[this.#ring];
    const rows: FlowRow[] = [];
    for (let at = Math.ceil(from / stepS) * stepS; at <= to; at += stepS) rows.push(this.row(at));
    return rows;
  }

  row(at: number): FlowRow {
    const { stepS } = RINGS[this.#ring];
    const rate = (name: string): number | null => {
      const grown = this.#grown(name, at, 1);
      return grown === null ? null : grown / stepS;
    };
    const [p50, p99] = this.#percentiles(at, [0.5, 0.99]);
    const values: Record<FlowColumn, number | null> = {
      accepted: rate('accepted'),
      finished: rate('finished'),
      noMoney: rate('cancelled:insufficient-funds'),
      noAccount: rate('cancelled:no-account'),
      p50: p50 ?? null,
      p99: p99 ?? null,
      ageOrders: this.#largest('age:orders', at),
      agePayments: this.#largest('age:payments', at),
      backlogOrders: this.#sum('backlog:orders', at),
      backlogPayments: this.#sum('backlog:payments', at),
      lagAgePay: this.#largest('lag-age:payments.pay', at),
      lagAgeSettle: this.#largest('lag-age:orders.settle', at),
      lagPay: this.#sum('lag:payments.pay', at),
      lagSettle: this.#sum('lag:orders.settle', at),
    };
    return [at, ...FLOW_COLUMNS.map((column) => values[column])];
  }

  #values(name: string, at: number): number[] {
    return [...this.#nodes.values()].flatMap(({ samples }) => samples.get(at)?.get(name) ?? []);
  }

  #sum(name: string, at: number): number | null {
    const values = this.#values(name, at);
    return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0);
  }

  #largest(name: string, at: number): number | null {
    const values = this.#values(name, at);
    return values.length === 0 ? null : Math.max(...values);
  }

  /** By how much a counter has grown at all nodes together; one that fell was begun anew by a restart. */
  #grown(name: string, at: number, steps: number): number | null {
    const { stepS } = RINGS[this.#ring];
    let grown: number | null = null;
    for (const { samples } of this.#nodes.values()) {
      const after = samples.get(at)?.get(name);
      const before = samples.get(at - steps * stepS)?.get(name);
      if (after === undefined || before === undefined) continue;
      grown = (grown ?? 0) + (after < before ? after : after - before);
    }
    return grown;
  }

  #percentiles(at: number, shares: readonly number[]): (number | null)[] {
    const names = new Set<string>();
    for (const { samples } of this.#nodes.values()) {
      for (const name of samples.get(at)?.keys() ?? []) if (name.startsWith(SETTLED)) names.add(name);
    }
    const steps = this.#ring === 'seconds' ? PERCENTILE_ROWS : 1;
    const buckets = [...names]
      .map((name) => ({ upTo: boundOf(name), count: this.#grown(name, at, steps) ?? 0 }))
      .sort((a, b) => a.upTo - b.upTo);
    return shares.map((share) => percentile(buckets, share));
  }
}

function boundOf(name: string): number {
  const text = name.slice(SETTLED.length);
  return text === '+Inf' ? Infinity : Number(text);
}

/** As Prometheus' histogram_quantile: evenly spread within a bucket; beyond the last bound, that bound. */
export function percentile(
  buckets: readonly { readonly upTo: number; readonly count: number }[],
  share: number,
): number | null {
  const total = buckets.at(-1)?.count ?? 0;
  if (total <= 0) return null;
  const rank = share * total;
  const index = buckets.findIndex(({ count }) => count >= rank);
  const bucket = buckets[index];
  const below = buckets[index - 1];
  if (bucket === undefined) return null;
  if (bucket.upTo === Infinity) return below?.upTo ?? null;
  const from = below?.upTo ?? 0;
  const within = bucket.count - (below?.count ?? 0);
  return within <= 0 ? bucket.upTo : from + ((bucket.upTo - from) * (rank - (below?.count ?? 0))) / within;
}
