import type { Benchmark, Figures } from '../harness/benchmark.ts';
import { spreadOf } from '../harness/spread.ts';
import { startLoad } from '../load/start-load.ts';
import { openAccounts, untilFinal } from '../load/shop.ts';
import { MemorySampler } from '../overload/memory.ts';

const CLIENTS = 256;
const [MINUTES, QUICK_MINUTES] = [10, 0.2];
/** What a share of the first and the last minute is, in a quick run, too. */
const MINUTES_OF_TEN = 10;
const GROWTH = 'growth';

/** Each node's resident memory at the maximum rate: of the last minute beside that of the second. */
export const memory: Benchmark = {
  name: 'memory',
  title: 'Resident megabytes of each node at the maximum rate for ten minutes',
  charted: 'MB at the end',
  needsMinutes: true,
  rounds: 1,
  wanted: ['gateway', 'orders', 'payments'].map((of) => ({ figure: GROWTH, of, atMost: 1.1, inEveryRound: true })),
  open: async ({ quick, places }) => {
    const system = await places.system();
    const shop = await openAccounts(system);
    let measured: Promise<Readonly<Record<string, Figures>>> | null = null;
    const durationMs = (quick ? QUICK_MINUTES : MINUTES) * 60_000;
    const once = async (): Promise<Readonly<Record<string, Figures>>> => {
      const { api, orders, payments } = system.nodes;
      const sampler = new MemorySampler({ gateway: api.pid(), orders: orders.pid(), payments: payments.pid() });
      sampler.start();
      const { created } = await startLoad({ ...shop, durationMs, pace: { inFlight: CLIENTS } });
      const curves = sampler.stop();
      const { notFinal } = await untilFinal(system, created);
      if (notFinal > 0) throw new Error(`${notFinal} orders are not final.`);
      return Object.fromEntries(curves.map(({ node, residentMb }) => [node, figuresOf(residentMb)]));
    };
    return {
      // All from one load.
      variants: ['gateway', 'orders', 'payments'].map((name) => ({
        name,
        kind: 'product',
        run: async () => (await (measured ??= once()))[name] ?? {},
      })),
      close: () => system.stop(),
    };
  },
};

function figuresOf(residentMb: readonly number[]): Figures {
  const minute = Math.max(1, Math.floor(residentMb.length / MINUTES_OF_TEN));
  const begin = spreadOf(residentMb.slice(minute, 2 * minute)).median;
  const end = spreadOf(residentMb.slice(-minute)).median;
  return { 'MB after a minute': begin, 'MB at the end': end, [GROWTH]: end / begin };
}
