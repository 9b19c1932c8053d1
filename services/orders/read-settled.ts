import { QueryTypes, type Sequelize } from 'sequelize';
import type { Order } from './order.ts';

/** Reads what became of those of the orders that are final, in one statement. */
export function readSettled(
  sequelize: Sequelize,
  orderIds: readonly string[],
): Promise<Pick<Order, 'orderId' | 'status' | 'reason' | 'version' | 'updatedAt'>[]> {
  return sequelize.query(
    `SELECT order_id AS "orderId", status, reason, version, updated_at AS "updatedAt"
       FROM orders WHERE order_id = ANY ($1::uuid[]) AND status <> 'NEW'`,
    { bind: [orderIds], type: QueryTypes.SELECT },
  );
}
