import pg from 'pg';
import { checkAnswers, type AccountRow, type DayRows, type DepositRow, type OrderRow } from './answer-checks.ts';
import type { DayAnswers } from './answers.ts';
import type { Check } from './check.ts';
import { userIdRange, type Day } from './day.ts';
import { checkDecisions } from './decision-checks.ts';
import { ALL_USERS, checkLedger, type UserRange } from './ledger-checks.ts';

export interface Databases {
  readonly orders: pg.Pool;
  readonly payments: pg.Pool;
}

/** Minor units. */
export interface MoneyFlow {
  readonly paidIn: bigint;
  readonly spent: bigint;
  readonly balances: bigint;
}

export interface Reconciliation {
  /** This day's answers, orders, payments, entries and balances. */
  readonly ofTheDay: readonly Check[];
  /** Everything that the databases hold, other days and other callers included. */
  readonly ofAll: readonly Check[];
  /** Of this day, and of everything. */
  readonly money: { readonly ofTheDay: MoneyFlow; readonly ofAll: MoneyFlow };
  /** This day's orders by status and reason. */
  readonly outcomes: ReadonlyMap<string, number>;
}

/** Two at a time is all that the checks need. */
const CONNECTIONS = 2;
/** A check that takes longer is reported as an error instead of standing in everybody's way. */
const STATEMENT_TIMEOUT_MS = 60_000;

/** Connects to both databases, read only. */
export function openDatabases(ordersUrl: string, paymentsUrl: string): Databases {
  const open = (connectionString: string) => {
    const pool = new pg.Pool({
      connectionString,
      max: CONNECTIONS,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      application_name: 'shop',
      options: '-c default_transaction_read_only=on',
    });
    // An idle connection that breaks is replaced by the next query.
    pool.on('error', () => undefined);
    return pool;
  };
  return { orders: open(ordersUrl), payments: open(paymentsUrl) };
}

/** Ends the connections. */
export async function closeDatabases({ orders, payments }: Databases): Promise<void> {
  await Promise.all([orders.end(), payments.end()]);
}

/**
 * Checks through SQL that answers, orders, payments, ledger entries and balances agree to the last unit.
 *
 * @throws Error of PostgreSQL
 */
export async function reconcile(databases: Databases, day: Day, answers: DayAnswers): Promise<Reconciliation> {
  const users = userIdRange(day.runId);
  const rows = await readDay(databases, users);
  return {
    ofTheDay: [
      ...checkAnswers(day.customers, answers, rows),
      ...(await checkLedger(databases.payments, users)),
      ...(await checkDecisions(databases.orders, databases.payments, users)),
    ],
    ofAll: [
      ...(await checkLedger(databases.payments, ALL_USERS)),
      ...(await checkDecisions(databases.orders, databases.payments, ALL_USERS)),
    ],
    money: {
      ofTheDay: await moneyFlow(databases.payments, users),
      ofAll: await moneyFlow(databases.payments, ALL_USERS),
    },
    outcomes: countOutcomes(rows.orders),
  };
}

async function readDay({ orders, payments }: Databases, users: UserRange): Promise<DayRows> {
  const range = [...users];
  // BIGINT arrives as text and becomes a bigint: no float in between.
  const ordersFound = await orders.query<Omit<OrderRow, 'amount'> & { amount: string }>(
    `SELECT order_id AS "orderId", user_id AS "userId", amount, description, status, reason
       FROM orders WHERE user_id >= $1 AND user_id < $2`,
    range,
  );
  const accounts = await payments.query<Omit<AccountRow, 'balance'> & { balance: string }>(
    'SELECT user_id AS "userId", balance FROM accounts WHERE user_id >= $1 AND user_id < $2',
    range,
  );
  const deposits = await payments.query<
    Omit<DepositRow, 'amount' | 'balanceAfter'> & { amount: string; balanceAfter: string }
  >(
    `SELECT user_id AS "userId", version, amount, balance_after AS "balanceAfter"
       FROM ledger_entries WHERE kind = 'deposit' AND user_id >= $1 AND user_id < $2`,
    range,
  );
  return {
    orders: ordersFound.rows.map((row) => ({ ...row, amount: BigInt(row.amount) })),
    accounts: accounts.rows.map((row) => ({ ...row, balance: BigInt(row.balance) })),
    deposits: deposits.rows.map((row) => ({
      ...row,
      amount: BigInt(row.amount),
      balanceAfter: BigInt(row.balanceAfter),
    })),
  };
}

/** One snapshot, so that the three agree also while somebody else spends. */
async function moneyFlow(payments: pg.Pool, users: UserRange): Promise<MoneyFlow> {
  const { rows } = await payments.query<{ paid_in: string; spent: string; balances: string }>(
    `SELECT (SELECT coalesce(sum(amount), 0) FROM ledger_entries
              WHERE kind = 'deposit' AND user_id >= $1 AND user_id < $2) AS paid_in,
            (SELECT coalesce(sum(amount), 0) FROM payments
              WHERE status = 'completed' AND user_id >= $1 AND user_id < $2) AS spent,
            (SELECT coalesce(sum(balance), 0) FROM accounts WHERE user_id >= $1 AND user_id < $2) AS balances`,
    [...users],
  );
  const { paid_in, spent, balances } = rows[0] ?? { paid_in: '0', spent: '0', balances: '0' };
  return { paidIn: BigInt(paid_in), spent: BigInt(spent), balances: BigInt(balances) };
}

function countOutcomes(orders: readonly OrderRow[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { status, reason } of orders) {
    const outcome = reason === null ? status : `${status} ${reason}`;
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  }
  return new Map([...counts].sort(([left], [right]) => right.localeCompare(left)));
}
