import type { Config } from '../config/config.ts';
import type { OutboxOptions } from './outbox.mixin.ts';

/** What `BATCHING=off` means, mixin by mixin; on, each has its own limits. */
export interface Batching {
  /** Of consumers and of group commits. */
  readonly transactions: { readonly maxBatch?: number };
  readonly outbox: Pick<OutboxOptions, 'maxRequestRows' | 'wakes' | 'pollIntervalMs'>;
}

/** @returns options of the mixins of a service */
export function batchingOf({ batching }: Config): Batching {
  if (batching) return { transactions: {}, outbox: {} };
  return { transactions: { maxBatch: 1 }, outbox: { maxRequestRows: 1, wakes: false, pollIntervalMs: 200 } };
}
