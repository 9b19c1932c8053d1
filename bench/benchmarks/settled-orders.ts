import type { System } from '../../test/support/own-system.ts';
import type { Benchmark, Figures } from '../harness/benchmark.ts';
import { openSystems, type SystemPlan } from '../load/open-systems.ts';
import { figuresOf, PER_SECOND, settleLoad } from '../load/settle.ts';
import { openAccounts, type Shop } from '../load/shop.ts';

const CLIENTS = 256;
/** Opening accounts one by one is slow. */
const QUICK_USERS = 100;
const [DURATION_MS, QUICK_DURATION_MS] = [10_000, 3000];
const [WARM_UP_MS, QUICK_WARM_UP_MS] = [15_000, 2000];

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
  open: ({ quick, places }) => {
    const plan = (name: string, environment?: SystemPlan['environment']): SystemPlan => ({
      ...(environment && { environment }),
      prepare: async (system) => {
        const shop = await openAccounts(system, quick ? QUICK_USERS : undefined);
        await settleLoad(system, shop, { clients: CLIENTS, durationMs: quick ? QUICK_WARM_UP_MS : WARM_UP_MS });
        const run = () => measure(system, shop, quick ? QUICK_DURATION_MS : DURATION_MS);
        return [{ name, kind: 'product', run }];
      },
    });
    return openSystems(places, [plan('in batches'), plan('one by one', { BATCHING: 'off' })]);
  },
};

async function measure(system: System, shop: Shop, durationMs: number): Promise<Figures> {
  return figuresOf(await settleLoad(system, shop, { clients: CLIENTS, durationMs }));
}
