import { deadlineOf } from '../../kafka/deadline.ts';
import type { GroupCommit } from '../group-commit.ts';
import { idempotencyKeyOf, type KeyedCall } from './idempotency-key.ts';

/**
 * Hands a call's write to its group, with the call's deadline and under its idempotency key. A replay is told in
 * `meta.idempotencyReplayed`, which travels back to the caller.
 *
 * @param values the call's input as validated
 * @param item what is to be written
 * @returns the action's answer: the first one, when the key had its effect before
 * @throws what `GroupCommit.submit` throws; `invalid-input` for a malformed key
 */
export async function submitCall<Item, Answer>(
  call: KeyedCall,
  group: GroupCommit<Item, Answer>,
  values: object & { readonly userId: string },
  item: Item,
): Promise<Answer> {
  const { meta } = call;
  const { answer, replayed } = await group.submit(item, {
    deadline: deadlineOf(meta),
    key: idempotencyKeyOf(call, values),
  });
  if (replayed) Object.assign(meta, { idempotencyReplayed: true });
  return answer;
}
