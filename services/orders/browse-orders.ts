import {
  BROWSE_ROWS,
  COUNT_CAP,
  SLOW_AFTER_S,
  type BrowsedOrders,
  type BrowseOrdersInput,
} from '../../contract/browse.ts';
import { CANCEL_REASONS } from '../../contract/outputs.ts';
import { describeOrder, type Order } from './order.ts';

/** Asks for rows: read-only, and each statement bounded. */
export type Read = <Row extends object>(sql: string, values: readonly unknown[]) => Promise<Row[]>;

type Row = Omit<Order, 'amount'> & { readonly amount: string };

/**
 * Of the finished orders there is no index of their own: nearly all are finished, and it would make each order dearer. Nor
 * is there one of the slow ones: after an outage that is every order, just when orders has most to do.
 * They are found by walking over all orders from the newest on; no page walks over more than these.
 */
const LOOK_AT_MOST = 20_000;

const IS_SLOW = `status <> 'NEW' AND updated_at - created_at > interval '${SLOW_AFTER_S} s'`;

const COLUMNS = `order_id AS "orderId", user_id AS "userId", amount, description, status, reason, version,
  created_at AS "createdAt", updated_at AS "updatedAt"`;

/** Page and count of what the filters select; each is one range of one index, whatever the table's size. */
export async function browseOrders(input: BrowseOrdersInput, read: Read): Promise<BrowsedOrders> {
  const page = await readPage(input, read);
  const count = input.count ? await countOrders(input, read).catch(() => null) : null;
  return { ...page, count };
}

type Page = Omit<BrowsedOrders, 'count'>;

async function readPage(input: BrowseOrdersInput, read: Read): Promise<Page> {
  if (isWalk(input)) return walk(input, read);
  const { sql, values, order } = selection(input);
  const rows = await read<Row>(`${sql(COLUMNS)} ORDER BY ${order} LIMIT ${BROWSE_ROWS + 1}`, values);
  return { ...cut(rows), lookedAt: null };
}

/** Whether no index has what the filters select. */
function isWalk({ userId, status, reason, slow }: BrowseOrdersInput): boolean {
  return userId === null && (slow || (status === 'FINISHED' && reason === null));
}

async function walk(input: BrowseOrdersInput, read: Read): Promise<Page> {
  const rows = await read<Row & { readonly fits: boolean; readonly isLast: boolean }>(
    `SELECT * FROM (
       SELECT ${COLUMNS}, ${fits(input)} AS fits, row_number() OVER (ORDER BY order_id DESC) = ${LOOK_AT_MOST} AS "isLast"
         FROM (SELECT * FROM orders WHERE order_id >= $1 AND order_id < $2 ORDER BY order_id DESC LIMIT ${LOOK_AT_MOST}) AS newest
     ) AS looked_at WHERE fits OR "isLast" ORDER BY "orderId" DESC LIMIT ${BROWSE_ROWS + 1}`,
    bounds(input),
  );
  const fitting = rows.filter((row) => row.fits);
  const last = rows.at(-1);
  // The last one that was looked at may be none that fits: the next page goes on below it.
  if (fitting.length <= BROWSE_ROWS && last?.isLast === true) {
    return { items: fitting.map(toAnswer), next: last.orderId, lookedAt: LOOK_AT_MOST };
  }
  return { ...cut(fitting), lookedAt: null };
}

/** What a walk looks for; the values are words of the contract. */
function fits({ status, reason, slow }: BrowseOrdersInput): string {
  return [
    ...(status === null ? [] : [`status = '${status}'`]),
    ...(reason === null ? [] : [`reason = '${reason}'`]),
    ...(slow ? [IS_SLOW] : []),
  ].join(' AND ');
}

async function countOrders(input: BrowseOrdersInput, read: Read): Promise<number | null> {
  if (isWalk(input)) return null;
  const { sql, values } = selection({ ...input, before: null });
  const [row] = await read<{ count: number }>(
    `SELECT count(*)::int AS count FROM (${sql('1')} LIMIT ${COUNT_CAP + 1}) AS counted`,
    values,
  );
  return row?.count ?? null;
}

