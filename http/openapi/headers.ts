import { IDEMPOTENCY_KEY_HEADER, idempotencyKeyHeader } from '../../contract/idempotency-key.ts';
import type { Json } from './json.ts';

/** The headers that the document knows, each described once. */

const text = { type: 'string' };

/** Of answers. */
export const ANSWER_HEADERS = {
  'X-Request-ID': {
    description: "The request's own id, or a fresh one: the log has more under it.",
    required: true,
    schema: text,
  },
  'Cache-Control': { description: 'What caches may do with it.', required: true, schema: text },
  Location: {
    description: 'Where to read what was created.',
    required: true,
    schema: { type: 'string', format: 'uri-reference' },
  },
  ETag: {
    description: 'Names this state of the answer, for `If-None-Match`.',
    required: true,
    schema: { type: 'string', pattern: '^"[^"]+"$' },
  },
  'Idempotency-Replayed': {
    description: 'With `true`, nothing was done this time: it is the first answer under this key.',
    required: false,
    schema: { type: 'string', enum: ['true'] },
  },
  'Retry-After': {
    description: 'Seconds after which trying again makes sense.',
    required: true,
    schema: { type: 'integer', minimum: 0 },
  },
  Allow: { description: 'The methods that the address takes.', required: true, schema: text },
  'WWW-Authenticate': {
    description: 'What is asked for, and what was wrong (RFC 6750).',
    required: true,
    schema: text,
  },
  'Accept-Post': { description: 'The media type that is taken.', required: true, schema: text },
  'Accept-Encoding': { description: 'The content encodings that are taken.', required: true, schema: text },
} satisfies Readonly<Record<string, Json>>;
export type AnswerHeader = keyof typeof ANSWER_HEADERS;

/** Headers of an answer, by name, as references to their one description. */
export function answerHeaders(names: readonly AnswerHeader[]): Json {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

/** Of requests; none is needed. */
export const REQUEST_HEADERS = {
  'X-Request-ID': {
    description: 'Your own id of this request, for logs and the answer; one that is no short plain text is replaced.',
    schema: text,
  },
  [IDEMPOTENCY_KEY_HEADER]: {
    description: idempotencyKeyHeader.schema.description,
    schema: { type: 'string', pattern: idempotencyKeyHeader.schema.pattern as string },
  },
  'If-None-Match': {
    description: 'The `ETag` of an earlier answer: one that still holds is answered 304, without a body.',
    schema: text,
  },
  'Last-Event-ID': {
    description: 'The `id` of the last event of an earlier stream: what was told is not told again.',
    schema: text,
  },
} satisfies Readonly<Record<string, Json>>;
export type RequestHeader = keyof typeof REQUEST_HEADERS;
