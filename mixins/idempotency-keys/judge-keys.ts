import { keyInUse, keyReused } from '../../problems/idempotency.ts';
import { nameOf, type IdempotencyKey } from './idempotency-key.ts';
import type { KeptKey } from './key-table.ts';
import type { OpenTransaction, WriteStore } from './write-store.ts';

/** What is to be done with one request of a batch. */
export type Verdict =
  | { readonly kind: 'write' }
  /** The same request is in this batch already, at this index: it gets the same outcome. */
  | { readonly kind: 'follow'; readonly leader: number }
  | { readonly kind: 'answer'; readonly json: string; readonly replayed: boolean }
  | { readonly kind: 'refuse'; readonly error: Error }
  /** Its own earlier transaction may still be on its way. */
  | { readonly kind: 'look-again' };

/**
 * Locks the keys of a batch, looks them up, and says what is to be done with each request. From now on, and until the
 * transaction's end, nobody else writes under a key whose request is to be written.
 *
 * @param keys of the batch's requests, in order; null for one without a key
 * @param context `again`: an earlier transaction with these requests may have been committed
 * @returns a verdict for each request, in order; without a round trip when none has a key
 */
export async function judgeKeys<T extends OpenTransaction>(
  keys: readonly (IdempotencyKey | null)[],
  context: { store: WriteStore<T>; transaction: T; again: boolean },
): Promise<Verdict[]> {
  const { store, transaction, again } = context;
  const given = keys.filter((key) => key !== null);
  if (given.length === 0) return keys.map(() => ({ kind: 'write' }));
  const locked = await store.lockKeys(given, transaction);
  const kept = await store.findKeys(given, transaction);
  return judge(keys, { locked, kept, again });
}

/**
 * The decision alone.
 *
 * @param found `locked`: names of the keys that this transaction holds; `kept`: keys that had their effect, by name
 */
export function judge(
  keys: readonly (IdempotencyKey | null)[],
  found: { locked: ReadonlySet<string>; kept: ReadonlyMap<string, KeptKey>; again: boolean },
): Verdict[] {
  const leaders = new Map<string, { index: number; fingerprint: string }>();
  return keys.map((key, index): Verdict => {
    if (key === null) return { kind: 'write' };
    const name = nameOf(key);
    const kept = found.kept.get(name);
    if (kept !== undefined) {
      return kept.fingerprint === key.fingerprint
        ? { kind: 'answer', json: kept.answer, replayed: kept.attempt !== key.attempt }
        : { kind: 'refuse', error: keyReused() };
    }
    if (!found.locked.has(name)) return found.again ? { kind: 'look-again' } : { kind: 'refuse', error: keyInUse() };
    const leader = leaders.get(name);
    if (leader === undefined) {
      leaders.set(name, { index, fingerprint: key.fingerprint });
      return { kind: 'write' };
    }
    return leader.fingerprint === key.fingerprint
      ? { kind: 'follow', leader: leader.index }
      : { kind: 'refuse', error: keyInUse() };
  });
}
