import type { Model } from 'sequelize';
import type { StoredEntry } from './payment.ts';
import {
  DataTypes,
  type InferAttributes,
  type InferCreationAttributes,
  type ModelStatic,
  type Sequelize,
} from 'sequelize';

/** A row of `ledger_entries`. Sequelize hands BIGINT over as a string: exact, and made a `bigint` by `toEntry`. */
export interface LedgerEntryRow extends Model<
  InferAttributes<LedgerEntryRow>,
  InferCreationAttributes<LedgerEntryRow>
> {
  userId: string;
  version: number;
  entryId: string;
  kind: StoredEntry['kind'];
  amount: string;
  balanceAfter: string;
  orderId: string | null;
  createdAt: Date;
}

/** Defines the model on a service's own Sequelize. */
export function defineLedgerEntry(sequelize: Sequelize): ModelStatic<LedgerEntryRow> {
  return sequelize.define<LedgerEntryRow>(
    'LedgerEntry',
    {
      userId: { type: DataTypes.TEXT, primaryKey: true },
      version: { type: DataTypes.INTEGER, primaryKey: true },
      entryId: { type: DataTypes.UUID, allowNull: false },
      kind: { type: DataTypes.TEXT, allowNull: false },
      amount: { type: DataTypes.BIGINT, allowNull: false },
      balanceAfter: { type: DataTypes.BIGINT, allowNull: false },
      orderId: DataTypes.UUID,
      createdAt: { type: DataTypes.DATE, allowNull: false },
    },
    { tableName: 'ledger_entries', underscored: true, timestamps: false },
  );
}

export function toEntry(row: LedgerEntryRow): StoredEntry {
  return { ...row.get({ plain: true }), amount: BigInt(row.amount), balanceAfter: BigInt(row.balanceAfter) };
}
