import { STATUS_CODES, type IncomingMessage } from 'node:http';
import { problemAnswer, type Diagnosis, type ProblemAnswer } from './problem-answer.ts';
import { chooseRequestId } from './request-id.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

/**
 * What Node's parser refused before there was a request.
 *
 * @param code the error's code
 * @returns null when the connection itself is gone: nobody to answer
 */
export function diagnoseClientError(code: string | undefined): Diagnosis | null {
  switch (code ?? '') {
    case 'ECONNRESET':
    case 'EPIPE':
      return null;
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return {
        type: 'request-timeout',
        detail: 'The request did not arrive completely in time. Nothing was done; send it again on a new connection.',
        data: {},
      };
    case 'HPE_HEADER_OVERFLOW':
      return {
        type: 'headers-too-large',
        detail: 'The request line and headers are over 16 KiB. Send fewer or shorter headers.',
        data: {},
      };
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return {
        type: 'content-too-large',
        detail: 'The chunk extensions of the body are over 16 KiB. Send it without them.',
        data: {},
      };
    default:
      return {
        type: 'malformed-request',
        detail: 'These bytes are no HTTP/1.1 request. This port speaks it without TLS: http, not https.',
        data: {},
      };
  }
}

/** @returns the whole response as text, for a connection that has no response object; it ends the connection */
export function rawResponse({ status, headers, body }: ProblemAnswer): string {
  const lines = Object.entries({ ...SECURITY_HEADERS, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}Connection: close\r\n\r\n${body}`;
}

/** @returns the whole response to CONNECT, which Node hands over as a bare connection; it ends the connection */
export function refuseTunnel(request: IncomingMessage): string {
  const diagnosis: Diagnosis = {
    type: 'method-not-allowed',
    detail: 'CONNECT asks for a tunnel, and this is no proxy.',
    data: { allow: 'GET, HEAD, POST, OPTIONS' },
  };
  return rawResponse(problemAnswer(diagnosis, '/', chooseRequestId(request.headers['x-request-id'])));
}
