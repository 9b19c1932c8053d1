import type { Registry } from 'prom-client';

/**
 * The handful of figures that a node remembers, out of all that it measures. Only what lies in memory: reading them every
 * second asks no database. What the node does not measure is no figure, rather than 0.
 */

interface Value {
  readonly value: number;
  readonly labels: Readonly<Partial<Record<string, string | number>>>;
  readonly metricName?: string;
}

type Pick = (value: Value) => string | null;

/** By metric: under which name a sample is remembered; samples of one name are added up. */
const PICKED: Readonly<Record<string, Pick>> = {
  http_requests_total: ({ labels: { method, route, status } }) =>
    method === 'POST' && route === '/api/orders' && String(status) === '201' ? 'accepted' : null,
  http_requests_in_flight: () => 'http-in-flight',
  orders_final_total: ({ labels: { status, reason } }) =>
    status === 'FINISHED' ? 'finished' : `cancelled:${reason ?? 'other'}`,
  order_create_to_final_seconds: ({ labels: { le }, metricName }) =>
    metricName?.endsWith('_bucket') === true ? `settled<=${le ?? '+Inf'}` : null,
  outbox_backlog_rows: ({ labels: { service } }) => `backlog:${service ?? ''}`,
  outbox_oldest_age_seconds: ({ labels: { service } }) => `age:${service ?? ''}`,
  outbox_published_total: ({ labels: { service } }) => `published:${service ?? ''}`,
  consumer_lag_records: ({ labels: { consumer } }) => `lag:${consumer ?? ''}`,
  consumer_lag_age_seconds: ({ labels: { consumer } }) => `lag-age:${consumer ?? ''}`,
  database_pool_connections: ({ labels: { service, state } }) => `pool:${service ?? ''}:${state ?? ''}`,
};

/** Figures whose samples are not added up: the largest counts. */
const LARGEST = /^(age|lag-age):/;

/** @returns the figures by name, as they are now */
export async function readKeyFigures(registry: Registry): Promise<Map<string, number>> {
  const figures = new Map<string, number>();
  for (const [metric, pick] of Object.entries(PICKED)) {
    const { values = [] } = (await registry.getSingleMetric(metric)?.get()) ?? {};
    for (const value of values as readonly Value[]) {
      const name = pick(value);
      if (name === null || !Number.isFinite(value.value)) continue;
      const before = figures.get(name);
      if (before === undefined) figures.set(name, value.value);
      else figures.set(name, LARGEST.test(name) ? Math.max(before, value.value) : before + value.value);
    }
  }
  return figures;
}
