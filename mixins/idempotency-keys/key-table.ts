import { createHash } from 'node:crypto';
import { QueryTypes, type Sequelize, type Transaction } from 'sequelize';
import { nameOf, type IdempotencyKey } from './idempotency-key.ts';

/** The statements on idempotency keys: each one for a whole batch, each one inside the caller's transaction. */

/** A key that had its effect. */
export interface KeptKey {
  readonly scope: string;
  readonly key: string;
  readonly fingerprint: string;
  readonly attempt: string;
  /** JSON text. */
  readonly answer: string;
}

/**
 * Takes the keys' locks for the rest of the transaction, without waiting. The lock stands for a row that is not there
 * yet: whoever has it alone may write under the key. Locks are released after a commit has become visible.
 *
 * @returns the names of the keys that were locked; the others are in the hands of another transaction
 */
export async function lockKeys(
  sequelize: Sequelize,
  keys: readonly IdempotencyKey[],
  transaction: Transaction,
): Promise<Set<string>> {
  const names = new Map(keys.map((key) => [lockIdOf(nameOf(key)), nameOf(key)]));
  const rows = await sequelize.query<{ id: string; locked: boolean }>(
    'SELECT id::text, pg_try_advisory_xact_lock(id) AS locked FROM unnest($1::bigint[]) AS id',
    { bind: [[...names.keys()]], type: QueryTypes.SELECT, transaction },
  );
  return new Set(rows.filter(({ locked }) => locked).map(({ id }) => names.get(id) ?? ''));
}

/** 64 bits of a hash: two keys that share a lock by chance get a 409 that the next attempt does not. */
function lockIdOf(name: string): string {
  return createHash('sha256').update(name).digest().readBigInt64BE().toString();
}

/**
 * Finds keys that had their effect. A statement of its own, after the locks: the snapshot of the statement that takes a
 * lock is older than the lock, and misses what its last holder has committed.
 */
export async function findKeys(
  sequelize: Sequelize,
  keys: readonly IdempotencyKey[],
  transaction: Transaction,
): Promise<Map<string, KeptKey>> {
  const rows = await sequelize.query<KeptKey>(
    `SELECT scope, key, encode(fingerprint, 'hex') AS fingerprint, attempt, answer
       FROM idempotency_keys JOIN unnest($1::text[], $2::text[]) AS asked (scope, key) USING (scope, key)`,
    { bind: [keys.map(({ scope }) => scope), keys.map(({ key }) => key)], type: QueryTypes.SELECT, transaction },
  );
  return new Map(rows.map((row) => [nameOf(row), row]));
}

/** Keeps answers under their keys, whose locks the transaction holds. */
export async function keepAnswers(
  sequelize: Sequelize,
  kept: readonly KeptKey[],
  transaction: Transaction,
): Promise<void> {
  if (kept.length === 0) return;
  await sequelize.query(
    `INSERT INTO idempotency_keys (scope, key, fingerprint, attempt, answer)
     SELECT scope, key, decode(fingerprint, 'hex'), attempt, answer
       FROM unnest($1::text[], $2::text[], $3::text[], $4::uuid[], $5::text[]) AS new (scope, key, fingerprint, attempt, answer)`,
    {
      bind: [
        kept.map(({ scope }) => scope),
        kept.map(({ key }) => key),
        kept.map(({ fingerprint }) => fingerprint),
        kept.map(({ attempt }) => attempt),
        kept.map(({ answer }) => answer),
      ],
      type: QueryTypes.RAW,
      transaction,
    },
  );
}

/**
 * Deletes keys that are too old, some of them: one short statement. Nodes that do it at once do not meet.
 *
 * @param keepMs younger ones stay, by the database's clock
 * @param maxRows as many at most
 * @returns how many it deleted
 */
export async function deleteOldKeys(sequelize: Sequelize, keepMs: number, maxRows: number): Promise<number> {
  const [{ deleted } = { deleted: 0 }] = await sequelize.query<{ deleted: number }>(
    // By address, since rows are never updated and these are locked: no plan can go through the table for it.
    `WITH gone AS (
       DELETE FROM idempotency_keys WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM idempotency_keys WHERE created_at < now() - $1 * interval '1 millisecond'
          ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED)) RETURNING 1)
     SELECT count(*)::integer AS deleted FROM gone`,
    { bind: [keepMs, maxRows], type: QueryTypes.SELECT },
  );
  return deleted;
}
