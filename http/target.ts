import type { IncomingMessage } from 'node:http';
import { problem } from '../problems/problems.ts';

/** Path and query of a request's target, both as the client wrote them. */
export interface Target {
  readonly path: string;
  readonly query: string;
}

/**
 * Splits a request's target; one in absolute form (`GET http://host/path`) loses its origin.
 *
 * @throws the problem `malformed-request` when the path does not decode or the Host header is missing
 */
export function readTarget(request: IncomingMessage): Target {
  if (request.httpVersionMajor === 1 && request.httpVersionMinor >= 1 && request.headers.host === undefined) {
    throw problem('malformed-request', 'An HTTP/1.1 request needs a Host header.');
  }
  const [path = '/', ...query] = targetWithoutOrigin(request.url ?? '/').split('?');
  try {
    decodeURIComponent(path);
  } catch {
    throw problem('malformed-request', 'The path does not decode: a % is not followed by two digits of UTF-8.');
  }
  return { path, query: query.join('?') };
}

function targetWithoutOrigin(target: string): string {
  const rest = target.replace(/^https?:\/\/[^/?#]*/i, '');
  return rest.startsWith('?') || rest === '' ? `/${rest}` : rest;
}
