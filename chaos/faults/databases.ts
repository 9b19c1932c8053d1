import type { FaultContext, FaultKind, FaultOutcome } from './fault.ts';
import { NODE_ROLE } from '../cluster/servers.ts';
import { ask, openSession } from './ask-database.ts';
import { pause, until, untilOrdersAreInFlight } from './until.ts';
import { watchLogs } from './watch-logs.ts';

/** Nodes meet the limit with their next connection, which under load is now. */
const REFUSED_TIMEOUT_MS = 10_000;
const REFUSED_FOR_MS = 2000;
/** Longer than a lock is waited for (4 s): some of the waiting transactions give up, too. */
const LOCKED_MS = 5000;
const WAITERS_TIMEOUT_MS = 8000;
/** Backups and audits of a small database take so long. */
const SNAPSHOT_MS = 8000;

type Which = 'orders' | 'payments';

function urlOf({ cluster }: FaultContext, which: Which): string {
  return which === 'orders' ? cluster.ordersUrl : cluster.paymentsUrl;
}

const connectionsExhausted: FaultKind = {
  name: 'connections-exhausted',
  what: 'PostgreSQL ends every session of the nodes and has no connection left for them (53300) for a while',
  touches: ['postgres', 'api', 'orders', 'payments'],
  usualS: 4,
  run: async (context) => {
    const { ordersUrl: url } = context.cluster;
    const isBusy = await untilOrdersAreInFlight(context);
    const inFlight = context.ordersInFlight();
    const said = watchLogs(context.cluster.nodes, /too many connections/);
    let ended = 0;
    try {
      await ask(url, `ALTER ROLE ${NODE_ROLE} CONNECTION LIMIT 0`);
      const sessions = await ask(url, 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1', [
        NODE_ROLE,
      ]);
      ended = sessions.length;
      await until(() => said() !== null, REFUSED_TIMEOUT_MS, context.signal);
      await pause(REFUSED_FOR_MS, context.signal);
    } finally {
      await ask(url, `ALTER ROLE ${NODE_ROLE} CONNECTION LIMIT -1`);
    }
    const line = said();
    return {
      target: 'postgres',
      hit: isBusy && line !== null,
      evidence: `${ended} sessions ended with ${inFlight} orders in flight; ${line ?? 'no node was refused'}`,
    };
  },
};

const tableLocked: FaultKind = {
  name: 'pool-exhausted',
  what: 'a table that every transaction needs is locked: connection after connection of the pools waits for it',
  touches: ['postgres'],
  usualS: 7,
  run: (context) => {
    const [which, table] = context.random.pick([
      ['orders', 'orders'],
      ['payments', 'accounts'],
    ] as const);
    return holdLocks(context, which, table, `LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
  },
};

const hotRows: FaultKind = {
  name: 'hot-rows-locked',
  what: 'somebody else holds the row locks of the accounts that were used last',
  touches: ['postgres'],
  usualS: 7,
  run: (context) =>
    holdLocks(
      context,
      'payments',
      'accounts',
      'SELECT FROM accounts WHERE user_id IN (SELECT user_id FROM accounts ORDER BY updated_at DESC LIMIT 50) FOR UPDATE',
    ),
};

/** Holds what a statement locks, in a transaction of its own, until others wait for it and for a while longer. */
async function holdLocks(context: FaultContext, which: Which, table: string, statement: string): Promise<FaultOutcome> {
  const url = urlOf(context, which);
  const isBusy = await untilOrdersAreInFlight(context);
  const session = await openSession(url);
  let waiting = 0;
  try {
    const { rows } = await session.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    await session.query('BEGIN');
    await session.query(statement);
    const countWaiting = async (): Promise<boolean> => {
      const [found] = await ask<{ waiting: string }>(
        url,
        'SELECT count(*) AS waiting FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid))',
        [rows[0]?.pid],
      );
      waiting = Math.max(waiting, Number(found?.waiting ?? 0));
      return waiting > 0;
    };
    await until(countWaiting, WAITERS_TIMEOUT_MS, context.signal);
    await pause(LOCKED_MS, context.signal);
    await countWaiting();
  } finally {
    // Its end is a rollback.
    await session.end().catch(() => undefined);
  }
  return {
    target: `${table} of ${which}`,
    hit: isBusy && waiting > 0,
    evidence: `${waiting} transactions of the nodes waited for the lock, with ${context.ordersInFlight()} orders in flight`,
  };
}

const longSnapshot: FaultKind = {
  name: 'long-snapshot',
  what: 'a transaction keeps a snapshot open, as a backup does, while rows come and go in the outbox',
  touches: [],
  usualS: 9,
  run: async (context) => {
    const which = context.random.pick(['orders', 'payments'] as const);
    const isBusy = await untilOrdersAreInFlight(context);
    const session = await openSession(urlOf(context, which));
    const counted = async (): Promise<number> => {
      const [row] = await ask<{ deleted: string }>(
        urlOf(context, which),
        "SELECT n_tup_del AS deleted FROM pg_stat_user_tables WHERE relname = 'outbox'",
      );
      return Number(row?.deleted ?? 0);
    };
    let gone = 0;
    try {
      await session.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
      await session.query('SELECT count(*) FROM outbox');
      const before = await counted();
      await pause(SNAPSHOT_MS, context.signal);
      gone = (await counted()) - before;
    } finally {
      await session.end().catch(() => undefined);
    }
    return {
      target: which,
      hit: isBusy && gone > 0,
      evidence: `${gone} events left the outbox while the snapshot was open, and stayed in its way as dead rows`,
    };
  },
};

export const DATABASE_KINDS: readonly FaultKind[] = [connectionsExhausted, tableLocked, hotRows, longSnapshot];
