/** The statements about events that are on their way. */

/** Orders that are not final, $2 at a time: by the partial index on them. */
export const UNDECIDED_PAGE = `
  SELECT order_id FROM orders WHERE status = 'NEW' AND order_id > $1 ORDER BY order_id LIMIT $2`;

export const STILL_NEW = `
  SELECT order_id, user_id FROM orders WHERE order_id = ANY ($1::uuid[]) AND status = 'NEW'`;

export const DECIDED = `SELECT DISTINCT order_id FROM payments WHERE order_id = ANY ($1::uuid[])`;

/** The next $3 rows of an outbox. `table` is one of the two of the outbox mixin. */
export const outboxPage = (table: 'outbox' | 'outbox_parked'): string => `
  SELECT lane, id, event_id, aggregate_type, aggregate_id FROM ${table}
   WHERE (lane, id) > ($1, $2) ORDER BY lane, id LIMIT $3`;

/**
 * Which of the aggregates $3 have dead letters at a consumer. Of a letter that nobody could read, its bytes are
 * searched for the id.
 */
export const PARKED = `
  SELECT DISTINCT aggregate_id FROM dead_letters
   WHERE consumer = $1 AND aggregate_type = $2 AND aggregate_id = ANY ($3::text[])
  UNION
  SELECT wanted.id FROM dead_letters letter, unnest($3::text[]) AS wanted (id)
   WHERE letter.consumer = $1 AND letter.aggregate_id IS NULL
     AND (position(convert_to(wanted.id, 'UTF8') IN coalesce(letter.value, '')) > 0 OR position(wanted.id IN letter.headers::text) > 0)`;

/**
 * Which of the orders $1 have an event that a person discarded on the side $2, the latest act each. An event is known by
 * its aggregate or, where nobody could read that, by its id, which is the order's.
 */
export const DISCARDED = `
  SELECT DISTINCT ON (wanted.id) wanted.id::text AS order_id, act.id::text AS act_id, act.by_whom, act.why, letter.at
    FROM unnest($1::uuid[]) AS wanted (id)
    JOIN dead_letter_act_letters letter
      ON letter.aggregate = $4 || '/' || wanted.id OR (letter.aggregate IS NULL AND letter.event_id = wanted.id)
    JOIN dead_letter_acts act ON act.id = letter.act_id
   WHERE letter.outcome = 'discarded' AND act.side = $2 AND (act.side = 'relay' OR letter.consumer = $3)
   ORDER BY wanted.id, letter.at DESC`;

/** What is set aside: not wrong, and not on its way by itself. */
export const COUNT_DEAD_LETTERS = 'SELECT count(*) AS rows FROM dead_letters';
export const COUNT_OUTBOX_PARKED = 'SELECT count(*) AS rows FROM outbox_parked';
