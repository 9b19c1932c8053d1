import type { History } from '../history/history.ts';

/** What happened within one second of a campaign. */
export interface Second {
  readonly atMs: number;
  readonly answered: number;
  /** Requests without a good answer. */
  readonly failed: number;
  readonly created: number;
  readonly settled: number;
  /** Orders answered 201 and not seen to be final, at its end. */
  readonly notFinal: number;
  readonly medianMs: number | null;
  readonly p99Ms: number | null;
}

/** Counts a campaign second by second. */
export class Seconds {
  readonly all: Second[] = [];
  readonly #history: History;
  #spans = 0;
  #created = 0;
  #notFinal = 0;

  constructor(history: History) {
    this.#history = history;
  }

  /** Ends a second. */
  end(): Second {
    const { spans, orders, notFinal } = this.#history;
    const ended = spans.slice(this.#spans);
    const times = ended.map(({ sentAtMs, endedAtMs }) => endedAtMs - sentAtMs).sort((a, b) => a - b);
    const created = orders.size - this.#created;
    const second: Second = {
      atMs: Date.now(),
      answered: ended.length,
      failed: ended.filter(({ isGood }) => !isGood).length,
      created,
      settled: created + this.#notFinal - notFinal.size,
      notFinal: notFinal.size,
      medianMs: quantile(times, 0.5),
      p99Ms: quantile(times, 0.99),
    };
    this.#spans = spans.length;
    this.#created = orders.size;
    this.#notFinal = notFinal.size;
    this.all.push(second);
    return second;
  }
}

/** @param sorted ascending */
export function quantile(sorted: readonly number[], share: number): number | null {
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return value === undefined ? null : Math.round(value);
}
