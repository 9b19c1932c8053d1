import { makeBacklog } from '../backlog/backlog.ts';
import { settleByNode } from '../backlog/settle-by-node.ts';
import { PER_SECOND } from '../backlog/settling.ts';
import type { Benchmark, Variant } from '../harness/benchmark.ts';

const [ORDERS, QUICK_ORDERS] = [200_000, 5000];
const [HOT, TEN, EVENLY] = ['70 % on one account', 'on ten accounts', 'evenly on 1000'];

/** Orders of one account are in one partition, and in every batch. */
export const backlogHot: Benchmark = {
  name: 'backlog-hot',
  title: 'Orders a second that payments settles of a backlog, by how many accounts they are of',
  charted: PER_SECOND,
  wanted: [HOT, TEN].map((variant) => ({ figure: PER_SECOND, of: variant, toThatOf: EVENLY, atLeast: 0.7 })),
  open: async ({ quick, places }) => {
    const room = await places.payments();
    const { users } = room;
    const variant = (name: string, accountOf: (index: number) => number): Variant => ({
      name,
      kind: 'product',
      run: () => {
        const backlog = makeBacklog(quick ? QUICK_ORDERS : ORDERS, (index) => users[accountOf(index)] ?? '');
        return settleByNode(room, backlog);
      },
    });
    return {
      variants: [
        variant(HOT, (index) => (index % 10 < 7 ? 0 : index % users.length)),
        variant(TEN, (index) => index % 10),
        variant(EVENLY, (index) => index % users.length),
      ],
      close: () => room.stop(),
    };
  },
};
