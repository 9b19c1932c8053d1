import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { gatewayDocument, gatewayRoutes } from '../../../client/gateway-document.ts';
import { openApiDocument } from '../../../http/openapi/document.ts';
import { problemsOf } from '../../../http/openapi/problems-of.ts';
import { orderRoutes } from '../../../http/routes.ts';
import { PROBLEMS, type ProblemType } from '../../../problems/problems.ts';
import { DocumentChecks, type MediaType } from '../../support/openapi/document-checks.ts';

/** The OpenAPI Initiative's own, https://spec.openapis.org/oas/3.1/schema/2026-08-03. */
const OPENAPI_SCHEMA = join(process.cwd(), 'test/support/openapi/openapi-3.1.schema.json');

const checks = new DocumentChecks(gatewayDocument());
const operations = [...checks.operations];

function examplesOf({ example, examples = {} }: MediaType): unknown[] {
  return [...(example === undefined ? [] : [example]), ...Object.values(examples).map(({ value }) => value)];
}

test('is a document by the schema of OpenAPI 3.1', () => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  const isDocument = ajv.compile(JSON.parse(readFileSync(OPENAPI_SCHEMA, 'utf8')) as object);
  isDocument(checks.document);
  expect(isDocument.errors).toBeNull();
});

test('has one operation for each address of the door, and no others', () => {
  const addresses = gatewayRoutes().map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`);
  expect(operations.map(([address]) => address)).toEqual(addresses);
  expect(new Set(operations.map(([, { operationId }]) => operationId)).size).toBe(operations.length);
});

test('names each parameter of a path once', () => {
  for (const [address, { parameters }] of operations) {
    const inPath = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name);
    expect(inPath).toEqual([...address.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
  }
});

test.each(operations)('%s: every example fits its schema', (_address, { parameters, requestBody, responses }) => {
  const wrong: string[] = [];
  const check = (what: string, schema: object, value: unknown): void => {
    wrong.push(...checks.errorsOf(schema, value).map((error) => `${what}: ${error}`));
  };
  for (const { name, schema, examples = {} } of parameters) {
    for (const { value } of Object.values(examples)) check(name, schema, value);
  }
  const bodies = Object.entries({ request: requestBody ?? {}, ...responses });
  for (const [what, { content = {} }] of bodies as [string, { content?: Record<string, MediaType> }][]) {
    for (const mediaType of Object.values(content)) {
      for (const value of examplesOf(mediaType)) check(what, mediaType.schema, value);
    }
  }
  for (const [status, { headers }] of Object.entries(responses)) {
    for (const [name, { schema, example }] of Object.entries(headers)) {
      if (example !== undefined) check(`${status} ${name}`, schema, example);
    }
  }
  expect(wrong).toEqual([]);
});

test.each(operations.filter(([address]) => address.includes(' /api/')))(
  '%s: has examples of its request, its answer and each of its problems',
  (address, { parameters, requestBody, responses }) => {
    const asked = requestBody?.content['application/json'];
    if (address.startsWith('POST')) expect(examplesOf(asked as MediaType).length).toBeGreaterThan(1);
    for (const parameter of parameters.filter(({ required }) => required)) expect(parameter.examples).toBeDefined();
    for (const [status, { content = {} }] of Object.entries(responses)) {
      if (status === '304' || status === '204') continue;
      for (const mediaType of Object.values(content)) expect(examplesOf(mediaType)).not.toEqual([]);
    }
    const types = Object.values(responses).flatMap(({ content = {} }) =>
      Object.keys(content['application/problem+json']?.examples ?? {}),
    );
    const route = gatewayRoutes().find(
      ({ method, path }) => address === `${method} ${path.replace(/:(\w+)/g, '{$1}')}`,
    );
    expect(types.sort()).toEqual(route && problemsOf(route).sort());
  },
);

test.each(
  gatewayRoutes().flatMap((route) =>
    route.kind === 'page' ? [] : [[route.documentation.operationId, route] as const],
  ),
)('%s: the requests of its examples are accepted', (_action, { input, documentation }) => {
  for (const { asked } of Object.values(documentation.examples)) {
    expect(() => input.parse(asked)).not.toThrow();
  }
});

test('every kind of problem is answered by an operation', () => {
  const answered = new Set(gatewayRoutes().flatMap((route) => problemsOf(route)));
  const others = (Object.keys(PROBLEMS) as ProblemType[]).filter((type) => !answered.has(type));
  expect(others).toEqual([]);
});

test('a scope is asked for where the route asks for it, and a token is optional where authorisation is off', () => {
  const security = (address: string): unknown => checks.operations.get(address)?.security;
  expect(security('POST /api/payments/accounts/deposit')).toEqual([{ bearer: ['payments:deposit'] }]);
  expect(security('POST /api/orders')).toEqual([{ bearer: [] }]);
  expect(security('GET /health/live')).toEqual([]);
  const open = new DocumentChecks(openApiDocument(orderRoutes, false));
  expect(open.operations.get('POST /api/orders')?.security).toEqual([{}, { bearer: [] }]);
  expect([...open.operations.keys()].filter((address) => address.includes('/api/payments'))).toEqual([]);
});
