import { startSystem, type System } from '../../test/support/own-system.ts';
import type { Benchmark, Figures, Variant } from '../harness/benchmark.ts';
import { settleLoad } from '../load/settle.ts';
import { openAccounts, type Shop } from '../load/shop.ts';

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
      const shop = await openAccounts(system);
      await settleLoad(system, shop, { clients: CLIENTS, durationMs: WARM_UP_MS });
      return { name, kind: 'product', run: () => measure(system, shop, durationMs) };
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

async function measure(system: System, shop: Shop, durationMs: number): Promise<Figures> {
  const load = await settleLoad(system, shop, { clients: CLIENTS, durationMs });
  const perOrder = Object.entries(load.processorMicroseconds).map(([part, each]) => [`${part} µs/order`, each]);
  return {
    [PER_SECOND]: load.perSecond,
    'median ms to 201': load.latencyMs?.median ?? Number.NaN,
    'p99 ms to 201': load.latencyMs?.p99 ?? Number.NaN,
    ...(Object.fromEntries(perOrder) as Figures),
  };
}
