import { Counter, Histogram } from 'prom-client';
import { readGauge, Sources } from './readings.ts';
import { oncePerNode } from './registry.ts';

export interface OrderCounts {
  /** By status; what cannot be told cheaply is left out. */
  readonly byStatus: Readonly<Record<string, number>>;
  /** How long the oldest order that is NEW has been so; 0 when none is. */
  readonly oldestNewAgeS: number;
}

/** An order that has just become final. */
export interface FinalOrder {
  readonly status: string;
  readonly reason: string | null;
  readonly createdAt: Date;
  /** When it became final. */
  readonly updatedAt: Date;
}

/** From a system at rest to one that was away for an hour. */
const FINAL_BUCKETS_S = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600];

/** A FINISHED order has no reason. */
const NO_REASON = 'none';
/** Shown from the start on: of a counter that begins with its first event, Prometheus sees no increase. */
const OUTCOMES = [
  { status: 'FINISHED', reason: NO_REASON },
  { status: 'CANCELLED', reason: 'no-account' },
  { status: 'CANCELLED', reason: 'insufficient-funds' },
] as const;

/** @returns what this node measures about orders */
export const orderMetricsOf = oncePerNode((registers) => {
  const counts = new Sources<OrderCounts>();
  readGauge(registers, {
    name: 'orders',
    help: 'Orders by status. NEW: counted, up to 100001. The final ones: counted while all orders are at most 100000, then as PostgreSQL estimated at its last ANALYZE. The same on each orders node.',
    labelNames: ['status'],
    sources: counts,
    toSamples: ({ byStatus }) => Object.entries(byStatus).map(([status, value]) => ({ labels: { status }, value })),
  });
  readGauge(registers, {
    name: 'orders_oldest_new_age_seconds',
    help: 'How long the oldest order that is NEW has been so; 0 when none is. The same on each orders node.',
    labelNames: [],
    sources: counts,
    toSamples: ({ oldestNewAgeS }) => [{ labels: {}, value: oldestNewAgeS }],
  });
  const final = new Counter({
    name: 'orders_final_total',
    help: 'Orders that this node made final, exactly once each, by what became of them.',
    labelNames: ['status', 'reason'],
    registers,
  });
  for (const outcome of OUTCOMES) final.inc(outcome, 0);
  const durations = new Histogram({
    name: 'order_create_to_final_seconds',
    help: 'From the creation of an order to its final status, observed by the node that made it final.',
    buckets: FINAL_BUCKETS_S,
    registers,
  });
  return {
    counts,
    /** To be called after the commit. */
    becameFinal(orders: readonly FinalOrder[]): void {
      for (const { status, reason, createdAt, updatedAt } of orders) {
        final.inc({ status, reason: reason ?? NO_REASON });
        // Two nodes, two clocks: no order takes less than no time.
        durations.observe(Math.max(0, updatedAt.getTime() - createdAt.getTime()) / 1000);
      }
    },
  };
});
