import type { IncomingMessage } from 'node:http';
import { problem } from '../problems/problems.ts';
import { readBody } from './read-body.ts';
import { readQuery } from './read-query.ts';
import type { ContractRoute } from './route.ts';

const NO_QUERY = 'This call takes no query parameters: leave them out.';
const NO_QUERY_BUT_BODY = 'This call takes no query parameters: send its fields in the JSON body.';

/**
 * Reads a call's input from where its route says, and refuses parameters anywhere else.
 *
 * @param query what follows the `?`, raw
 * @param pathParameters decoded
 */
export async function readInput(
  { inputFrom }: ContractRoute,
  request: IncomingMessage,
  query: string,
  pathParameters: Readonly<Record<string, string>>,
): Promise<unknown> {
  const parameters = readQuery(query);
  if (inputFrom === 'query') return parameters;
  if (inputFrom === 'path and query') return withPath(parameters, pathParameters);
  const names = Object.keys(parameters);
  if (names.length > 0) {
    const detail = inputFrom === 'body' ? NO_QUERY_BUT_BODY : NO_QUERY;
    throw problem('invalid-input', `Nothing was done. ${detail}`, {
      errors: names.map((pointer) => ({ pointer, detail })),
    });
  }
  return inputFrom === 'path' ? pathParameters : readBody(request);
}

/** What a path and its query both name is given twice, and refused like any other repetition. */
function withPath(
  query: Readonly<Record<string, string | string[]>>,
  path: Readonly<Record<string, string>>,
): Record<string, string | string[]> {
  const both = Object.entries(path).map(([name, value]): [string, string | string[]] => {
    const asked = Object.hasOwn(query, name) ? query[name] : undefined;
    return [name, asked === undefined ? value : [value, asked].flat()];
  });
  return Object.fromEntries([...Object.entries(query), ...both]);
}
