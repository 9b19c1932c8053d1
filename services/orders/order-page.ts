import { col, fn, Op, where, type WhereOperators } from 'sequelize';
import type { ListOrdersInput } from '../../contract/inputs.ts';
import type { Query } from '../../mixins/reads.mixin.ts';
import type { OrderRow } from './order.model.ts';

/**
 * How one page of a user's orders is read, newest first: at most one more than the page has.
 *
 * Bounds and order name the index's column before the id too, although it is the same in all rows of the list. The usual
 * `WHERE user_id = … ORDER BY order_id DESC LIMIT …` can be answered by the primary key as well, and PostgreSQL does that
 * when it expects to meet enough rows of the list soon: for five finished orders among 100 000 cancelled ones it read a
 * whole table of a million. This order only the one index has.
 *
 * @param after id of the last order of the page before; null for the first page
 */
export function orderPage(
  { userId, status, limit }: Pick<ListOrdersInput, 'userId' | 'status' | 'limit'>,
  after: string | null,
): Query<OrderRow> {
  const list: Columns = status === null ? { user_id: userId } : { status };
  return {
    where: {
      ...(status !== null && { userId }),
      [Op.and]: [
        bound(list, Op.gte),
        after === null ? bound(list, Op.lte) : bound({ ...list, order_id: after }, Op.lt),
      ],
    },
    sort: [status === null ? '-userId' : '-status', '-orderId'],
    limit: limit + 1,
  };
}

type Columns = Readonly<Record<string, string>>;

/** `ROW(user_id, order_id) < ROW('alice', '0193…')`: a row comparison, which is one place in the index. */
function bound(columns: Columns, operator: keyof WhereOperators): ReturnType<typeof where> {
  const names = Object.keys(columns).map((name) => col(name));
  return where(fn('ROW', ...names), operator, fn('ROW', ...Object.values(columns)));
}
