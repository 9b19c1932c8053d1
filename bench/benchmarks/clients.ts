import type { System } from '../../test/support/own-system.ts';
import type { Benchmark, Figures } from '../harness/benchmark.ts';
import { withClient } from '../harness/database.ts';
import { openSystems } from '../load/open-systems.ts';
import { figuresOf, PER_SECOND, settleLoad } from '../load/settle.ts';
import { openAccounts, type Shop } from '../load/shop.ts';

export const CLIENTS = [1, 4, 16, 64, 256] as const;
const [DURATION_MS, QUICK_DURATION_MS] = [8000, 1000];
const [WARM_UP_MS, QUICK_WARM_UP_MS] = [15_000, 2000];

export const BATCH = 'orders a transaction of payments';
export const WAL = 'bytes of WAL an order';

export const clientsOf = (count: number): string => `${count} ${count === 1 ? 'client' : 'clients'}`;

/** What `bench/model.ts` is fitted on and checked with: the more orders are under way, the more of them share each step. */
export const clients: Benchmark = {
  name: 'clients',
  title: 'Orders a second from POST to their final status, by how many clients send one after the other',
  charted: PER_SECOND,
  wanted: [],
  open: ({ quick, places }) =>
    openSystems(places, [
      {
        prepare: async (system) => {
          const shop = await openAccounts(system);
          const durationMs = quick ? QUICK_WARM_UP_MS : WARM_UP_MS;
          await settleLoad(system, shop, { clients: Math.max(...CLIENTS), durationMs });
          return CLIENTS.map((count) => ({
            name: clientsOf(count),
            kind: 'product',
            run: () => measure(system, shop, { clients: count, durationMs: quick ? QUICK_DURATION_MS : DURATION_MS }),
          }));
        },
      },
    ]),
};

async function measure(
  system: System,
  shop: Shop,
  loop: { readonly clients: number; readonly durationMs: number },
): Promise<Figures> {
  const walBefore = await walPosition(system);
  const load = await settleLoad(system, shop, loop);
  const walBytes = (await walPosition(system)) - walBefore;
  return {
    ...figuresOf(load),
    [WAL]: walBytes / load.created.length,
    [BATCH]: await ordersOfTransaction(system, load.created),
  };
}

/** How much PostgreSQL has written to its log, in bytes. */
function walPosition(system: System): Promise<number> {
  return withClient(system.urlOf('postgres'), async (client) => {
    const { rows } = await client.query<{ bytes: number }>(
      `SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 AS bytes`,
    );
    return rows[0]?.bytes ?? Number.NaN;
  });
}

/** The decisions of one transaction have one time. */
function ordersOfTransaction(system: System, orderIds: readonly string[]): Promise<number> {
  return withClient(system.urlOf('payments'), async (client) => {
    const { rows } = await client.query<{ size: number }>(
      `SELECT count(*)::float8 / count(DISTINCT decided_at) AS size FROM payments WHERE order_id = ANY ($1::uuid[])`,
      [orderIds],
    );
    return rows[0]?.size ?? Number.NaN;
  });
}
