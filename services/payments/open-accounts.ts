import { QueryTypes, type Sequelize, type Transaction } from 'sequelize';
import type { Account } from '../../contract/outputs.ts';
import type { Outcome } from '../../mixins/group-commit.ts';
import { accountExists } from '../../problems/accounts.ts';
import { describeAccount } from './payment.ts';

/** An account that asks to be opened. */
export interface OpeningRequest {
  readonly userId: string;
  /** UUID of this opening: tells it from another opening of the same account. */
  readonly openingId: string;
}

/**
 * Opens accounts that arrived together in one statement, in the order of their user ids so that two batches cannot deadlock.
 *
 * @returns for each request, in order, the account, or the problem that somebody else opened it before. An account that
 *   this very request opened, in an earlier attempt whose COMMIT got no answer, is an answer.
 */
export async function openAccounts(
  requests: readonly OpeningRequest[],
  context: { sequelize: Sequelize; transaction: Transaction },
): Promise<Outcome<Account>[]> {
  const { sequelize, transaction } = context;
  const options = {
    bind: [requests.map(({ userId }) => userId), requests.map(({ openingId }) => openingId)],
    transaction,
  };
  await sequelize.query(
    `INSERT INTO accounts (user_id, opening_id)
     SELECT user_id, opening_id FROM unnest($1::text[], $2::uuid[]) AS new (user_id, opening_id) ORDER BY user_id
     ON CONFLICT (user_id) DO NOTHING`,
    options,
  );
  const rows = await sequelize.query<{ openingId: string; userId: string; createdAt: Date; updatedAt: Date }>(
    `SELECT opening_id AS "openingId", user_id AS "userId", created_at AS "createdAt", updated_at AS "updatedAt"
       FROM accounts WHERE user_id = ANY ($1::text[]) AND opening_id = ANY ($2::uuid[])`,
    { ...options, type: QueryTypes.SELECT },
  );
  const opened = new Map(rows.map((row) => [row.openingId, row]));
  return requests.map(({ userId, openingId }) => {
    const row = opened.get(openingId);
    return row === undefined
      ? { error: accountExists(userId) }
      : { ok: describeAccount({ ...row, balance: 0n, version: 0 }) };
  });
}
