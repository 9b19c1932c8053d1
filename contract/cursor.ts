import { createHash } from 'node:crypto';

/**
 * A page's `nextCursor` names the last item of the page and carries a check over it and over the list that it belongs to.
 * That is no signature, and need not be: a position grants nothing. It tells a cursor that was cut, guessed or taken from
 * another list from a good one.
 */
const CHECK_BYTES = 6;
export const CURSOR_PATTERN = '^[A-Za-z0-9_-]{1,200}$';
const CURSOR = new RegExp(CURSOR_PATTERN);

function check(position: string, list: readonly string[]): Buffer {
  return createHash('sha256')
    .update(JSON.stringify([position, ...list]))
    .digest()
    .subarray(0, CHECK_BYTES);
}

/**
 * @param position what the last item of the page is sorted by, for example its id
 * @param list what selects the list: its kind, the user id, the filters
 * @returns text for `nextCursor`
 */
export function encodeCursor(position: string, list: readonly string[]): string {
  return Buffer.concat([check(position, list), Buffer.from(position)]).toString('base64url');
}

/** True when the text could be a cursor, of whatever list. */
export function isCursorText(text: string): boolean {
  return CURSOR.test(text);
}

/**
 * @param cursor text that a client sent
 * @param list as it was given to `encodeCursor`
 * @returns the position, or null when the cursor was not made for this list
 */
export function decodeCursor(cursor: string, list: readonly string[]): string | null {
  if (!isCursorText(cursor)) return null;
  const bytes = Buffer.from(cursor, 'base64url');
  const position = bytes.subarray(CHECK_BYTES).toString();
  return encodeCursor(position, list) === cursor ? position : null;
}
