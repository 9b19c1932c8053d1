import { startSystem, type System } from '../../test/support/own-system.ts';
import type { Benchmark, Figures, Variant } from '../harness/benchmark.ts';
import type { LoadPlan } from '../load/load.ts';
import { processorSeconds } from '../harness/processor-time.ts';
import { openAccounts, untilFinal } from '../load/shop.ts';
import { startLoad } from '../load/start-load.ts';

const CLIENTS = 256;
const [DURATION_MS, QUICK_DURATION_MS] = [10_000, 3000];
const WARM_UP_MS = 3000;

const PER_SECOND = 'settled orders/s';

/** From POST to the final status, each client with one request under way; what is not final when the load ends counts with its time. */
export const settledOrders: Benchmark = {
  name: 'settled-orders',
  title: `Orders a second from POST to their final status, ${CLIENTS} clients`,
  charted: PER_SECOND,
  wanted: [
    { figure: PER_SECOND, of: 'in batches', atLeast: 4000 },
    { figure: PER_SECOND, of: 'one by one', atLeast: 300 },
    { figure: PER_SECOND, of: 'in batches', toThatOf: 'one by one', atLeast: 10 },
  ],
  open: async ({ quick }) => {
    const durationMs = quick ? QUICK_DURATION_MS : DURATION_MS;
    const systems: System[] = [];
    const variant = async (name: string, environment: Readonly<Record<string, string>>): Promise<Variant> => {
      const system = await startSystem(environment);
      systems.push(system);
      const target = await openAccounts(system);
      await startLoad({ ...target, durationMs: WARM_UP_MS, pace: { inFlight: CLIENTS } });
      return { name, kind: 'product', run: () => measure(system, { ...target, durationMs }) };
    };
    const close = async (): Promise<void> => {
      await Promise.all(systems.map((system) => system.stop()));
    };
    try {
      const variants = [await variant('in batches', {}), await variant('one by one', { BATCHING: 'off' })];
      return { variants, close };
    } catch (error) {
      await close();
      throw error;
    }
  },
};

/** Processor time of each part since the system was started, in seconds. */
function processorTimes({ nodes, servers }: System): [part: string, seconds: number][] {
  const pids = {
    gateway: nodes.api.pid(),
    orders: nodes.orders.pid(),
    payments: nodes.payments.pid(),
    ...servers,
  };
  return Object.entries(pids).map(([part, pid]) => [part, processorSeconds(pid)]);
}

async function measure(system: System, plan: Omit<LoadPlan, 'pace'>): Promise<Figures> {
  const before = new Map(processorTimes(system));
  const { created, elapsedMs, latencyMs } = await startLoad({ ...plan, pace: { inFlight: CLIENTS } });
  const settled = await untilFinal(system, created);
  if (settled.notFinal > 0) throw new Error(`${settled.notFinal} orders are not final.`);
  const perOrder = processorTimes(system).map(([part, seconds]): [string, number] => [
    `${part} µs/order`,
    ((seconds - (before.get(part) ?? Number.NaN)) * 1e6) / created.length,
  ]);
  return {
    [PER_SECOND]: created.length / ((elapsedMs + settled.elapsedMs) / 1000),
    'median ms to 201': latencyMs['201']?.median ?? Number.NaN,
    'p99 ms to 201': latencyMs['201']?.p99 ?? Number.NaN,
    ...Object.fromEntries(perOrder),
  };
}
