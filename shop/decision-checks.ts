import type pg from 'pg';
import { checked, type Check } from './check.ts';
import type { UserRange } from './ledger-checks.ts';

/** Orders are in one database and the decisions about them in another: both are read in pages, and compared here. */

interface Order {
  readonly order_id: string;
  readonly user_id: string;
  readonly amount: string;
  readonly status: string;
  readonly reason: string | null;
}

type Decision = Order;

/** Small enough that no query runs for long. */
const PAGE_ROWS = 5000;
/** Below every order id that is given out. */
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';
const COLUMNS = 'order_id, user_id, amount, status, reason';

/**
 * Compares orders with the decisions about them. It holds while the system works: an order is read before the decision
 * that it rests on, and a decision before the order that it is about.
 *
 * @throws Error of PostgreSQL
 */
export async function checkDecisions(orders: pg.Pool, payments: pg.Pool, users: UserRange): Promise<Check[]> {
  const finished: string[] = [];
  const cancelled: string[] = [];
  for await (const page of pages(orders, 'orders', users)) {
    const decisions = await byOrder(payments, 'payments', page);
    for (const order of page) {
      const about = decisions.get(order.order_id) ?? [];
      if (order.status === 'FINISHED' && !isPaidOnce(order, about)) finished.push(order.order_id);
      if (order.status === 'CANCELLED' && !isRejected(order, about)) cancelled.push(order.order_id);
    }
  }
  return [
    checked('a FINISHED order has one completed payment, of its user and amount', finished),
    checked('a CANCELLED order has no completed payment, and a rejected one with its reason', cancelled),
    checked(
      'a decision is about an order that is there, of its user and amount',
      await strayDecisions(orders, payments, users),
    ),
  ];
}

function isPaidOnce(order: Order, decisions: readonly Decision[]): boolean {
  const [decision, ...more] = decisions;
  return decision?.status === 'completed' && isAbout(decision, order) && more.length === 0;
}

function isRejected(order: Order, decisions: readonly Decision[]): boolean {
  return (
    decisions.length > 0 && decisions.every(({ status, reason }) => status === 'rejected' && reason === order.reason)
  );
}

function isAbout(decision: Decision, order: Order): boolean {
  return decision.user_id === order.user_id && decision.amount === order.amount;
}

async function strayDecisions(orders: pg.Pool, payments: pg.Pool, users: UserRange): Promise<string[]> {
  const stray: string[] = [];
  for await (const page of pages(payments, 'payments', users)) {
    const known = await byOrder(orders, 'orders', page);
    for (const decision of page) {
      const [order] = known.get(decision.order_id) ?? [];
      if (order === undefined || !isAbout(decision, order)) stray.push(decision.order_id);
    }
  }
  return stray;
}

async function* pages(database: pg.Pool, table: 'orders' | 'payments', [from, to]: UserRange): AsyncGenerator<Order[]> {
  let after = BEFORE_ALL;
  for (;;) {
    const { rows } = await database.query<Order>(
      `SELECT ${COLUMNS} FROM ${table} WHERE order_id > $1 AND user_id >= $2 AND user_id < $3
        ORDER BY order_id LIMIT ${PAGE_ROWS}`,
      [after, from, to],
    );
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows;
    after = last.order_id;
  }
}

async function byOrder(
  database: pg.Pool,
  table: 'orders' | 'payments',
  page: readonly Order[],
): Promise<Map<string, Order[]>> {
  const { rows } = await database.query<Order>(`SELECT ${COLUMNS} FROM ${table} WHERE order_id = ANY ($1::uuid[])`, [
    page.map(({ order_id }) => order_id),
  ]);
  return Map.groupBy(rows, ({ order_id }) => order_id);
}
