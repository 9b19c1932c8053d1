import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerBody, answerNotModified } from '../answers.ts';
import { hasCurrent } from '../etag.ts';
import type { Route } from '../route.ts';
import { openApiDocument } from './document.ts';

const ETAG_CHARACTERS = 16;

/** A door's OpenAPI document, written once. */
export class ServedDocument {
  readonly #text: string;
  readonly #etag: string;

  /** Takes what `openApiDocument` takes. */
  constructor(routes: readonly Route[], needsToken: boolean) {
    this.#text = JSON.stringify(openApiDocument(routes, needsToken));
    const hash = createHash('sha256').update(this.#text).digest('base64url');
    this.#etag = `"${hash.slice(0, ETAG_CHARACTERS)}"`;
  }

  answer(request: IncomingMessage, response: ServerResponse): void {
    response.setHeader('Cache-Control', 'no-cache');
    response.setHeader('ETag', this.#etag);
    if (hasCurrent(request.headers['if-none-match'], this.#etag)) answerNotModified(response);
    else answerBody(response, 200, 'application/json; charset=utf-8', this.#text);
  }
}
