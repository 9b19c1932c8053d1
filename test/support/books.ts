import { Client } from 'pg';
import type { Done } from './keyed-load.ts';

/** What both databases hold, in the numbers that have to agree. */
export interface Books {
  readonly orders: Readonly<Record<string, number>>;
  readonly orderIds: ReadonlySet<string>;
  readonly payments: Readonly<Record<string, number>>;
  readonly deposits: number;
  /** Accounts whose balance is not deposits minus completed payments, or whose history has a gap. */
  readonly wrongAccounts: readonly string[];
  /** Orders whose status and decision differ. */
  readonly wrongOrders: readonly string[];
  readonly outbox: number;
  readonly deadLetters: number;
}

async function rowsOf<Row extends object>(url: string, text: string): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

/** What `Books.wrongAccounts` are, in the payments database. */
export const WRONG_ACCOUNTS = `
  SELECT a.user_id FROM accounts a
    LEFT JOIN (SELECT user_id, sum(amount) AS sum, count(*) AS count, max(version) AS version FROM ledger_entries GROUP BY 1) e
      USING (user_id)
    LEFT JOIN (SELECT user_id, sum(amount) AS paid FROM payments WHERE status = 'completed' GROUP BY 1) p USING (user_id)
    LEFT JOIN (SELECT user_id, sum(amount) AS deposited FROM ledger_entries WHERE kind = 'deposit' GROUP BY 1) d USING (user_id)
   WHERE a.balance <> coalesce(e.sum, 0) OR a.version <> coalesce(e.version, 0) OR a.version <> coalesce(e.count, 0)
      OR a.balance <> coalesce(d.deposited, 0) - coalesce(p.paid, 0)`;

/** Reads both databases. While work goes on they may differ for a moment; afterwards they may not. */
export async function readBooks(ordersUrl: string, paymentsUrl: string): Promise<Books> {
  const orders = await rowsOf<{ order_id: string; status: string }>(ordersUrl, 'SELECT order_id, status FROM orders');
  const payments = await rowsOf<{ order_id: string; status: string }>(
    paymentsUrl,
    'SELECT order_id, status FROM payments',
  );
  const wrongAccounts = await rowsOf<{ user_id: string }>(paymentsUrl, WRONG_ACCOUNTS);
  const [deposits] = await rowsOf<{ count: number }>(
    paymentsUrl,
    `SELECT count(*)::int AS count FROM ledger_entries WHERE kind = 'deposit'`,
  );
  const decisions = new Map(payments.map(({ order_id, status }) => [order_id, status]));
  const expected: Record<string, string | undefined> = { FINISHED: 'completed', CANCELLED: 'rejected' };
  return {
    orders: countBy(orders),
    orderIds: new Set(orders.map(({ order_id }) => order_id)),
    payments: countBy(payments),
    deposits: deposits?.count ?? 0,
    wrongAccounts: wrongAccounts.map(({ user_id }) => user_id),
    wrongOrders: orders.flatMap(({ order_id, status }) =>
      decisions.get(order_id) === expected[status] ? [] : [`${order_id} ${status}`],
    ),
    outbox: (await countOf(ordersUrl, 'outbox')) + (await countOf(paymentsUrl, 'outbox')),
    deadLetters: (await countOf(ordersUrl, 'dead_letters')) + (await countOf(paymentsUrl, 'dead_letters')),
  };
}

/**
 * Everything is final, and each request that was answered had its effect once.
 *
 * @param done what clients were told; `depositsBefore` they made besides
 */
export function expectSettledOnce(books: Books, done: readonly Done[], depositsBefore: number): void {
  const orders = done.flatMap(({ orderId }) => orderId ?? []);
  expect(books.orders['NEW'] ?? 0).toBe(0);
  expect(books.outbox).toBe(0);
  expect(books).toMatchObject({ wrongAccounts: [], wrongOrders: [], deadLetters: 0 });
  expect(orders.filter((orderId) => !books.orderIds.has(orderId))).toEqual([]);
  // Each key was repeated until it succeeded: no more effects than keys.
  expect(books.orderIds.size).toBe(new Set(orders).size);
  expect(orders).toHaveLength(books.orderIds.size);
  expect(books.deposits).toBe(depositsBefore + done.filter(({ what }) => what === 'deposit').length);
}

function countBy(rows: readonly { status: string }[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status } of rows) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

async function countOf(url: string, table: 'outbox' | 'dead_letters'): Promise<number> {
  const [row] = await rowsOf<{ count: number }>(url, `SELECT count(*)::int AS count FROM ${table}`);
  return row?.count ?? 0;
}
