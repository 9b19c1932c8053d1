import { makeBacklog } from '../backlog/backlog.ts';
import { settleByNode } from '../backlog/settle-by-node.ts';
import { settleByPg } from '../backlog/settle-by-pg.ts';
import { PER_SECOND } from '../backlog/settling.ts';
import type { Benchmark } from '../harness/benchmark.ts';

const [ORDERS, QUICK_ORDERS] = [200_000, 5000];

/** Payments was away, and comes back to what has gathered in the topic. */
export const backlog: Benchmark = {
  name: 'backlog',
  title: 'Orders a second that payments settles of a backlog, its relay at work beside',
  charted: PER_SECOND,
  wanted: [
    { figure: PER_SECOND, of: 'payments', atLeast: 20_000 },
    { figure: PER_SECOND, of: 'payments', toThatOf: 'plain pg', atLeast: 0.5 },
  ],
  open: async ({ quick, places }) => {
    const room = await places.payments();
    const evenly = (index: number): string => room.users[index % room.users.length] ?? '';
    const newBacklog = () => makeBacklog(quick ? QUICK_ORDERS : ORDERS, evenly);
    return {
      variants: [
        { name: 'payments', kind: 'product', run: () => settleByNode(room, newBacklog()) },
        { name: 'plain pg', kind: 'floor', run: () => settleByPg(room.floorUrl, newBacklog()) },
      ],
      close: () => room.stop(),
    };
  },
};
