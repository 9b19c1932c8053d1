import { problem } from '../problems/problems.ts';

/**
 * Reads a query string parameter by parameter, giving no meaning to brackets: `userId[$ne]` is a name like any other.
 *
 * @param query what follows the `?`, as the client sent it
 * @returns values by name; a name that comes more than once has the list of its values
 * @throws the problem `malformed-request` when percent-encoding or UTF-8 is broken
 */
export function readQuery(query: string): Record<string, string | string[]> {
  const values = new Map<string, string | string[]>();
  for (const part of query.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = decode(equals === -1 ? part : part.slice(0, equals));
    const value = decode(equals === -1 ? '' : part.slice(equals + 1));
    const earlier = values.get(name);
    values.set(name, earlier === undefined ? value : [earlier, value].flat());
  }
  // Defines properties rather than assigning them: `__proto__` is a name as well.
  return Object.fromEntries(values);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw problem(
      'malformed-request',
      'The query does not decode: a % is not followed by two digits of UTF-8. A % itself is written %25.',
    );
  }
}
