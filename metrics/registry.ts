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

/**
 * Makes a set of metrics once for each node, when it is first asked for.
 *
 * @param make defines them in the node's registry
 */
export function oncePerNode<T>(make: (registers: [Registry]) => T): (broker: ServiceBroker) => T {
  const made = new WeakMap<ServiceBroker, T>();
  return (broker) => {
    const existing = made.get(broker);
    if (existing !== undefined) return existing;
    const metrics = make([registryOf(broker)]);
    made.set(broker, metrics);
    return metrics;
  };
}
