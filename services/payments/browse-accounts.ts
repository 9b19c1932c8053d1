import {
  BROWSE_ROWS,
  COUNT_CAP,
  type BrowseAccountsInput,
  type BrowsedAccounts,
  type CheckedAccount,
} from '../../contract/browse.ts';
import { decimalText } from '../../money/money.ts';
import { describeAccount, type StoredAccount } from './payment.ts';

/** Asks for rows: read-only, and each statement bounded. */
export type Read = <Row extends object>(sql: string, values: readonly unknown[]) => Promise<Row[]>;

type Row = Omit<StoredAccount, 'balance'> & { readonly balance: string };

/** Behind every character of a user id. */
const AFTER_ALL = '\u007f';

/** Accounts in order of their ids: one range of the primary key. */
export async function browseAccounts(
  { prefix, after, count }: BrowseAccountsInput,
  read: Read,
): Promise<BrowsedAccounts> {
  const upTo = `${prefix ?? ''}${AFTER_ALL}`;
  const rows = await read<Row>(
    `SELECT user_id AS "userId", balance, version, created_at AS "createdAt", updated_at AS "updatedAt" FROM accounts
      WHERE user_id >= $1 AND user_id < $2 AND ($3::text IS NULL OR user_id > $3) ORDER BY user_id LIMIT ${BROWSE_ROWS + 1}`,
    [prefix ?? '', upTo, after],
  );
  const items = rows.slice(0, BROWSE_ROWS);
  return {
    items: items.map((row) => describeAccount({ ...row, balance: BigInt(row.balance) })),
    next: rows.length > BROWSE_ROWS ? (items.at(-1)?.userId ?? null) : null,
    count: count ? await countAccounts([prefix ?? '', upTo], read).catch(() => null) : null,
  };
}

async function countAccounts(range: readonly string[], read: Read): Promise<number | null> {
  const [row] = await read<{ count: number }>(
    `SELECT count(*)::int AS count FROM
       (SELECT 1 FROM accounts WHERE user_id >= $1 AND user_id < $2 LIMIT ${COUNT_CAP + 1}) AS counted`,
    range,
  );
  return row?.count ?? null;
}

/**
 * Adds up an account, of one snapshot.
 *
 * @returns null when there is no such account
 */
export async function checkAccount(userId: string, read: Read): Promise<CheckedAccount | null> {
  const [row] = await read<{ balance: string; version: number; sum: string; entries: number }>(
    `SELECT balance, version, coalesce(sum, 0)::text AS sum, entries FROM accounts,
       LATERAL (SELECT sum(amount) AS sum, count(*)::int AS entries FROM ledger_entries AS e WHERE e.user_id = accounts.user_id) AS added
      WHERE user_id = $1`,
    [userId],
  );
  if (row === undefined) return null;
  const { version, entries } = row;
  const [balance, sum] = [BigInt(row.balance), BigInt(row.sum)];
  return {
    ...{ userId, version, entries },
    balance: decimalText(balance),
    sum: decimalText(sum),
    isRight: balance === sum && entries === version,
  };
}
