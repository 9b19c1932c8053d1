import type { IncomingMessage, ServerResponse } from 'node:http';
import cors from 'cors';

const ALLOWED_HEADERS = [
  'Accept',
  'Authorization',
  'Content-Type',
  'Idempotency-Key',
  'If-None-Match',
  'Last-Event-ID',
  'X-Request-ID',
];
/** Of an answer to another origin, pages see only these besides the simplest headers. */
const EXPOSED_HEADERS = ['ETag', 'Idempotency-Replayed', 'Location', 'Retry-After', 'WWW-Authenticate', 'X-Request-ID'];
/** How long a browser may remember a preflight's answer: longer than this, none does. */
const PREFLIGHT_MAX_AGE_S = 7200;

/** Lets pages of other origins read answers, and answers what their browsers ask first. */
export type CrossOrigin = (request: IncomingMessage, response: ServerResponse) => 'answered' | 'go on';

/**
 * @param origins exact ones, or `*`; with none, browsers keep answers from every other origin
 */
export function crossOrigin(origins: readonly string[] | '*'): CrossOrigin {
  if (origins.length === 0) return () => 'go on';
  const setHeaders = cors({
    origin: origins === '*' ? '*' : [...origins],
    methods: ['GET', 'HEAD', 'POST'],
    allowedHeaders: ALLOWED_HEADERS,
    exposedHeaders: EXPOSED_HEADERS,
    maxAge: PREFLIGHT_MAX_AGE_S,
    // Every OPTIONS is a preflight for the library; what is none is answered by its route.
    preflightContinue: true,
  });
  return (request, response) => {
    setHeaders(request, response, () => undefined);
    const isPreflight =
      request.method === 'OPTIONS' &&
      request.headers.origin !== undefined &&
      request.headers['access-control-request-method'] !== undefined;
    if (!isPreflight) return 'go on';
    response.writeHead(204, { 'Content-Length': '0' });
    response.end();
    return 'answered';
  };
}
