import { Histogram } from 'prom-client';
import type { RelayStats } from '../mixins/outbox/relay-stats.ts';
import { readCounter, readGauge, Sources, type Sample } from './readings.ts';
import { oncePerNode } from './registry.ts';

type OfService = Sample<'service'>[];

/** From a commit that wakes its relay at once to an outage of some minutes. */
const LAG_BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
/** To the most that a request takes. */
const ROWS_BUCKETS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000];

/** @returns what the relays of this node measure */
export const outboxMetricsOf = oncePerNode((registers) => {
  const relays = new Sources<RelayStats>();
  const parked = new Sources<number>();
  const labelNames = ['service'] as const;
  const ofRelay = (sample: (stats: RelayStats) => number | null) => ({
    labelNames,
    sources: relays,
    toSamples: (stats: RelayStats, service: string): OfService => {
      const value = sample(stats);
      return value === null ? [] : [{ labels: { service }, value }];
    },
  });
  // Without lanes nothing is measured: what was seen last would be a lie.
  const ofLanes = (sample: (stats: RelayStats) => number) =>
    ofRelay((stats) => (stats.lanes.length === 0 ? null : sample(stats)));
  readGauge(registers, {
    name: 'outbox_backlog_rows',
    help: 'Events that wait in the lanes of the outbox that this node holds, counted every 5 s or less often; their sum over nodes is the backlog.',
    ...ofLanes(({ backlog }) => backlog),
  });
  readGauge(registers, {
    name: 'outbox_oldest_age_seconds',
    help: 'Age of the oldest unpublished event in the lanes that this node holds, by the clock of the database; 0 when none waits.',
    ...ofLanes(({ oldestAgeMs }) => oldestAgeMs / 1000),
  });
  readGauge(registers, {
    name: 'outbox_lanes_held',
    help: 'Lanes that this node holds; summed over the nodes of a service, all lanes are 16.',
    ...ofRelay(({ lanes }) => lanes.length),
  });
  readCounter(registers, {
    name: 'outbox_published_total',
    help: 'Events that Kafka confirmed, those that were sent again included.',
    ...ofRelay(({ publishedTotal }) => publishedTotal),
  });
  readCounter(registers, {
    name: 'outbox_publish_failures_total',
    help: 'Requests that Kafka did not confirm, and whose events are sent again.',
    ...ofRelay(({ failedRequestsTotal }) => failedRequestsTotal),
  });
  readGauge(registers, {
    name: 'outbox_parked_rows',
    help: 'Events of the service that Kafka refused for good, and those that wait behind them, counted up to 10001; the same on each of its nodes.',
    labelNames,
    sources: parked,
    toSamples: (value, service) => [{ labels: { service }, value }],
  });
  const lag = new Histogram({
    name: 'outbox_publish_lag_seconds',
    help: 'From the insert of an event to its confirmation by Kafka: of the oldest event of each request.',
    labelNames,
    buckets: LAG_BUCKETS_S,
    registers,
  });
  const rows = new Histogram({
    name: 'outbox_request_rows',
    help: 'Events that were confirmed together: those of one request, unless Kafka refused a part of it.',
    labelNames,
    buckets: ROWS_BUCKETS,
    registers,
  });
  return {
    relays,
    parked,
    /** @param oldestMs from the insert of the oldest event to the confirmation */
    confirmed(service: string, count: number, oldestMs: number): void {
      lag.observe({ service }, oldestMs / 1000);
      rows.observe({ service }, count);
    },
  };
});
