import { createDatabaseIfMissing } from '../../start/embedded-postgres.ts';
import { openBarePath } from '../bare/bare-path.ts';
import type { Benchmark, Figures } from '../harness/benchmark.ts';
import { openAccounts } from '../load/shop.ts';
import { newClient, timeEach, timeOrder } from '../load/timed-order.ts';

const [ORDERS, QUICK_ORDERS] = [500, 50];
const [WARM_UP, QUICK_WARM_UP] = [500, 50];

/** One client, one order after the other, as that client sees it: POST, then the order's live status until it is final. */
export const createToFinal: Benchmark = {
  name: 'create-to-final',
  title: 'Milliseconds from POST to the final status, one client',
  charted: 'median ms',
  wanted: [
    { figure: 'median ms', of: 'product', toThatOf: 'two commits, two hops', atMost: 2.5 },
    { figure: 'p99 ms', of: 'product', toThatOf: 'two commits, two hops', atMost: 4 },
  ],
  open: async ({ quick, places }) => {
    const system = await places.system();
    try {
      const { port, users } = await openAccounts(system);
      await createDatabaseIfMissing(system.urlOf('bare'));
      const kafka = { brokers: [system.brokers], tls: null, sasl: null };
      const bare = await openBarePath(kafka, system.urlOf('bare'));
      const client = newClient(port);
      let turn = 0;
      const order = (): Promise<number> => timeOrder(client, users[turn++ % users.length] ?? '');
      const count = quick ? QUICK_ORDERS : ORDERS;
      const warmUp = quick ? QUICK_WARM_UP : WARM_UP;
      await times(warmUp, order);
      await times(warmUp, () => bare.timeOne());
      return {
        variants: [
          { name: 'product', kind: 'product', run: () => times(count, order) },
          { name: 'two commits, two hops', kind: 'floor', run: () => times(count, () => bare.timeOne()) },
        ],
        close: async () => {
          client.agent.destroy();
          await bare.close();
          await system.stop();
        },
      };
    } catch (error) {
      await system.stop();
      throw error;
    }
  },
};

async function times(count: number, timeOne: () => Promise<number>): Promise<Figures> {
  const { median, p99, most } = await timeEach(count, timeOne);
  return { 'median ms': median, 'p99 ms': p99, 'most ms': most };
}
