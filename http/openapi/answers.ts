import { takesIdempotencyKey } from '../idempotency-key.ts';
import type { CallRoute, Route } from '../route.ts';
import type { DocumentedAnswer } from './documentation.ts';
import { ANSWER_HEADERS, answerHeaders } from './headers.ts';
import type { Json } from './json.ts';
import type { Schemas } from './schemas.ts';
import { valuesOf } from './values-of.ts';

/** What an address answers when nothing is wrong, by status. */
export function answersOf(route: Route, schemas: Schemas): Json {
  if (route.kind === 'call') return ofCall(route, schemas);
  return Object.fromEntries(
    Object.entries(route.documentation.answers).map(([status, answer]) => [status, documented(answer, schemas)]),
  );
}

function ofCall(route: CallRoute, schemas: Schemas): Json {
  const { answer, examples } = route.documentation;
  const [first] = Object.values(examples);
  const headers = {
    ...answerHeaders(['X-Request-ID', 'Cache-Control']),
    ...(route.location && { Location: { ...ANSWER_HEADERS.Location, example: route.location(first?.answer) } }),
    ...(route.etag && answerHeaders(['ETag'])),
    ...(takesIdempotencyKey(route) && answerHeaders(['Idempotency-Replayed'])),
  };
  const content = {
    schema: schemas.refer(answer),
    examples: valuesOf(examples, (example) => written(route.represent(example.answer))),
  };
  return {
    [route.status]: { description: answer.description ?? '', headers, content: { 'application/json': content } },
    ...(route.etag && {
      304: {
        description: 'What `If-None-Match` names still holds.',
        headers: answerHeaders(['X-Request-ID', 'Cache-Control', 'ETag']),
      },
    }),
  };
}

/** As a client reads it: money is a number there. */
function written(value: object): unknown {
  return JSON.parse(JSON.stringify(value)) as unknown;
}

function documented(
  { description, mediaType = [], schema, example, headers = [] }: DocumentedAnswer,
  schemas: Schemas,
): Json {
  const content = {
    schema: schema === undefined ? { type: 'string' } : schemas.refer(schema),
    ...(example !== undefined && { example }),
  };
  const mediaTypes = [mediaType].flat();
  return {
    description,
    headers: answerHeaders(['X-Request-ID', ...headers]),
    ...(mediaTypes.length > 0 && { content: Object.fromEntries(mediaTypes.map((type) => [type, content])) }),
  };
}
