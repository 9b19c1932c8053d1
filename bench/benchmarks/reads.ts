import type { System } from '../../test/support/own-system.ts';
import type { Benchmark, Figures, Variant } from '../harness/benchmark.ts';
import type { LoadPlan } from '../load/load.ts';
import { openAccounts, untilFinal } from '../load/shop.ts';
import { startLoad } from '../load/start-load.ts';
import { startMoleculerWeb } from '../reads/start-moleculer-web.ts';

const CONNECTIONS = 64;
const PACE = { inFlight: CONNECTIONS };
/** More than any cache line or prepared answer would serve. */
const ORDERS = 1000;
const CREATE_MS = 3000;
const [DURATION_MS, QUICK_DURATION_MS] = [10_000, 2000];
const [WARM_UP_MS, QUICK_WARM_UP_MS] = [3000, 500];

const PER_SECOND = 'reads/s';
const LOCAL_ACTION = 'moleculer-web, local action';

/** One order of a thousand after the other; no other work is under way. */
export const reads: Benchmark = {
  name: 'reads',
  title: `One order read, ${CONNECTIONS} keep-alive connections`,
  charted: PER_SECOND,
  wanted: [
    { figure: PER_SECOND, of: 'gateway', toThatOf: LOCAL_ACTION, atLeast: 0.25 },
    { figure: PER_SECOND, of: 'orders’ own door', toThatOf: LOCAL_ACTION, atLeast: 0.5 },
  ],
  open: async ({ quick, places }) => {
    const durationMs = quick ? QUICK_DURATION_MS : DURATION_MS;
    const system = await places.system();
    let endPeer = (): void => undefined;
    const close = async (): Promise<void> => {
      endPeer();
      await system.stop();
    };
    try {
      const paths = await placeOrders(system);
      const peer = await startMoleculerWeb((await system.call('GET', paths[0] ?? '')).body);
      endPeer = peer.end;
      const requests = paths.map((path) => ({ method: 'GET', path }) as const);
      const variant = async (name: string, kind: Variant['kind'], port: number): Promise<Variant> => {
        await measure({ port, requests, durationMs: quick ? QUICK_WARM_UP_MS : WARM_UP_MS });
        return { name, kind, run: () => measure({ port, requests, durationMs }) };
      };
      const variants = [
        await variant('gateway', 'product', system.nodes.api.port),
        await variant('orders’ own door', 'product', system.nodes.orders.port),
        await variant(LOCAL_ACTION, 'peer', peer.port),
      ];
      return { variants, close };
    } catch (error) {
      await close();
      throw error;
    }
  },
};

/** @returns the paths of orders that are final */
async function placeOrders(system: System): Promise<string[]> {
  const { port, requests } = await openAccounts(system);
  const { created } = await startLoad({ port, requests, durationMs: CREATE_MS, pace: PACE });
  if (created.length < ORDERS) throw new Error(`Only ${created.length} orders were created.`);
  const { notFinal } = await untilFinal(system, created);
  if (notFinal > 0) throw new Error(`${notFinal} orders are not final.`);
  return created.slice(0, ORDERS).map((orderId) => `/api/orders/${orderId}`);
}

async function measure(plan: Omit<LoadPlan, 'pace'>): Promise<Figures> {
  const { byStatus, latencyMs, elapsedMs } = await startLoad({ ...plan, pace: PACE });
  const { 200: answered = 0, ...others } = byStatus;
  if (Object.keys(others).length > 0) throw new Error(`Reads were answered ${JSON.stringify(byStatus)}.`);
  return {
    [PER_SECOND]: answered / (elapsedMs / 1000),
    'median ms': latencyMs['200']?.median ?? Number.NaN,
    'p99 ms': latencyMs['200']?.p99 ?? Number.NaN,
  };
}
