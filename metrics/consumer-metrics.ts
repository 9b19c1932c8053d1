import { Histogram } from 'prom-client';
import type { ConsumerStats } from '../mixins/inbox/consumer-stats.ts';
import { readCounter, readGauge, Sources, type Sample } from './readings.ts';
import { oncePerNode } from './registry.ts';

/** A consumer as it is when Prometheus asks. */
export interface SeenConsumer extends Readonly<ConsumerStats> {
  /** Partitions that it holds; none while it joins its group. */
  readonly partitions: number;
  /** How long the oldest record waits that is not settled, in milliseconds; null when that is not known. */
  readonly lagAgeMs: number | null;
}

/** To the most that a transaction takes. */
const EVENTS_BUCKETS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];
/** From a short transaction to one that ends by its time limit. */
const DURATION_BUCKETS_S = [0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15];

/** @returns what the consumers of this node measure */
export const consumerMetricsOf = oncePerNode((registers) => {
  const consumers = new Sources<SeenConsumer>();
  const labelNames = ['consumer'] as const;
  const of = (read: (seen: SeenConsumer) => number | null) => ({
    labelNames,
    sources: consumers,
    toSamples: (seen: SeenConsumer, consumer: string): Sample<'consumer'>[] => {
      const value = read(seen);
      return value === null ? [] : [{ labels: { consumer }, value }];
    },
  });
  readGauge(registers, {
    name: 'consumer_lag_records',
    help: 'Records that wait in the partitions that this node holds, as its consumer saw it last, every 10 s.',
    ...of(({ partitions, lag }) => (partitions === 0 ? null : lag)),
  });
  readGauge(registers, {
    name: 'consumer_lag_age_seconds',
    help: 'How long the oldest record waits that this node was given and has not settled, since Kafka has it; 0 when it has caught up.',
    ...of(({ lagAgeMs }) => (lagAgeMs === null ? null : lagAgeMs / 1000)),
  });
  readGauge(registers, {
    name: 'consumer_partitions_held',
    help: 'Partitions that this node holds; 0 while it is in no group.',
    ...of(({ partitions }) => partitions),
  });
  readCounter(registers, {
    name: 'consumer_events_total',
    help: 'Records by what became of them: settled, duplicate (its inbox row was there), skipped (a type that the consumer does not know), dead_letter.',
    labelNames: ['consumer', 'result'],
    sources: consumers,
    toSamples: ({ settled, duplicates, skipped, parked }, consumer) =>
      Object.entries({ settled, duplicate: duplicates, skipped, dead_letter: parked }).map(([result, value]) => ({
        labels: { consumer, result },
        value,
      })),
  });
  readCounter(registers, {
    name: 'consumer_retries_total',
    help: 'Attempts that failed for a reason that may pass, and were repeated.',
    ...of(({ retries }) => retries),
  });
  const events = new Histogram({
    name: 'consumer_batch_events',
    help: 'Events that one transaction settled.',
    labelNames,
    buckets: EVENTS_BUCKETS,
    registers,
  });
  const durations = new Histogram({
    name: 'consumer_batch_duration_seconds',
    help: 'From the begin of the transaction that settles a batch to the end of its commit.',
    labelNames,
    buckets: DURATION_BUCKETS_S,
    registers,
  });
  return {
    consumers,
    /** @param tookMs from the transaction's begin to the end of its commit */
    settledBatch(consumer: string, count: number, tookMs: number): void {
      events.observe({ consumer }, count);
      durations.observe({ consumer }, tookMs / 1000);
    },
  };
});
