import type { Route } from '../route.ts';
import { TAGS } from './documentation.ts';
import { ANSWER_HEADERS, REQUEST_HEADERS } from './headers.ts';
import type { Json } from './json.ts';
import { operationOf } from './operation.ts';
import { Schemas } from './schemas.ts';

/** Of the contract, not of the software: changes with it alone. */
const CONTRACT_VERSION = '1.0.0';

const DESCRIPTION = `Orders, and the payments that they cause.

- Money is a JSON number (or, sent, a string of decimal digits) and exact: it is never rounded.
- Times are RFC 3339, UTC, with milliseconds. Fields may be added to answers; unknown ones in requests are refused.
- Every error is a problem (RFC 9457): branch on its \`type\`, whose page under [/problems](/problems) says what to do.
- \`HEAD\` works where \`GET\` does, and \`OPTIONS\` everywhere.`;

/**
 * The OpenAPI 3.1 document of a door: made from the same definitions that its requests are checked by.
 *
 * @param routes what the door serves
 * @param needsToken whether authorisation is on
 */
export function openApiDocument(routes: readonly Route[], needsToken: boolean): Json {
  const schemas = new Schemas();
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route, schemas, needsToken) };
  }
  const tags = new Set(routes.map(({ documentation }) => documentation.tag));
  return {
    openapi: '3.1.0',
    info: { title: 'Orders and payments', version: CONTRACT_VERSION, description: DESCRIPTION },
    servers: [{ url: '/', description: 'The door that serves this document.' }],
    tags: Object.entries(TAGS)
      .filter(([name]) => tags.has(name as keyof typeof TAGS))
      .map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: schemas.components,
      headers: ANSWER_HEADERS,
      parameters: Object.fromEntries(
        Object.entries(REQUEST_HEADERS).map(([name, header]) => [
          name,
          { name, in: 'header', required: false, ...header },
        ]),
      ),
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: needsToken
            ? 'A token of the user, or of a service with the scopes that the operations name.'
            : 'Authorisation is off at this door: no token is asked for.',
        },
      },
    },
  };
}
