/**
 * The ledger's statements. Each looks at a bounded number of rows, by the primary keys, and answers with one row: sums, and
 * the facts of the accounts with which something is wrong.
 */

/** The user id before which a range ends that has at most $2 accounts and at most $2 entries; null: the last range. */
export const RANGE_END = `
  SELECT least(
    (SELECT user_id FROM accounts WHERE user_id >= $1 ORDER BY user_id OFFSET $2 LIMIT 1),
    (SELECT user_id FROM ledger_entries WHERE user_id >= $1 ORDER BY user_id OFFSET $2 LIMIT 1)) AS upto`;

/** NUMERIC: a row that is wrong may hold anything, also what overflows when it is added up. */
const STEP = `
  version::bigint - lag(version, 1, base_version) OVER history AS step,
  balance_after::numeric - amount - lag(balance_after, 1, base_balance) OVER history AS drift`;

const SUMS = `
  count(*) AS entries, sum(amount) AS total, max(version) AS last_version,
  min(version) FILTER (WHERE step <> 1) AS gap_at,
  min(version) FILTER (WHERE drift <> 0) AS drift_at,
  min(version) FILTER (WHERE balance_after < 0) AS negative_at,
  min(version) FILTER (WHERE CASE kind WHEN 'deposit' THEN amount <= 0 OR order_id IS NOT NULL
                                       WHEN 'payment' THEN amount >= 0 OR order_id IS NULL
                                       ELSE true END) AS odd_at`;

/** Text, since a JSON number would be read as a float. */
const FACTS = `json_build_object(
  'userId', user_id, 'balance', balance::text, 'version', version, 'entries', entries, 'total', total::text,
  'lastVersion', last_version, 'gapAt', gap_at, 'driftAt', drift_at, 'negativeAt', negative_at, 'oddAt', odd_at)`;

const IS_WRONG = `
  balance IS NULL OR balance <> total OR balance < 0 OR version <> last_version
  OR gap_at IS NOT NULL OR drift_at IS NOT NULL OR negative_at IS NOT NULL OR odd_at IS NOT NULL`;

const ANSWER = `
  SELECT count(*) AS accounts, coalesce(sum(entries), 0) AS entries, coalesce(sum(balance), 0) AS balances,
         coalesce(json_agg(${FACTS}) FILTER (WHERE ${IS_WRONG}), '[]') AS wrong
    FROM facts`;

/** Accounts and entries from user $1 on and before user $2 (null: to the end). */
export const ACCOUNTS_OF_RANGE = `
  WITH entry AS (
    SELECT e.*, ${STEP}
      FROM (SELECT *, 0 AS base_version, 0::bigint AS base_balance FROM ledger_entries
             WHERE user_id >= $1 AND ($2::text IS NULL OR user_id < $2)) e
    WINDOW history AS (PARTITION BY user_id ORDER BY version)
  ), facts AS (
    SELECT user_id, balance, version, coalesce(entries, 0) AS entries, coalesce(total, 0) AS total,
           coalesce(last_version, 0) AS last_version, gap_at, drift_at, negative_at, odd_at
      FROM (SELECT user_id, balance, version FROM accounts WHERE user_id >= $1 AND ($2::text IS NULL OR user_id < $2)) a
      FULL JOIN (SELECT user_id, ${SUMS} FROM entry GROUP BY user_id) h USING (user_id)
  )
  ${ANSWER}`;

/** Accounts $1, of which everything up to versions $2 is known to be good, with balances $3 then. */
export const ACCOUNTS_FROM_BASE = `
  WITH base AS (
    SELECT * FROM unnest($1::text[], $2::integer[], $3::bigint[]) AS b (user_id, base_version, base_balance)
  ), entry AS (
    SELECT e.*, ${STEP}
      FROM (SELECT e.*, base_version, base_balance
              FROM base b JOIN ledger_entries e ON e.user_id = b.user_id COLLATE "C" AND e.version > b.base_version) e
    WINDOW history AS (PARTITION BY user_id ORDER BY version)
  ), facts AS (
    SELECT b.user_id, a.balance, a.version, coalesce(entries, 0) AS entries, base_balance + coalesce(total, 0) AS total,
           coalesce(last_version, base_version) AS last_version, gap_at, drift_at, negative_at, odd_at
      FROM base b
      LEFT JOIN accounts a ON a.user_id = b.user_id COLLATE "C"
      LEFT JOIN (SELECT user_id, ${SUMS} FROM entry GROUP BY user_id) h ON h.user_id = b.user_id COLLATE "C"
  )
  ${ANSWER}`;

/** The next $4 entries of user $1 after version $2, at which the balance was $3; and the account as it is then. */
export const PIECE_OF_ACCOUNT = `
  WITH entry AS (
    SELECT e.*, ${STEP}
      FROM (SELECT *, $2::integer AS base_version, $3::bigint AS base_balance FROM ledger_entries
             WHERE user_id = $1 AND version > $2 ORDER BY version LIMIT $4) e
    WINDOW history AS (ORDER BY version)
  )
  SELECT (SELECT balance FROM accounts WHERE user_id = $1) AS balance,
         (SELECT version FROM accounts WHERE user_id = $1) AS version,
         (SELECT balance_after FROM entry ORDER BY version DESC LIMIT 1) AS last_balance,
         ${SUMS}
    FROM entry`;

/**
 * The accounts from user $1 on and before user $2 that changed since $3, each with its newest entry that is older: known to
 * be good. Null where the newest $4 entries are all younger.
 */
export const CHANGED_ACCOUNTS = `
  SELECT a.user_id, a.version, base.version AS base_version, base.balance_after AS base_balance
    FROM accounts a
    LEFT JOIN LATERAL (
      SELECT version, balance_after
        FROM (SELECT version, balance_after, created_at FROM ledger_entries e
               WHERE e.user_id = a.user_id ORDER BY version DESC LIMIT $4) newest
       WHERE created_at < $3 ORDER BY version DESC LIMIT 1
    ) base ON true
   WHERE a.user_id >= $1 AND ($2::text IS NULL OR a.user_id < $2) AND a.updated_at >= $3
   ORDER BY a.user_id`;

/** The user id before which a range of $2 accounts ends. */
export const ACCOUNT_RANGE_END =
  'SELECT user_id AS upto FROM accounts WHERE user_id >= $1 ORDER BY user_id OFFSET $2 LIMIT 1';
