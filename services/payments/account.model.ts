import type { Model } from 'sequelize';
import type { StoredAccount } from './payment.ts';
import {
  DataTypes,
  type InferAttributes,
  type InferCreationAttributes,
  type ModelStatic,
  type Sequelize,
} from 'sequelize';

/** A row of `accounts`. Sequelize hands BIGINT over as a string: exact, and made a `bigint` where it is computed with. */
export interface AccountRow extends Model<InferAttributes<AccountRow>, InferCreationAttributes<AccountRow>> {
  userId: string;
  balance: string;
  version: number;
  createdAt: Date;
  updatedAt: Date;
}

/** Defines the model on a service's own Sequelize. */
export function defineAccount(sequelize: Sequelize): ModelStatic<AccountRow> {
  return sequelize.define<AccountRow>(
    'Account',
    {
      userId: { type: DataTypes.TEXT, primaryKey: true },
      balance: { type: DataTypes.BIGINT, allowNull: false },
      version: { type: DataTypes.INTEGER, allowNull: false },
      createdAt: { type: DataTypes.DATE, allowNull: false },
      updatedAt: { type: DataTypes.DATE, allowNull: false },
    },
    { tableName: 'accounts', underscored: true, timestamps: false },
  );
}

export function toAccount(row: AccountRow): StoredAccount {
  return { ...row.get({ plain: true }), balance: BigInt(row.balance) };
}
