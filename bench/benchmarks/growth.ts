import { fillOrders, fillPayments } from '../../test/support/audited-databases.ts';
import type { System } from '../../test/support/own-system.ts';
import type { Benchmark, Figures } from '../harness/benchmark.ts';
import { calmDown, withClient } from '../harness/database.ts';
import { openSystems } from '../load/open-systems.ts';
import { PER_SECOND, settleLoad } from '../load/settle.ts';
import { openAccounts, type Shop } from '../load/shop.ts';
import { newClient, timeEach, timeOrder } from '../load/timed-order.ts';

const CLIENTS = 256;
const ACCOUNTS = 100_000;
const [SIZES, QUICK_SIZES] = [
  [0, 1_000_000, 10_000_000],
  [0, 20_000],
];
const [DURATION_MS, QUICK_DURATION_MS] = [10_000, 2000];
const [WARM_UP_MS, QUICK_WARM_UP_MS] = [15_000, 1000];
const [ORDERS, QUICK_ORDERS] = [200, 30];

const MEDIAN = 'median ms of one client';
const nameOf = (orders: number): string => (orders === 0 ? 'empty' : `${orders / 1e6} million orders`);

/** A shop that has been open for years is as fast as a new one. */
export const growth: Benchmark = {
  name: 'growth',
  title: 'Orders a second from POST to their final status, by how many finished ones there are already',
  charted: PER_SECOND,
  needsMinutes: true,
  wanted: SIZES.filter((size) => size > 0).flatMap((size) => [
    { figure: PER_SECOND, of: nameOf(size), toThatOf: nameOf(0), atLeast: 0.9 },
    { figure: MEDIAN, of: nameOf(size), toThatOf: nameOf(0), atMost: 1 / 0.9 },
  ]),
  open: ({ quick, places }) =>
    openSystems(
      places,
      (quick ? QUICK_SIZES : SIZES).map((size) => ({
        isOwn: size > 0,
        prepare: async (system) => {
          await fill(system, size);
          const shop = await openAccounts(system);
          await settleLoad(system, shop, { clients: CLIENTS, durationMs: quick ? QUICK_WARM_UP_MS : WARM_UP_MS });
          return [{ name: nameOf(size), kind: 'product', run: () => measure(system, shop, quick) }];
        },
      })),
    ),
};

async function fill(system: System, orders: number): Promise<void> {
  for (const [database, write] of [
    ['orders', fillOrders],
    ['payments', fillPayments],
  ] as const) {
    await withClient(system.urlOf(database), async (client) => {
      if (orders > 0) await write(client, { accounts: Math.min(ACCOUNTS, orders), orders, hotPercent: 0 });
      await calmDown(client);
    });
  }
}

async function measure(system: System, shop: Shop, quick: boolean): Promise<Figures> {
  const durationMs = quick ? QUICK_DURATION_MS : DURATION_MS;
  const { perSecond } = await settleLoad(system, shop, { clients: CLIENTS, durationMs });
  const client = newClient(shop.port);
  const { median, p99 } = await timeEach(quick ? QUICK_ORDERS : ORDERS, (turn) =>
    timeOrder(client, shop.users[turn % shop.users.length] ?? ''),
  );
  client.agent.destroy();
  return { [PER_SECOND]: perSecond, [MEDIAN]: median, 'p99 ms of one client': p99 };
}
