import type { ServerResponse } from 'node:http';

/** How the door writes what is no problem. */

const JSON_MEDIA_TYPE = 'application/json; charset=utf-8';

export function answerJson(response: ServerResponse, status: number, value: object): void {
  answerBody(response, status, JSON_MEDIA_TYPE, JSON.stringify(value));
}

export function answerHtml(response: ServerResponse, html: string): void {
  answerBody(response, 200, 'text/html; charset=utf-8', html);
}

export function answerBody(response: ServerResponse, status: number, mediaType: string, body: string | Buffer): void {
  response.writeHead(status, {
    'Content-Type': mediaType,
    'Content-Length': Buffer.byteLength(body),
  });
  response.end(body);
}

/** @param allow methods that the address takes */
export function answerOptions(response: ServerResponse, allow: string): void {
  response.writeHead(204, { Allow: allow });
  response.end();
}

/** What the client has already; headers such as `ETag` are set. */
export function answerNotModified(response: ServerResponse): void {
  response.writeHead(304);
  response.end();
}
