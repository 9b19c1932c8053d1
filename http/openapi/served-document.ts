import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerBody, answerNotModified } from '../answers.ts';
import { hasCurrent } from '../etag.ts';
import type { Json } from './json.ts';

const ETAG_CHARACTERS = 16;

/** A document that a door serves, written once. */
export class ServedDocument {
  readonly #text: string;
  readonly #etag: string;

  constructor(document: Json) {
    this.#text = JSON.stringify(document);
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
