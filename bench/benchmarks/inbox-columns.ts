import { makeBacklog } from '../backlog/backlog.ts';
import { settleByPg } from '../backlog/settle-by-pg.ts';
import { PER_SECOND } from '../backlog/settling.ts';
import type { Benchmark } from '../harness/benchmark.ts';

const [ORDERS, QUICK_ORDERS] = [100_000, 5000];

/** An inbox row says where its event lay and when it was where, so that an order's story can be told: this is what that costs. */
export const inboxColumns: Benchmark = {
  name: 'inbox-columns',
  title: 'Orders a second by plain pg, by what an inbox row holds',
  charted: PER_SECOND,
  needsMinutes: true,
  wanted: [{ figure: PER_SECOND, of: 'with the story', toThatOf: 'key and hash alone', atLeast: 0.9 }],
  open: async ({ quick, places }) => {
    const room = await places.payments();
    const newBacklog = () =>
      makeBacklog(quick ? QUICK_ORDERS : ORDERS, (index) => room.users[index % room.users.length] ?? '');
    return {
      variants: [
        { name: 'with the story', kind: 'product', run: () => settleByPg(room.floorUrl, newBacklog(), 'whole') },
        { name: 'key and hash alone', kind: 'floor', run: () => settleByPg(room.floorUrl, newBacklog(), 'bare') },
      ],
      close: () => room.stop(),
    };
  },
};
