import type { Access } from '../access.ts';
import type { ContractRoute, Route } from '../route.ts';
import { answersOf } from './answers.ts';
import type { Json } from './json.ts';
import { parametersOf } from './parameters.ts';
import { problemAnswersOf } from './problem-answers.ts';
import type { Schemas } from './schemas.ts';
import { valuesOf } from './values-of.ts';

/**
 * The OpenAPI operation of an address.
 *
 * @param schemas collects the components that it refers to
 * @param needsToken whether authorisation is on
 */
export function operationOf(route: Route, schemas: Schemas, needsToken: boolean): Json {
  const { operationId, tag, summary, description } = route.documentation;
  return {
    operationId,
    tags: [tag],
    summary,
    description: [description, ...whoMay(route.access)].join('\n\n'),
    security: securityOf(route.access, needsToken),
    parameters: parametersOf(route, schemas),
    ...(route.kind !== 'page' && route.input.place === 'body' && { requestBody: requestBody(route, schemas) }),
    responses: { ...answersOf(route, schemas), ...problemAnswersOf(route, schemas) },
  };
}

function whoMay(access: Access): string[] {
  switch (access.kind) {
    case 'public':
      return [];
    case 'operator':
      return ["For the operator: a token with the scope `operator`, or the operator's own."];
    case 'user':
      return [
        `With authorisation on: for the user's own things, or with the scope \`${access.anyUser}\` for those of every user${
          access.scope === undefined ? '' : `; the scope \`${access.scope}\` is needed as well`
        }.`,
      ];
  }
}

function securityOf(access: Access, needsToken: boolean): Json[] {
  if (access.kind === 'public') return [];
  const scope = access.kind === 'operator' ? 'operator' : access.scope;
  const bearer = { bearer: scope === undefined ? [] : [scope] };
  return needsToken ? [bearer] : [{}, bearer];
}

function requestBody(route: ContractRoute, schemas: Schemas): Json {
  return {
    required: true,
    content: {
      'application/json': {
        schema: schemas.refer(route.input.schema),
        examples: valuesOf(route.documentation.examples, ({ asked }) => asked),
      },
    },
  };
}