interface Selection {
  readonly sql: (columns: string) => string;
  readonly values: readonly unknown[];
  /** Of the page. */
  readonly order: string;
}

/** The filters as a range of the one index that answers them. */
function selection(input: BrowseOrdersInput): Selection {
  const { userId, status, reason } = input;
  const range = bounds(input);
  if (userId !== null) return ofUser(input, userId);
  const within = 'order_id >= $1 AND order_id < $2';
  if (status === 'CANCELLED' || reason !== null) {
    // The index begins with the reason: as many short ranges as there are reasons.
    const each = (columns: string): string =>
      `SELECT ${columns} FROM orders AS o WHERE ${within} AND status = 'CANCELLED' AND o.reason = r.reason`;
    const most = COUNT_CAP + 1;
    return {
      sql: (columns) =>
        `SELECT found.* FROM unnest($3::text[]) AS r (reason),
           LATERAL (${each(columns)} ORDER BY o.order_id DESC LIMIT ${columns === '1' ? most : BROWSE_ROWS + 1}) AS found`,
      values: [
        ...range,
        status === null || status === 'CANCELLED' ? (reason === null ? CANCEL_REASONS : [reason]) : [],
      ],
      order: '"orderId" DESC',
    };
  }
  const condition = status === null ? '' : `AND status = '${status}'`;
  return {
    sql: (columns) => `SELECT ${columns} FROM orders WHERE ${within} ${condition}`,
    values: range,
    order: 'order_id DESC',
  };
}

/** Bounds and order by whole rows, for the reason that `order-page.ts` gives: one index has that order, and no other. */
function ofUser(input: BrowseOrdersInput, userId: string): Selection {
  const [lower, upper] = bounds(input);
  const { reason, slow } = input;
  const status = reason === null ? input.status : 'CANCELLED';
  const values = [lower, upper, userId, ...(status === null ? [] : [status]), ...(reason === null ? [] : [reason])];
  const columns = status === null ? 'user_id' : 'user_id, status';
  const bound = (id: string): string => `ROW($3::text, ${status === null ? '' : '$4::text, '}${id}::uuid)`;
  const row = `ROW(${columns}, order_id)`;
  const where = `${row} >= ${bound('$1')} AND ${row} < ${bound('$2')}${reason === null ? '' : ' AND reason = $5'}${slow ? ` AND ${IS_SLOW}` : ''}`;
  return {
    sql: (selected) => `SELECT ${selected} FROM orders WHERE ${where}`,
    values,
    order: `${columns.replaceAll(',', ' DESC,')} DESC, order_id DESC`,
  };
}

/** @returns the ids between which the orders lie: an id is a UUIDv7, which begins with its time. The upper one is not in it. */
function bounds({ from, to, before }: BrowseOrdersInput): [string, string] {
  const lower = from === null ? LOWEST : firstIdOf(from);
  const upper = to === null ? HIGHEST : firstIdOf(to);
  return [lower, before !== null && before < upper ? before : upper];
}

const LOWEST = '00000000-0000-0000-0000-000000000000';
const HIGHEST = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
/** Hexadecimal digits of the milliseconds in a UUIDv7. */
const TIME_DIGITS = 12;
const HEXADECIMAL = 16;

/** @returns the lowest id of a moment */
function firstIdOf(time: string): string {
  const digits = BigInt(new Date(time).getTime()).toString(HEXADECIMAL).padStart(TIME_DIGITS, '0');
  return `${digits.slice(0, 8)}-${digits.slice(8)}-0000-0000-000000000000`;
}

function cut(rows: readonly Row[]): Pick<BrowsedOrders, 'items' | 'next'> {
  const items = rows.slice(0, BROWSE_ROWS);
  return { items: items.map(toAnswer), next: rows.length > BROWSE_ROWS ? (items.at(-1)?.orderId ?? null) : null };
}

function toAnswer({ orderId, userId, amount, description, status, reason, version, createdAt, updatedAt }: Row) {
  return describeOrder({
    ...{ orderId, userId, description, status, reason, version, createdAt, updatedAt },
    amount: BigInt(amount),
  });
}
