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
 * @throws the problem `malformed-request` when it has no path, or one that does not decode, when it is of another HTTP, or there is not one Host header
 */
export function readTarget(request: IncomingMessage): Target {
  // Node's parser takes these as well, and would frame them as HTTP/1.1.
  if (request.httpVersionMajor !== 1) {
    throw problem('malformed-request', 'This is HTTP/1.1, or HTTP/1.0, and nothing older or newer. Send that.');
  }
  if (request.httpVersionMinor >= 1 && request.headers.host === undefined) {
    throw problem('malformed-request', 'An HTTP/1.1 request needs a Host header. Send one.');
  }
  // Node keeps the first of several; whoever stands before us may have looked at another.
  if ((request.headersDistinct.host ?? []).length > 1) {
    throw problem('malformed-request', 'A request has one Host header. Send it once.');
  }
  const [path = '/', ...query] = targetWithoutOrigin(request.url ?? '/').split('?');
  if (!path.startsWith('/')) {
    throw problem('malformed-request', 'A target is a path that begins with /, or has http:// and a host before it.');
  }
  try {
    decodeURIComponent(path);
  } catch {
    throw problem(
      'malformed-request',
      'The path does not decode: a % is not followed by two digits of UTF-8. A % itself is written %25.',
    );
  }
  return { path, query: query.join('?') };
}

/** @returns the path of a target as it was sent, for an answer to a request that cannot be read */
export function pathOfTarget(target: string): string {
  return /^\/[^?]*/.exec(targetWithoutOrigin(target))?.[0] ?? '/';
}

function targetWithoutOrigin(target: string): string {
  const rest = target.replace(/^https?:\/\/[^/?#]*/i, '');
  return rest.startsWith('?') || rest === '' ? `/${rest}` : rest;
}
