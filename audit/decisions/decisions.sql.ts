/**
 * The statements that compare orders, decisions and ledger entries by ranges of order ids: above $1, up to $2.
 */

/** The $2-th order id after $1; null: there are fewer. */
export const ORDERS_RANGE_END =
  'SELECT order_id AS upto FROM orders WHERE order_id > $1 ORDER BY order_id OFFSET $2 - 1 LIMIT 1';

export const PAYMENTS_RANGE_END = `
  SELECT least(
    (SELECT order_id FROM payments WHERE order_id > $1 ORDER BY order_id OFFSET $2 - 1 LIMIT 1),
    (SELECT order_id FROM ledger_entries WHERE order_id > $1 ORDER BY order_id OFFSET $2 - 1 LIMIT 1)) AS upto`;

/**
 * A range of final orders in two numbers; the decisions of the same range have to give the same two. Equal rows are
 * equal hashes, on one version of PostgreSQL: two databases of different versions are compared row by row.
 */
const digest = (status: string): string => `
  count(*) AS rows, coalesce(bit_xor(hash_record_extended(ROW(order_id, user_id, amount, ${status}, reason), 0)), 0) AS digest`;

const ORDER_STATUS = `CASE status WHEN 'FINISHED' THEN 'completed' WHEN 'CANCELLED' THEN 'rejected' ELSE status END`;

export const ORDERS_DIGEST = `
  SELECT ${digest(ORDER_STATUS)} FROM orders WHERE order_id > $1 AND order_id <= $2 AND status <> 'NEW'`;

export const PAYMENTS_DIGEST = `SELECT ${digest('status')} FROM payments WHERE order_id > $1 AND order_id <= $2`;

/** Orders whose version is not that of their status: 1 while NEW, 2 from then on. */
export const ORDERS_CHANGED_OTHERWISE = `
  SELECT order_id, status, version FROM orders
   WHERE order_id > $1 AND order_id <= $2
     AND CASE WHEN status = 'NEW' THEN version <> 1 OR reason IS NOT NULL
              WHEN status IN ('FINISHED', 'CANCELLED') THEN version <> 2 OR (reason IS NOT NULL) <> (status = 'CANCELLED')
              ELSE true END
   ORDER BY order_id`;

/**
 * Final orders above $3 without the inbox row of the decision's event, whose id is the order's own. The row is written in
 * the transaction of the change. The range is named twice, so that only its partitions are looked at.
 */
export const ORDERS_UNTRACED = `
  SELECT order_id, status FROM orders
   WHERE order_id > $1 AND order_id <= $2 AND order_id > $3 AND status <> 'NEW'
     AND NOT EXISTS (SELECT FROM inbox WHERE consumer = $4 AND event_id = orders.order_id
                                         AND event_id > $1 AND event_id <= $2)
   ORDER BY order_id`;

export const COUNT_ORDERS = 'SELECT count(*) AS rows FROM orders WHERE order_id > $1 AND order_id <= $2';

/** Decisions and the ledger entries that name their orders: what does not pair. */
export const UNPAIRED = `
  SELECT order_id, p.user_id, coalesce(decisions, 0) AS decisions, coalesce(completed, 0) AS completed,
         p.amount::text AS amount, coalesce(entries, 0) AS entries, e.user_id AS entry_user_id, e.amount::text AS entry_amount
    FROM (SELECT order_id, min(user_id) AS user_id, min(amount) AS amount, count(*) AS decisions,
                 count(*) FILTER (WHERE status = 'completed') AS completed
            FROM payments WHERE order_id > $1 AND order_id <= $2 GROUP BY order_id) p
    FULL JOIN (SELECT order_id, min(user_id) AS user_id, sum(amount) AS amount, count(*) AS entries
                 FROM ledger_entries WHERE order_id > $1 AND order_id <= $2 GROUP BY order_id) e USING (order_id)
   WHERE decisions IS DISTINCT FROM 1
      OR coalesce(entries, 0) <> completed
      OR (completed > 0 AND (p.user_id <> e.user_id OR p.amount <> -e.amount))
   ORDER BY order_id`;

const COLUMNS = 'order_id, user_id, amount, status, reason';
export const ORDERS_OF_RANGE = `SELECT ${COLUMNS} FROM orders WHERE order_id > $1 AND order_id <= $2 ORDER BY order_id`;
export const PAYMENTS_OF_RANGE = `SELECT ${COLUMNS} FROM payments WHERE order_id > $1 AND order_id <= $2 ORDER BY order_id`;
export const ORDERS_BY_ID = `SELECT ${COLUMNS} FROM orders WHERE order_id = ANY ($1::uuid[])`;
export const PAYMENTS_BY_ID = `SELECT ${COLUMNS} FROM payments WHERE order_id = ANY ($1::uuid[])`;
