import { readGauge, Sources } from './readings.ts';
import { oncePerNode } from './registry.ts';

/** Connections of a pool by what they do, and transactions that wait for one. */
export interface PoolUse {
  readonly idle: number;
  readonly used: number;
  readonly waiting: number;
}

/** @returns the pools of this node, by service */
export const databaseMetricsOf = oncePerNode((registers) => {
  const pools = new Sources<PoolUse>();
  readGauge(registers, {
    name: 'database_pool_connections',
    help: 'Connections of the pool that are idle or used, and transactions that wait for one (waiting).',
    labelNames: ['service', 'state'],
    sources: pools,
    toSamples: (use, service) =>
      Object.entries(use).map(([state, value]) => ({ labels: { service, state }, value: value as number })),
  });
  return { pools };
});
