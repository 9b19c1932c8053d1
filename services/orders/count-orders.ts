import { QueryTypes, type Sequelize, type Transaction } from 'sequelize';
import type { OrderCounts } from '../../metrics/order-metrics.ts';

/** As many orders are counted: some ten milliseconds. Beyond it there are "more". */
const MAX_COUNTED = 100_000;
/** Who watches must not weigh on what is watched. */
const STATEMENT_TIMEOUT_MS = 2000;

/**
 * How many orders there are, at a cost that does not grow with the table: NEW ones by the index of the undecided; the
 * others one by one while the table is small, then as the statistics of PostgreSQL's last ANALYZE say.
 */
export async function countOrders(sequelize: Sequelize): Promise<OrderCounts> {
  return sequelize.transaction(async (transaction) => {
    // With the statistics of a quieter hour, PostgreSQL would read the whole table for the few that are NEW.
    await sequelize.query(
      `SELECT set_config('statement_timeout', '${STATEMENT_TIMEOUT_MS}', true), set_config('enable_seqscan', 'off', true)`,
      { transaction },
    );
    const [open] = await select<{ count: number; oldestAgeS: number }>(sequelize, transaction, NEW_ORDERS);
    const [table] = await select<{ rows: number }>(sequelize, transaction, ROWS);
    const rows = table?.rows ?? -1;
    const settled = await (rows > MAX_COUNTED
      ? select<StatusCount>(sequelize, transaction, ESTIMATED)
      : countSettled(sequelize, transaction));
    return {
      byStatus: { NEW: open?.count ?? 0, ...Object.fromEntries(settled.map(({ status, count }) => [status, count])) },
      oldestNewAgeS: open?.oldestAgeS ?? 0,
    };
  });
}

interface StatusCount {
  readonly status: string;
  readonly count: number;
}

const NEW_ORDERS = `
  SELECT (SELECT count(*)::int FROM (SELECT FROM orders WHERE status = 'NEW' LIMIT ${MAX_COUNTED + 1}) AS undecided) AS count,
    coalesce(greatest(0, extract(epoch FROM clock_timestamp() - (
      SELECT created_at FROM orders WHERE status = 'NEW' ORDER BY order_id LIMIT 1
    ))::float8), 0) AS "oldestAgeS"`;

/** -1: it was never analyzed. */
const ROWS = `SELECT reltuples::float8 AS rows FROM pg_class WHERE oid = 'orders'::regclass`;

const ESTIMATED = `
  SELECT value AS status, round(share * reltuples)::float8 AS count
    FROM pg_class CROSS JOIN pg_stats
    CROSS JOIN unnest(most_common_vals::text::text[], most_common_freqs) AS common (value, share)
   WHERE oid = 'orders'::regclass AND tablename = 'orders' AND schemaname = relnamespace::regnamespace::text
     AND attname = 'status' AND value <> 'NEW'`;

const COUNTED = `
  SELECT count(*) FILTER (WHERE status = 'FINISHED')::int AS finished,
    count(*) FILTER (WHERE status = 'CANCELLED')::int AS cancelled, count(*)::int AS seen
    FROM (SELECT status FROM orders LIMIT ${MAX_COUNTED + 1}) AS counted`;

/** None when they turn out to be more than are counted, and nothing is known of the table yet. */
async function countSettled(sequelize: Sequelize, transaction: Transaction): Promise<StatusCount[]> {
  const [counted] = await select<{ finished: number; cancelled: number; seen: number }>(
    sequelize,
    transaction,
    COUNTED,
  );
  if (counted === undefined || counted.seen > MAX_COUNTED) return [];
  return [
    { status: 'FINISHED', count: counted.finished },
    { status: 'CANCELLED', count: counted.cancelled },
  ];
}

function select<Row extends object>(sequelize: Sequelize, transaction: Transaction, text: string): Promise<Row[]> {
  return sequelize.query<Row>(text, { type: QueryTypes.SELECT, transaction });
}
