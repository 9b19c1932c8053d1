import type { Databases } from '../snapshot.ts';
import type { Violations } from '../violations.ts';
import { expectSame } from './expect-same.ts';
import type { PlacedAmount, Spender } from './plan.ts';

interface StoredAmount {
  readonly order_id: string;
  readonly amount: string;
}

/** What stands in both databases: PostgreSQL's own decimal text of its integers. */
export async function compareStored(
  run: { readonly databases: Databases; readonly violations: Violations },
  prefix: string,
  placed: ReadonlyMap<string, PlacedAmount>,
  spenders: readonly Spender[],
): Promise<void> {
  const { orders, payments } = run.databases;
  const stored = async (pool: typeof orders, table: string): Promise<Map<string, string>> => {
    const { rows } = await pool.query<StoredAmount>(
      `SELECT order_id::text, amount::text FROM ${table} WHERE starts_with(user_id, $1) AND order_id IS NOT NULL`,
      [prefix],
    );
    return new Map(rows.map(({ order_id, amount }) => [order_id, amount]));
  };
  const ordered = await stored(orders, 'orders');
  const paid = await stored(payments, 'payments');
  const booked = await stored(payments, 'ledger_entries');
  for (const [table, rows] of [
    ['orders', ordered] as const,
    ['payments', paid] as const,
    ['entries', booked] as const,
  ]) {
    expectSame(run, prefix, `rows of ${table}`, String(placed.size), String(rows.size));
  }
  for (const [orderId, { cents, source }] of placed) {
    expectSame(run, source, 'orders.amount', String(cents), ordered.get(orderId));
    expectSame(run, source, 'payments.amount', String(cents), paid.get(orderId));
    expectSame(run, source, 'ledger_entries.amount', String(-cents), booked.get(orderId));
  }
  const { rows: accounts } = await payments.query<{ balance: string }>(
    'SELECT balance::text FROM accounts WHERE starts_with(user_id, $1)',
    [prefix],
  );
  expectSame(run, prefix, 'accounts', String(spenders.length), String(accounts.length));
  for (const { balance } of accounts) expectSame(run, prefix, 'accounts.balance', '0', balance);
}
