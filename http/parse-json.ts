import { JsonNumber } from '../contract/json-number.ts';
import { problem } from '../problems/problems.ts';

/** The top-level object is the first level. */
const MAX_DEPTH = 8;

/**
 * Reads a request's JSON: an object, without duplicate keys, whose numbers keep their source text.
 *
 * @param text the decoded body
 * @returns the object; keys such as `__proto__` are its own properties
 * @throws the problem `malformed-json`, or `content-too-large` when it nests too deeply
 */
export function parseJsonObject(text: string): Record<string, unknown> {
  // Before parsing: a reviver recurses into whatever was nested.
  const duplicate = findDuplicateKey(text);
  let value: unknown;
  try {
    value = JSON.parse(text, (_key, member, { source }) =>
      typeof member === 'number' && source !== undefined ? new JsonNumber(source) : member,
    );
  } catch (error) {
    throw problem('malformed-json', `The body is not valid JSON: ${(error as Error).message}. Nothing was done.`);
  }
  if (duplicate !== null) {
    throw problem(
      'malformed-json',
      `The key ${JSON.stringify(duplicate)} comes twice in one object of the body. Send it once.`,
    );
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof JsonNumber) {
    throw problem('malformed-json', 'The body is JSON, and has to be an object: { … }.');
  }
  return value as Record<string, unknown>;
}

/**
 * One pass over the text that sees what `JSON.parse` cannot tell: a key that comes twice, which `JSON.parse` resolves
 * silently in favour of the last. It judges nothing else; text that is no JSON is left to `JSON.parse`.
 *
 * @returns the first duplicate key, or null
 * @throws the problem `content-too-large` on nesting over the limit
 */
function findDuplicateKey(text: string): string | null {
  // A Set of keys for an object, null for an array.
  const open: (Set<string> | null)[] = [];
  let duplicate: string | null = null;
  let index = 0;
  while (index < text.length) {
    const character = text[index];
    if (character === '"') {
      const end = endOfString(text, index);
      const keys = open.at(-1);
      if (keys && isFollowedByColon(text, end)) {
        const key = decodeString(text.slice(index, end));
        if (keys.has(key)) duplicate ??= key;
        keys.add(key);
      }
      index = end;
      continue;
    }
    if (character === '{' || character === '[') {
      if (open.length === MAX_DEPTH) {
        throw problem(
          'content-too-large',
          `The body nests more than ${MAX_DEPTH} levels deep. The calls here take one level.`,
        );
      }
      open.push(character === '{' ? new Set() : null);
    } else if (character === '}' || character === ']') {
      open.pop();
    }
    index++;
  }
  return duplicate;
}

/** @returns the index after the closing quote, or the end of the text */
function endOfString(text: string, start: number): number {
  let index = start + 1;
  while (index < text.length && text[index] !== '"') index += text[index] === '\\' ? 2 : 1;
  // eslint-disable-next-line no-restricted-syntax -- an index into the text
  return Math.min(index + 1, text.length);
}

function isFollowedByColon(text: string, from: number): boolean {
  let index = from;
  while (text[index] === ' ' || text[index] === '\n' || text[index] === '\r' || text[index] === '\t') index++;
  return text[index] === ':';
}

/** `"a"` and `"\u0061"` are the same key. */
function decodeString(literal: string): string {
  try {
    // eslint-disable-next-line no-restricted-syntax -- a key, in quotes
    return JSON.parse(literal) as string;
  } catch {
    return literal;
  }
}
