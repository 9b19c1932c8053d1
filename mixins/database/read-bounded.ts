import type { Sequelize, Transaction } from 'sequelize';

/** An operator waits this long and no longer; rows that a backup keeps in the way make it long. */
const STATEMENT_TIMEOUT_MS = 2000;

/** Indexes only: a table that was empty when the planner looked would be read from end to end. */
const BOUNDS = `
  SET LOCAL statement_timeout = ${STATEMENT_TIMEOUT_MS};
  SET LOCAL enable_seqscan = off;
  SET LOCAL enable_bitmapscan = off;
  SET TRANSACTION READ ONLY`;

/** Reads for an operator: nothing is written, and each statement ends after two seconds. */
export function readBounded<T>(sequelize: Sequelize, read: (transaction: Transaction) => Promise<T>): Promise<T> {
  return sequelize.transaction(async (transaction) => {
    await sequelize.query(BOUNDS, { transaction });
    return read(transaction);
  });
}
