import type { Model } from 'sequelize';
import {
  DataTypes,
  type InferAttributes,
  type InferCreationAttributes,
  type ModelStatic,
  type Sequelize,
} from 'sequelize';
import type { CancelReason } from '../../contract/outputs.ts';
import type { OrderStatus } from '../../contract/values.ts';
import type { Order } from './order.ts';

/** A row of `orders`. Sequelize hands BIGINT over as a string: exact, and made a `bigint` by `toOrder`. */
export interface OrderRow extends Model<InferAttributes<OrderRow>, InferCreationAttributes<OrderRow>> {
  orderId: string;
  userId: string;
  amount: string;
  description: string | null;
  status: OrderStatus;
  reason: CancelReason | null;
  version: number;
  createdAt: Date;
  updatedAt: Date;
}

/** Defines the model on a service's own Sequelize. */
export function defineOrder(sequelize: Sequelize): ModelStatic<OrderRow> {
  return sequelize.define<OrderRow>(
    'Order',
    {
      orderId: { type: DataTypes.UUID, primaryKey: true },
      userId: { type: DataTypes.TEXT, allowNull: false },
      amount: { type: DataTypes.BIGINT, allowNull: false },
      description: DataTypes.TEXT,
      status: { type: DataTypes.TEXT, allowNull: false },
      reason: DataTypes.TEXT,
      version: { type: DataTypes.INTEGER, allowNull: false },
      createdAt: { type: DataTypes.DATE, allowNull: false },
      updatedAt: { type: DataTypes.DATE, allowNull: false },
    },
    { tableName: 'orders', underscored: true, timestamps: false },
  );
}

export function toOrder(row: OrderRow): Order {
  return { ...row.get({ plain: true }), amount: BigInt(row.amount) };
}
