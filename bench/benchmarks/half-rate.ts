import type { System } from '../../test/support/own-system.ts';
import type { Benchmark, Figures } from '../harness/benchmark.ts';
import { withClient } from '../harness/database.ts';
import { spreadOf } from '../harness/spread.ts';
import type { LoadPlan, LoadResult } from '../load/load.ts';
import { openSystems } from '../load/open-systems.ts';
import { openAccounts, untilFinal } from '../load/shop.ts';
import { startLoad } from '../load/start-load.ts';

const CLIENTS = 256;
const WARM_UP_MS = 3000;
const [FIND_MAXIMUM_MS, QUICK_FIND_MAXIMUM_MS] = [8000, 2000];
const [DURATION_MS, QUICK_DURATION_MS] = [20_000, 3000];

/**
 * An open loop: orders are due at a steady rate, whatever becomes of the ones before, and each counts from when it was due.
 * It ends with the time that its final status bears, which is taken a commit before others see it.
 */
export const halfRate: Benchmark = {
  name: 'half-rate',
  title: 'Milliseconds from when an order is due to its final status, at half of the maximum rate',
  charted: 'p99 ms',
  wanted: [
    { figure: 'p99 ms', of: 'half of the maximum', toThatOf: 'one client', figureThere: 'median ms', atMost: 10 },
  ],
  open: ({ quick, places }) =>
    openSystems(places, [
      {
        prepare: async (system) => {
          const target = await openAccounts(system);
          const full = { ...target, pace: { inFlight: CLIENTS } };
          if (!quick) await startLoad({ ...full, durationMs: WARM_UP_MS });
          const maximum = await startLoad({ ...full, durationMs: quick ? QUICK_FIND_MAXIMUM_MS : FIND_MAXIMUM_MS });
          await untilFinal(system, maximum.created);
          const perSecond = maximum.created.length / (maximum.elapsedMs / 1000) / 2;
          const durationMs = quick ? QUICK_DURATION_MS : DURATION_MS;
          const run = (pace: LoadPlan['pace']) => () => measure(system, { ...target, durationMs, pace });
          return [
            { name: 'half of the maximum', kind: 'product', run: run({ perSecond }) },
            { name: 'one client', kind: 'product', run: run({ inFlight: 1 }) },
          ];
        },
      },
    ]),
};

async function measure(system: System, plan: LoadPlan): Promise<Figures> {
  const load = await startLoad(plan);
  const settled = await untilFinal(system, load.created);
  if (settled.notFinal > 0) throw new Error(`${settled.notFinal} orders are not final.`);
  const { median, p99, most } = spreadOf(await timesToFinal(system, load));
  return {
    'median ms': median,
    'p99 ms': p99,
    'most ms': most,
    'orders/s': load.sent / (load.elapsedMs / 1000),
    'due and not sent': load.unsent,
  };
}

/** @returns for each order, the milliseconds from when it was due to the time of its final status */
async function timesToFinal(system: System, { created, createdDueAtMs }: LoadResult): Promise<number[]> {
  return withClient(system.urlOf('orders'), async (client) => {
    const { rows } = await client.query<{ orderId: string; finalAtMs: number }>(
      `SELECT order_id AS "orderId", (extract(epoch FROM updated_at) * 1000)::float8 AS "finalAtMs"
       FROM orders WHERE order_id = ANY($1::uuid[])`,
      [created],
    );
    const finalAtMs = new Map(rows.map((row) => [row.orderId, row.finalAtMs]));
    return created.map(
      (orderId, index) => (finalAtMs.get(orderId) ?? Number.NaN) - (createdDueAtMs[index] ?? Number.NaN),
    );
  });
}
