import fc, { type Arbitrary } from 'fast-check';
import { expectation, refusalsOfHead, wireRequest, type Head } from '../compose.ts';
import type { Door, FuzzCase, Outcome } from '../fuzz-case.ts';
import type { World } from '../world.ts';
import { accepts, idleHeaders, requestIds } from './headers.ts';
import { origins, versions } from './targets.ts';

/** Addresses besides the calls themselves: pages, paths that are none, methods that a path does not take. */

interface Target {
  readonly method: string;
  readonly path: string;
  readonly outcome: Outcome;
}

const PAGES = [
  '/',
  '/problems',
  '/openapi.json',
  '/docs',
  '/metrics',
  '/health/live',
  '/health/ready',
  '/problems/invalid-input',
  '/problems/malformed-json',
];

const CALL_PATHS: Record<Door, (world: World) => readonly (readonly [string, readonly string[]])[]> = {
  orders: (world) => [
    ['/api/orders', ['GET', 'HEAD', 'POST']],
    [`/api/orders/${world.orderIds[0] ?? ''}`, ['GET', 'HEAD']],
    [`/api/orders/${world.orderIds[0] ?? ''}/events`, ['GET', 'HEAD']],
  ],
  payments: (world) => [
    ['/api/payments/accounts', ['POST']],
    ['/api/payments/accounts/deposit', ['POST']],
    [`/api/payments/accounts/${world.holders[0] ?? ''}`, ['GET', 'HEAD']],
    [`/api/payments/accounts/${world.holders[0] ?? ''}/entries`, ['GET', 'HEAD']],
  ],
  api: (world) => [...CALL_PATHS.orders(world), ...CALL_PATHS.payments(world)],
};

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'OPTIONS', 'PROPFIND', 'LOCK', 'PURGE'];

const absentPaths = fc.oneof(
  fc.constantFrom(
    '/api',
    '/api/',
    '/apix',
    '/API/orders',
    '/api/orders/',
    '/api//orders',
    '//api/orders',
    '/favicon.ico',
  ),
  fc.constantFrom('/~node/options', '/orders.create', '/api/~node/list', '/api/orders;x=1', '/list-aliases'),
  fc.constantFrom('/api%2forders', '/api/./orders', '/../api/orders', '/api/orders#x', '/door/rest'),
  fc.string({ unit: fc.constantFrom(...Array.from('abz/.-_~19')), maxLength: 40 }).map((rest) => `/x${rest}`),
);
const undecodablePaths = fc.constantFrom(
  '/%',
  '/%zz',
  '/%ff',
  '/api/orders/%c0%ae',
  '/api/payments/accounts/%ed%a0%80',
);

export function addressCases(world: World, door: Door): Arbitrary<FuzzCase> {
  const calls = CALL_PATHS[door](world);
  const targets: Arbitrary<Target> = fc.oneof(
    fc.tuple(fc.constantFrom(...METHODS), fc.constantFrom(...calls)).map(([method, [path, taken]]) => ({
      method,
      path,
      // What the path takes is asked elsewhere: with a query that no call takes it is refused here as well.
      outcome: method === 'OPTIONS' ? 'ok' : taken.includes(method) ? 'either' : 'method-not-allowed',
    })),
    fc.tuple(fc.constantFrom(...METHODS), fc.constantFrom(...PAGES)).map(([method, path]) => ({
      method,
      path,
      outcome: ['GET', 'HEAD', 'OPTIONS'].includes(method) ? 'ok' : 'method-not-allowed',
    })),
    fc
      .tuple(fc.constantFrom(...METHODS), absentPaths)
      .map(([method, path]) => ({ method, path, outcome: 'not-found' })),
    fc
      .tuple(fc.constantFrom(...METHODS), undecodablePaths)
      .map(([method, path]) => ({ method, path, outcome: 'malformed-request' })),
    fc
      .constantFrom('/problems/x', '/problems/__proto__', '/problems/Invalid-Input')
      .map((path) => ({ method: 'GET', path, outcome: 'not-found' })),
  );
  return fc
    .record({
      target: targets,
      origin: origins,
      version: versions,
      accept: accepts('application/json'),
      requestId: requestIds,
      idle: idleHeaders,
    })
    .filter(({ target }) => target.outcome !== 'either')
    .map(({ target: { outcome: openly, ...target }, ...parts }): FuzzCase => {
      const outcome = openly === 'ok' && isForOperator(target) && isForwarded(parts.idle) ? 'forbidden' : openly;
      const head: Head = { ...parts, method: target.method, path: target.path, query: '' };
      // Only a call that is reached looks at what it may answer in.
      const refusals = refusalsOfHead({ ...head, accept: { ...head.accept, refusals: [] } });
      const judgement = { refusals, pointers: [], outcomes: [outcome] };
      const wrongTarget = outcome === 'ok' ? [] : [outcome];
      return {
        endpoint: 'other addresses',
        door,
        request: wireRequest(head, [], null),
        expected: expectation(
          { ...judgement, refusals: refusals.length > 0 ? [...refusals, ...wrongTarget] : [] },
          { status: target.method === 'OPTIONS' ? 204 : 200, check: () => [] },
        ),
      };
    });
}

/** Without tokens, the operator's addresses are for requests from the machine itself, and not by way of a proxy on it. */
function isForOperator({ method, path }: Pick<Target, 'method' | 'path'>): boolean {
  return path === '/metrics' && method !== 'OPTIONS';
}

function isForwarded(headers: Head['idle']): boolean {
  return headers.some(([name]) => ['x-forwarded-for', 'forwarded'].includes(name.toLowerCase()));
}
