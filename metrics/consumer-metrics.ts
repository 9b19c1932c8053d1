import type { ServiceBroker } from 'moleculer';
import { Gauge } from 'prom-client';
import { registryOf } from './registry.ts';

const gaugeOfNode = new WeakMap<ServiceBroker, Gauge<'consumer'>>();

/** @returns how far the consumers of this node are behind, as each saw it last */
export function consumerLagOf(broker: ServiceBroker): Gauge<'consumer'> {
  const existing = gaugeOfNode.get(broker);
  if (existing !== undefined) return existing;
  const gauge = new Gauge({
    name: 'consumer_lag_records',
    help: 'Records that wait in the partitions that this node holds, as its consumer saw it last.',
    labelNames: ['consumer'] as const,
    registers: [registryOf(broker)],
  });
  gaugeOfNode.set(broker, gauge);
  return gauge;
}
