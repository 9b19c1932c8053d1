import type { ServiceBroker } from 'moleculer';
import { collectDefaultMetrics, Registry } from 'prom-client';

/** prom-client calls these gauges totals, which Prometheus keeps for counters; their sums can be had by a query. */
const MISNAMED = [
  'nodejs_active_resources_total',
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
] as const;

const registries = new WeakMap<ServiceBroker, Registry>();

/** @returns what this node measures: one registry for each broker, since tests run several in one process */
export function registryOf(broker: ServiceBroker): Registry {
  const existing = registries.get(broker);
  if (existing !== undefined) return existing;
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  registries.set(broker, registry);
  return registry;
}
