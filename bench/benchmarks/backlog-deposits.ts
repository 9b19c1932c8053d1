import { makeBacklog } from '../backlog/backlog.ts';
import { settleByNode, type Settle } from '../backlog/settle-by-node.ts';
import { PER_SECOND } from '../backlog/settling.ts';
import type { Benchmark, Variant } from '../harness/benchmark.ts';
import { beginLoad } from '../load/start-load.ts';

/** Payments starts to settle before its door is open: of a few thousand orders none would be left for the deposits. */
const [ORDERS, QUICK_ORDERS] = [200_000, 20_000];
const DEPOSITS_PER_SECOND = 500;
/** Half a second of deposits, the longest that one may take, can be under way. */
const CONNECTIONS = DEPOSITS_PER_SECOND / 2;
/** It is ended when the backlog is. */
const LIMIT_MS = 600_000;

const [QUIET, BESIDE] = ['quiet', 'beside deposits'];
const P99 = 'p99 ms of a deposit';
const LONGEST = 'longest ms of a deposit';
const FAILED = 'deposits not booked';

/** Both wait for the same rows: a deposit for a batch that holds its account, and a batch for a deposit. */
export const backlogDeposits: Benchmark = {
  name: 'backlog-deposits',
  title: `Orders a second that payments settles of a backlog, beside ${DEPOSITS_PER_SECOND} deposits a second to the same accounts`,
  charted: PER_SECOND,
  wanted: [
    { figure: PER_SECOND, of: BESIDE, toThatOf: QUIET, atLeast: 0.7 },
    { figure: P99, of: BESIDE, atMost: 100 },
    { figure: LONGEST, of: BESIDE, atMost: 500 },
    { figure: FAILED, of: BESIDE, atMost: 0 },
  ],
  open: async ({ quick, places }) => {
    const room = await places.payments();
    const { users } = room;
    const variant = (name: string, settle: Settle): Variant => ({
      name,
      kind: 'product',
      run: () => {
        const backlog = makeBacklog(quick ? QUICK_ORDERS : ORDERS, (index) => users[index % users.length] ?? '');
        return settleByNode(room, backlog, settle);
      },
    });
    return {
      variants: [variant(QUIET, settleQuietly), variant(BESIDE, settleBesideDeposits)],
      close: () => room.stop(),
    };
  },
};

/** Both variants count what is settled from when the door is open. */
const settleQuietly: Settle = async ({ node }, settled) => {
  await node.start();
  return [await settled(), {}];
};

const settleBesideDeposits: Settle = async ({ node, users }, settled) => {
  await node.start();
  const load = await beginLoad({
    port: node.port,
    requests: users.map((userId) => ({
      method: 'POST',
      path: '/api/payments/accounts/deposit',
      body: { userId, amount: '0.01' },
    })),
    pace: { perSecond: DEPOSITS_PER_SECOND },
    connections: CONNECTIONS,
    durationMs: LIMIT_MS,
  });
  const settling = await settled();
  load.end();
  const { sent, unsent, byStatus, latencyMs, elapsedMs } = await load.result;
  const booked = byStatus['200'] ?? 0;
  return [
    settling,
    {
      'deposits/s': booked / (elapsedMs / 1000),
      [P99]: latencyMs['200']?.p99 ?? Number.NaN,
      [LONGEST]: latencyMs['200']?.most ?? Number.NaN,
      [FAILED]: sent + unsent - booked,
    },
  ];
};
