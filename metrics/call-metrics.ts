import type { ActionSchema, Context, Middleware, ServiceBroker } from 'moleculer';
import { Counter, Histogram } from 'prom-client';
import { oncePerNode } from './registry.ts';

/** From an answer out of memory to the longest time that a caller waits. */
const DURATION_BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** `refused`: what was asked for is wrong (4xx). `failed`: anything else that is no answer. */
const OUTCOMES = ['ok', 'refused', 'failed'] as const;

const callMetricsOf = oncePerNode((registers) => ({
  calls: new Counter({
    name: 'broker_calls_total',
    help: 'Calls that this node served, from itself and from other nodes: ok, refused (what was asked for is wrong), failed.',
    labelNames: ['action', 'outcome'],
    registers,
  }),
  durations: new Histogram({
    name: 'broker_call_duration_seconds',
    help: 'How long calls that this node served took, without their way there and back.',
    labelNames: ['action'],
    buckets: DURATION_BUCKETS_S,
    registers,
  }),
}));

type ActionHandler = (ctx: Context) => Promise<unknown>;

/** Counts and times the calls that a node serves. Actions are those that it has: a name that a caller made up is none. */
export const callMetricsMiddleware: Middleware = {
  name: 'CallMetrics',
  localAction(this: ServiceBroker, handler: ActionHandler, { name: action = 'unknown' }: ActionSchema): ActionHandler {
    const { calls, durations } = callMetricsOf(this);
    for (const outcome of OUTCOMES) calls.inc({ action, outcome }, 0);
    return async (ctx) => {
      const startedAt = performance.now();
      let outcome: (typeof OUTCOMES)[number] = 'ok';
      try {
        return await handler(ctx);
      } catch (error) {
        outcome = isRefusal(error) ? 'refused' : 'failed';
        throw error;
      } finally {
        calls.inc({ action, outcome });
        durations.observe({ action }, (performance.now() - startedAt) / 1000);
      }
    };
  },
};

function isRefusal(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'number' && code >= 400 && code < 500;
}
