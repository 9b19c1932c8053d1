import { Gauge } from 'prom-client';
import { oncePerNode } from './registry.ts';

/** @returns how many streams clients have open, by the service whose door they came through */
export const openStreamsOf = oncePerNode(
  (registers) =>
    new Gauge({
      name: 'live_streams_open',
      help: 'Streams of server-sent events that clients have open.',
      labelNames: ['service'] as const,
      registers,
    }),
);
