import type { Transaction } from 'sequelize';
import type { IdempotencyKey } from './idempotency-key.ts';
import { judgeKeys, type Verdict } from './judge-keys.ts';
import type { OpenTransaction, WriteStore } from './write-store.ts';

/** What became of one item: its answer, or the error that its caller gets. Neighbours are not concerned. */
export type Outcome<Answer> = { readonly ok: Answer } | { readonly error: Error };

/** A caller's answer. */
export interface Answered<Answer> {
  readonly answer: Answer;
  /** True when an earlier request with the same idempotency key had the effect, and this is its answer. */
  readonly replayed: boolean;
}

/** What a caller is to be told. */
export type Result<Answer> = Answered<Answer> | { readonly error: Error };

/** One write of a batch, and the key that it came under. */
export interface Submitted<Item> {
  readonly item: Item;
  readonly key: IdempotencyKey | null;
}

export interface WriteContext<Item, Answer, T extends OpenTransaction = Transaction> {
  readonly store: WriteStore<T>;
  readonly transaction: T;
  /** An earlier transaction with these items may have been committed. */
  readonly again: boolean;
  readonly write: (items: Item[], context: { transaction: T; again: boolean }) => Promise<Outcome<Answer>[]>;
}

/**
 * Writes those items of a batch whose keys have had no effect yet, and keeps their answers, in the one transaction.
 *
 * @param tell what a key alone decides: a replay, or a refusal. It is told at once, since it is true whatever becomes of this transaction
 * @returns what to tell the others once the transaction has been committed. An item that is in neither is one whose own
 *   earlier transaction may still be on its way: it is to be tried again
 */
export async function writeOnce<Item, Answer, Batched extends Submitted<Item>, T extends OpenTransaction>(
  batch: readonly Batched[],
  { store, transaction, again, write }: WriteContext<Item, Answer, T>,
  tell: (submitted: Batched, result: Result<Answer>) => void,
): Promise<Map<Batched, Result<Answer>>> {
  const verdicts = await judgeKeys(
    batch.map(({ key }) => key),
    { store, transaction, again },
  );
  batch.forEach((submitted, index) => {
    const result = resultOf<Answer>(verdicts[index]);
    if (result !== null) tell(submitted, result);
  });
  const results = new Map<Batched, Result<Answer>>();
  const writing = batch.filter((_submitted, index) => verdicts[index]?.kind === 'write');
  if (writing.length === 0) return results;
  const outcomes = await write(
    writing.map(({ item }) => item),
    { transaction, again },
  );
  // Only an effect is kept: a request that failed is judged anew.
  const effects = writing.flatMap(({ key }, index) => {
    const outcome = outcomes[index];
    return key === null || outcome === undefined || 'error' in outcome
      ? []
      : [{ ...key, answer: JSON.stringify(outcome.ok) }];
  });
  await store.keepAnswers(effects, transaction);
  writing.forEach((submitted, index) => results.set(submitted, told(outcomes[index], index)));
  batch.forEach((submitted, index) => {
    const verdict = verdicts[index];
    const leader = verdict?.kind === 'follow' ? batch[verdict.leader] : undefined;
    const result = leader && results.get(leader);
    if (result !== undefined) results.set(submitted, 'error' in result ? result : { ...result, replayed: true });
  });
  return results;
}

function told<Answer>(outcome: Outcome<Answer> | undefined, index: number): Result<Answer> {
  if (outcome === undefined) return { error: new Error(`The write gave no outcome for item ${index}.`) };
  return 'ok' in outcome ? { answer: outcome.ok, replayed: false } : outcome;
}

/** @returns what a key alone decides; null when it does not */
function resultOf<Answer>(verdict: Verdict | undefined): Result<Answer> | null {
  if (verdict?.kind === 'refuse') return verdict;
  if (verdict?.kind !== 'answer') return null;
  return { answer: JSON.parse(verdict.json) as Answer, replayed: verdict.replayed };
}
