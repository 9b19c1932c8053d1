import { Type } from '@sinclair/typebox';
import type { Checked, Value } from './values.ts';

/** Names a request, so that sending it again is not doing it again: the caller's own, opaque text. */

const MAX_CHARACTERS = 255;
const KEY = new RegExp(`^[\\x20-\\x7e]{1,${MAX_CHARACTERS}}$`);
/** A string of a structured field (RFC 9651): a backslash before each quote and backslash inside. */
const QUOTED = `"(?:[\\x20\\x21\\x23-\\x5b\\x5d-\\x7e]|\\\\["\\\\]){1,${MAX_CHARACTERS}}"`;
/** HTTP cuts off blanks around a header's value. */
const BARE = `[\\x21\\x23-\\x7e](?:[\\x20-\\x7e]{0,${MAX_CHARACTERS - 2}}[\\x21-\\x7e])?`;
const HEADER_PATTERN = `^(?:${QUOTED}|${BARE})$`;
const HEADER = new RegExp(HEADER_PATTERN);

export const IDEMPOTENCY_KEY_HEADER = 'Idempotency-Key';

/** The header's value: the key, bare or quoted. `"abc"` and `abc` are one key. */
export const idempotencyKeyHeader: Value<string> = {
  schema: Type.String({
    pattern: HEADER_PATTERN,
    description: `Sent again with the same key and the same values, a request has no second effect and gets the first answer. 1 to ${MAX_CHARACTERS} printable ASCII characters, bare or quoted.`,
  }),
  check(value) {
    if (typeof value !== 'string' || !HEADER.test(value)) {
      return {
        ok: false,
        detail: `An idempotency key has 1 to ${MAX_CHARACTERS} printable ASCII characters, for example a UUID; in quotes, with a backslash before each quote and backslash inside, or bare.`,
      };
    }
    return { ok: true, value: value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value };
  },
};

/** The key itself, as calls carry it in their meta. */
export function checkIdempotencyKey(value: unknown): Checked<string> {
  if (typeof value === 'string' && KEY.test(value)) return { ok: true, value };
  // A REPL reads digits as a number, and a long one would be rounded to another key.
  return {
    ok: false,
    detail: `An idempotency key is text, not a number, of 1 to ${MAX_CHARACTERS} printable ASCII characters.`,
  };
}
