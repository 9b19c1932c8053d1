import type pg from 'pg';
import { EXAMPLES_SHOWN, type Check } from './check.ts';

/** A range of user ids, from the first one on and below the second one. */
export type UserRange = readonly [string, string];

/** In the database's byte order, everything lies between these. */
export const ALL_USERS: UserRange = ['', '\u{10ffff}'];

const IN_RANGE = 'user_id >= $1 AND user_id < $2';

/**
 * What has to hold in the payments database: each query answers the ids that contradict it. Each is a snapshot of its own,
 * so that it holds while the system works, and short, so that it keeps nothing from being cleaned up.
 */
const LEDGER_CHECKS: readonly { readonly name: string; readonly contradicting: string }[] = [
  {
    name: 'a balance is the sum of its ledger entries',
    contradicting: `
      SELECT user_id AS id
        FROM (SELECT user_id, balance FROM accounts WHERE ${IN_RANGE}) a
        FULL JOIN (SELECT user_id, sum(amount) AS total FROM ledger_entries WHERE ${IN_RANGE} GROUP BY user_id) e
             USING (user_id)
       WHERE balance IS DISTINCT FROM coalesce(total, 0)`,
  },
  {
    name: 'a balance is deposits less completed payments',
    contradicting: `
      SELECT user_id AS id
        FROM (SELECT user_id, balance FROM accounts WHERE ${IN_RANGE}) a
        FULL JOIN (SELECT user_id, sum(amount) AS total
                     FROM (SELECT user_id, amount FROM ledger_entries WHERE kind = 'deposit' AND ${IN_RANGE}
                           UNION ALL
                           SELECT user_id, -amount FROM payments WHERE status = 'completed' AND ${IN_RANGE}) m
                    GROUP BY user_id) moved
             USING (user_id)
       WHERE balance IS DISTINCT FROM coalesce(total, 0)`,
  },
  {
    name: 'a ledger entry follows from the one before, without a gap',
    contradicting: `
      SELECT user_id || ' version ' || version AS id
        FROM (SELECT user_id, version, balance_after, amount,
                     lag(version, 1, 0) OVER history AS version_before,
                     lag(balance_after, 1, 0::bigint) OVER history AS balance_before
                FROM ledger_entries WHERE ${IN_RANGE}
              WINDOW history AS (PARTITION BY user_id ORDER BY version)) e
       WHERE version <> version_before + 1 OR balance_after <> balance_before + amount`,
  },
  {
    name: 'an account is at the version of its last entry',
    contradicting: `
      SELECT user_id AS id
        FROM (SELECT user_id, version FROM accounts WHERE ${IN_RANGE}) a
        FULL JOIN (SELECT user_id, max(version) AS last FROM ledger_entries WHERE ${IN_RANGE} GROUP BY user_id) e
             USING (user_id)
       WHERE version IS DISTINCT FROM coalesce(last, 0)`,
  },
  {
    name: 'a completed payment has one ledger entry, of its user and amount',
    contradicting: `
      SELECT order_id::text AS id
        FROM (SELECT order_id, user_id, amount FROM payments WHERE status = 'completed' AND ${IN_RANGE}) p
        FULL JOIN (SELECT order_id, min(user_id) AS user_id, sum(amount) AS amount, count(*) AS entries
                     FROM ledger_entries WHERE kind = 'payment' AND ${IN_RANGE} GROUP BY order_id) e
             USING (order_id)
       WHERE entries IS DISTINCT FROM 1 OR p.user_id IS DISTINCT FROM e.user_id OR p.amount IS DISTINCT FROM -e.amount`,
  },
  {
    name: 'nothing is below zero',
    contradicting: `
      SELECT user_id AS id FROM accounts WHERE balance < 0 AND ${IN_RANGE}
      UNION
      SELECT user_id FROM ledger_entries WHERE balance_after < 0 AND ${IN_RANGE}`,
  },
  {
    name: 'no order is decided twice',
    contradicting: `
      SELECT order_id::text AS id FROM payments WHERE ${IN_RANGE} GROUP BY order_id HAVING count(*) > 1`,
  },
];

/**
 * Asks the payments database whether its accounts, ledger entries and payments agree.
 *
 * @throws Error of PostgreSQL
 */
export async function checkLedger(payments: pg.Pool, users: UserRange): Promise<Check[]> {
  const checks: Check[] = [];
  for (const { name, contradicting } of LEDGER_CHECKS) {
    const { rows } = await payments.query<{ id: string; total: string }>(
      `SELECT id, count(*) OVER () AS total FROM (${contradicting}) c ORDER BY id LIMIT ${EXAMPLES_SHOWN}`,
      [...users],
    );
    checks.push({ name, violations: Number(rows[0]?.total ?? 0), examples: rows.map(({ id }) => id) });
  }
  return checks;
}
