import { createHash, randomUUID } from 'node:crypto';
import { invalidInput } from '../../contract/define-input.ts';
import { checkIdempotencyKey, IDEMPOTENCY_KEY_HEADER } from '../../contract/idempotency-key.ts';

/** A request that has a key: sent again under the same one, it has no second effect. */
export interface IdempotencyKey {
  /** Within which keys meet: the action and its caller. */
  readonly scope: string;
  readonly key: string;
  /** SHA-256 of the validated values, as hexadecimal text: tells another request under the same key. */
  readonly fingerprint: string;
  /** UUID of this very request: tells its own row, after a COMMIT without an answer, from another request's. */
  readonly attempt: string;
}

/** What a key needs of a call's context. */
export interface KeyedCall {
  readonly meta: object;
  readonly action?: { readonly name?: string } | null;
}

/**
 * The key that a call came with, in `meta.idempotencyKey`: from the REST door, or from a REPL.
 *
 * @param values as validated: the same values in another spelling are the same request
 * @returns null when there is none
 * @throws the problem `invalid-input` for one that is malformed
 */
export function idempotencyKeyOf(
  { meta, action }: KeyedCall,
  values: object & { readonly userId: string },
): IdempotencyKey | null {
  const { idempotencyKey, caller } = meta as { idempotencyKey?: unknown; caller?: string | null };
  if (idempotencyKey === undefined || idempotencyKey === null) return null;
  const checked = checkIdempotencyKey(idempotencyKey);
  if (!checked.ok) throw invalidInput([{ pointer: IDEMPOTENCY_KEY_HEADER, detail: checked.detail }]);
  return {
    // No action's name has a blank in it.
    scope: `${action?.name ?? ''} ${caller ?? values.userId}`,
    key: checked.value,
    fingerprint: fingerprintOf(values),
    attempt: randomUUID(),
  };
}

/** Null is left out, like a field that is absent: an optional one that a later version adds changes no fingerprint. */
function fingerprintOf(values: object): string {
  const given = Object.entries(values)
    .filter(([, value]) => value !== null)
    .sort(([one], [other]) => (one < other ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(given)).digest('hex');
}

/** Scope and key as one text, equal for the same key and for no other: a scope holds no NUL, nor does a key. */
export function nameOf({ scope, key }: Pick<IdempotencyKey, 'scope' | 'key'>): string {
  return `${scope}\0${key}`;
}
