import type { TSchema } from '@sinclair/typebox';
import { takesIdempotencyKey } from '../idempotency-key.ts';
import type { ContractRoute, Route } from '../route.ts';
import type { PageDocumentation } from './documentation.ts';
import type { RequestHeader } from './headers.ts';
import type { Json } from './json.ts';
import type { Schemas } from './schemas.ts';
import { valuesOf } from './values-of.ts';

/** The parameters of an address, in its path, its query and the headers of a request. */
export function parametersOf(route: Route, schemas: Schemas): Json[] {
  const parameters = route.kind === 'page' ? ofPage(route.documentation, schemas) : ofInput(route, schemas);
  return [...parameters, ...headersOf(route).map((name) => ({ $ref: `#/components/parameters/${name}` }))];
}

function ofInput({ path, input, documentation }: ContractRoute, schemas: Schemas): Json[] {
  if (input.place === 'body') return [];
  const { properties, required = [] } = input.schema;
  return Object.entries(properties).map(([name, schema]) => {
    const isInPath = path.split('/').includes(`:${name}`);
    const given = Object.entries(documentation.examples).filter(([, { asked }]) => Object.hasOwn(asked, name));
    return {
      name,
      in: isInPath ? 'path' : 'query',
      required: isInPath || required.includes(name),
      ...described(schema, schemas),
      ...(given.length > 0 && { examples: valuesOf(Object.fromEntries(given), ({ asked }) => asked[name]) }),
    };
  });
}

function ofPage({ parameters }: PageDocumentation, schemas: Schemas): Json[] {
  return Object.entries(parameters?.properties ?? {}).map(([name, schema]) => ({
    name,
    in: 'path',
    required: true,
    ...described(schema, schemas),
  }));
}

/** A parameter says itself what its schema says of it. */
function described({ description, ...schema }: TSchema, schemas: Schemas): Json {
  return { ...(description !== undefined && { description }), schema: schemas.refer(schema) };
}

function headersOf(route: Route): RequestHeader[] {
  if (route.kind !== 'call') return ['X-Request-ID', ...(route.documentation.requestHeaders ?? [])];
  return [
    'X-Request-ID',
    ...(takesIdempotencyKey(route) ? (['Idempotency-Key'] as const) : []),
    ...(route.etag === undefined ? [] : (['If-None-Match'] as const)),
  ];
}
