import { Counter, Histogram } from 'prom-client';
import { oncePerNode } from './registry.ts';

/** To the most that a transaction takes. */
const CALLS_BUCKETS = [1, 2, 5, 10, 20, 50, 100, 200];

/** What a group commit reports of itself. */
export interface WriteObserver {
  /** A transaction was committed. @param calls that were answered by it */
  committed(calls: number): void;
  /** A transaction met another one, and is tried again. */
  retried(): void;
}

/** @returns what the writing calls of this node measure */
export const writeMetricsOf = oncePerNode((registers) => {
  const retries = new Counter({
    name: 'transaction_retries_total',
    help: 'Transactions of calls that met a deadlock or a serialization failure, and were tried again.',
    labelNames: ['service', 'what'],
    registers,
  });
  const calls = new Histogram({
    name: 'group_commit_calls',
    help: 'Calls that one transaction committed together.',
    labelNames: ['what'],
    buckets: CALLS_BUCKETS,
    registers,
  });
  return {
    /** @param what is written: `order`, `deposit` */
    observer(service: string, what: string): WriteObserver {
      retries.inc({ service, what }, 0);
      return {
        committed: (count) => {
          calls.observe({ what }, count);
        },
        retried: () => {
          retries.inc({ service, what });
        },
      };
    },
  };
});
