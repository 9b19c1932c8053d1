import type { ServiceBroker } from 'moleculer';
import { Gauge } from 'prom-client';
import { registryOf } from './registry.ts';

const gaugeOfNode = new WeakMap<ServiceBroker, Gauge<'service'>>();

/** @returns how many streams clients have open, by the service whose door they came through */
export function openStreamsOf(broker: ServiceBroker): Gauge<'service'> {
  const existing = gaugeOfNode.get(broker);
  if (existing !== undefined) return existing;
  const gauge = new Gauge({
    name: 'live_streams_open',
    help: 'Streams of server-sent events that clients have open.',
    labelNames: ['service'] as const,
    registers: [registryOf(broker)],
  });
  gaugeOfNode.set(broker, gauge);
  return gauge;
}
