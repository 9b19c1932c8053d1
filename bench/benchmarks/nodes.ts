import type { System } from '../../test/support/own-system.ts';
import type { Benchmark, Figures } from '../harness/benchmark.ts';
import { withClient } from '../harness/database.ts';
import { openSystems } from '../load/open-systems.ts';
import { PER_SECOND, settleLoad } from '../load/settle.ts';
import { openAccounts, type Shop } from '../load/shop.ts';

const CLIENTS = 256;
const [COUNTS, QUICK_COUNTS] = [
  [1, 2, 3],
  [1, 2],
] as const;
const [DURATION_MS, QUICK_DURATION_MS] = [10_000, 2000];
/** Of each system: a node that is started has to find its hot code first, and three of each have three times as much to find. */
const [WARM_UP_MS, QUICK_WARM_UP_MS] = [15_000, 1000];

const nameOf = (count: number): string => (count === 1 ? 'one node of each' : `${count} nodes of each`);

/** More nodes buy nothing where the cores are full already: this shows that they share the work, and what they cost. */
export const nodes: Benchmark = {
  name: 'nodes',
  title: 'Orders a second from POST to their final status, by how many nodes each service has',
  charted: PER_SECOND,
  needsMinutes: true,
  wanted: [2, 3].map((count) => ({ figure: PER_SECOND, of: nameOf(count), toThatOf: nameOf(1), atLeast: 0.9 })),
  open: ({ quick, places }) =>
    openSystems(
      places,
      (quick ? QUICK_COUNTS : COUNTS).map((count) => ({
        count,
        prepare: async (system) => {
          const shop = await openAccounts(system);
          await settleLoad(system, shop, {
            clients: CLIENTS,
            durationMs: (quick ? QUICK_WARM_UP_MS : WARM_UP_MS) * count,
          });
          const durationMs = quick ? QUICK_DURATION_MS : DURATION_MS;
          return [{ name: nameOf(count), kind: 'product', run: () => measure(system, shop, durationMs) }];
        },
      })),
    ),
};

async function measure(system: System, shop: Shop, durationMs: number): Promise<Figures> {
  const { perSecond, processorMicroseconds } = await settleLoad(system, shop, { clients: CLIENTS, durationMs });
  const all = Object.values(processorMicroseconds).reduce((sum, each) => sum + each, 0);
  const lanes = await lanesByRelay(system.urlOf('orders'));
  return {
    [PER_SECOND]: perSecond,
    'µs/order of all parts': all,
    'lanes of a relay, fewest': Math.min(...lanes),
    'lanes of a relay, most': Math.max(...lanes),
  };
}

/** Lanes are advisory locks: keys of two numbers, the first of which is the outbox table; a relay's own lock has none of them. */
async function lanesByRelay(databaseUrl: string): Promise<number[]> {
  return withClient(databaseUrl, async (client) => {
    const { rows } = await client.query<{ lanes: number }>(
      `SELECT count(*)::int AS lanes FROM pg_locks
        WHERE locktype = 'advisory' AND objsubid = 2 AND granted AND mode = 'ExclusiveLock' AND classid = 'outbox'::regclass
        GROUP BY pid`,
    );
    return rows.map(({ lanes }) => lanes);
  });
}
