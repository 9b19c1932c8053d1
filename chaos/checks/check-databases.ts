import pg from 'pg';
import { POISON_KEY } from '../faults/poison.ts';
import type { History } from '../history/history.ts';
import type { Violation } from '../history/violation.ts';

export interface DatabaseUrls {
  readonly ordersUrl: string;
  readonly paymentsUrl: string;
}

/** What lies in dead letters, or was parked by a relay. */
export interface DeadLetter {
  readonly where: string;
  readonly aggregate: string;
  readonly reason: string;
  readonly error: string;
  /** The record's key: poison says by it that it was planted. */
  readonly key: string;
}

/** What only the history can say about the databases. */
export interface DatabaseFindings {
  readonly violations: readonly Violation[];
  /** All of them: also the poison that the campaign put there. */
  readonly deadLetters: readonly DeadLetter[];
  readonly counted: Readonly<Record<string, number>>;
}

const PAGE_ROWS = 5000;
const CONNECT_TIMEOUT_MS = 10_000;
/** A campaign parks a few; more than these say nothing new. */
const LETTERS_READ = 1000;
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

/**
 * Looks for orders, payments and accounts of this campaign's users that nobody asked for, and for orders of theirs that were
 * parked.
 *
 * @param runId begins the ids of the campaign's users
 * @throws Error of PostgreSQL
 */
export async function checkDatabases(
  { ordersUrl, paymentsUrl }: DatabaseUrls,
  history: History,
  runId: string,
): Promise<DatabaseFindings> {
  const [orders, payments] = [await connect(ordersUrl), await connect(paymentsUrl)];
  try {
    const isOurs = (userId: string): boolean => userId.startsWith(`${runId}-`);
    const users = new Set(history.accounts.map(({ userId }) => userId));
    const counted: Record<string, number> = {};
    const violations: Violation[] = [];
    violations.push(...(await notFinalOfOthers(orders, isOurs)));
    const compare = async (database: pg.Client, table: 'orders' | 'payments'): Promise<void> => {
      for await (const { order_id: orderId, user_id: userId } of orderIds(database, table)) {
        const whose = isOurs(userId) ? table : `${table} of others`;
        counted[whose] = (counted[whose] ?? 0) + 1;
        if (!isOurs(userId) || history.orders.has(orderId)) continue;
        violations.push({
          invariant: 'I7',
          what: `${table} has an order that nobody was told of`,
          ids: { orderId, userId },
        });
      }
    };
    await compare(orders, 'orders');
    await compare(payments, 'payments');
    const { rows } = await payments.query<{ user_id: string }>('SELECT user_id FROM accounts');
    for (const { user_id: userId } of rows) {
      if (!isOurs(userId) || users.has(userId)) continue;
      violations.push({ invariant: 'I7', what: 'there is an account that nobody asked for', ids: { userId } });
    }
    counted['accounts'] = rows.length;
    const deadLetters = [
      ...(await readDeadLetters(orders, 'orders')),
      ...(await readDeadLetters(payments, 'payments')),
    ];
    violations.push(...ordersAmong(deadLetters, history));
    return { violations, deadLetters, counted };
  } finally {
    await Promise.allSettled([orders.end(), payments.end()]);
  }
}

/** I11 of orders that faults wrote past the gateways: REST is asked about the campaign's own users alone. */
async function notFinalOfOthers(orders: pg.Client, isOurs: (userId: string) => boolean): Promise<Violation[]> {
  const { rows } = await orders.query<{ order_id: string; user_id: string }>(
    `SELECT order_id, user_id FROM orders WHERE status = 'NEW'`,
  );
  return rows
    .filter(({ user_id: userId }) => !isOurs(userId))
    .map(({ order_id: orderId, user_id: userId }) => ({
      invariant: 'I11',
      what: 'an order that a fault wrote is not final',
      ids: { orderId, userId },
    }));
}

/** I11: what a campaign poisons is its own messages; an order of its users has no reason to be parked. */
export function ordersAmong(deadLetters: readonly DeadLetter[], history: Pick<History, 'orders'>): Violation[] {
  return deadLetters
    .filter(({ aggregate, key }) => history.orders.has(aggregate) && !key.startsWith(POISON_KEY))
    .map(({ where, aggregate, reason, error }) => ({
      invariant: 'I11',
      what: `an order's event was parked in ${where}: ${reason}, ${error}`,
      ids: { orderId: aggregate },
    }));
}

async function readDeadLetters(database: pg.Client, name: string): Promise<DeadLetter[]> {
  const { rows } = await database.query<DeadLetter>(
    `SELECT $1 || '.dead_letters of ' || consumer AS "where", coalesce(aggregate_id, '') AS aggregate, reason, error,
            coalesce(encode(key, 'escape'), '') AS key
       FROM dead_letters
     UNION ALL
     SELECT $1 || '.outbox_parked', aggregate_id, reason, error, partition_key FROM outbox_parked
     LIMIT ${LETTERS_READ}`,
    [name],
  );
  return rows;
}

async function* orderIds(
  database: pg.Client,
  table: 'orders' | 'payments',
): AsyncGenerator<{ order_id: string; user_id: string }> {
  for (let after = BEFORE_ALL; ;) {
    const { rows } = await database.query<{ order_id: string; user_id: string }>(
      `SELECT order_id, user_id FROM ${table} WHERE order_id > $1 ORDER BY order_id LIMIT ${PAGE_ROWS}`,
      [after],
    );
    const last = rows.at(-1);
    if (last === undefined) return;
    yield* rows;
    after = last.order_id;
  }
}

async function connect(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'chaos-checks',
    options: '-c default_transaction_read_only=on',
  });
  await client.connect();
  return client;
}
