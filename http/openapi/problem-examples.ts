import { accountExists, balanceLimit } from '../../problems/accounts.ts';
import { keyInUse, keyReused } from '../../problems/idempotency.ts';
import { problem, type ProblemType } from '../../problems/problems.ts';
import { accountNotFound, orderNotFound, userNotFound } from '../../problems/unknown.ts';
import { assertAllowed } from '../access.ts';
import { diagnoseClientError } from '../client-error.ts';
import { parseJsonObject } from '../parse-json.ts';
import { diagnose, problemAnswer, type Diagnosis, type ProblemAnswer } from '../problem-answer.ts';
import { readQuery } from '../read-query.ts';
import type { Route } from '../route.ts';
import { firstAsked } from './documentation.ts';

const ORDER_ID = '0193b5a0-7c1e-7a2b-8c3d-4e5f60718293';

/** One of each kind; where our own code can be made to refuse, these are its words. */
const EXAMPLES: Record<ProblemType, (route: Route) => unknown> = {
  'malformed-json': () => thrownBy(() => parseJsonObject('{"userId": "alice"')),
  'malformed-request': () => thrownBy(() => readQuery('userId=%E0')),
  'malformed-order-id': (route) => refusalOf(route, { orderId: '17' }),
  unauthorized: () => problem('unauthorized', 'Send a token: Authorization: Bearer <token>.'),
  forbidden: ({ access }) =>
    thrownBy(() => {
      assertAllowed(access, { subject: null, scopes: new Set() });
    }),
  'not-found': () => problem('not-found', 'Nothing has this path; GET / names what there is.'),
  'order-not-found': () => orderNotFound(ORDER_ID),
  'account-not-found': () => accountNotFound('alice'),
  'user-not-found': () => userNotFound('alice'),
  'method-not-allowed': () =>
    problem('method-not-allowed', 'This address takes GET, HEAD, OPTIONS, and not DELETE.', {
      allow: 'GET, HEAD, OPTIONS',
    }),
  'not-acceptable': () => problem('not-acceptable', 'Let the Accept header include application/json, or leave it out.'),
  'request-timeout': () => diagnoseClientError('ERR_HTTP_REQUEST_TIMEOUT'),
  'account-exists': () => accountExists('alice'),
  'idempotency-key-in-use': keyInUse,
  'content-too-large': () => thrownBy(() => parseJsonObject('{"userId":[[[[[[[[]]]]]]]]}')),
  'unsupported-media-type': () =>
    problem('unsupported-media-type', 'Send the body as Content-Type: application/json, in UTF-8.'),
  'invalid-input': (route) => refusalOf(route, { userId: 'no blanks', amount: 10.075, status: 'PAID' }),
  'idempotency-key-reused': keyReused,
  'balance-limit': () => balanceLimit('alice'),
  'rate-limited': () =>
    problem('rate-limited', 'This caller has sent too many requests; send this one again in 2 s.', { retryAfterS: 2 }),
  'headers-too-large': () => diagnoseClientError('HPE_HEADER_OVERFLOW'),
  'internal-error': () => new Error('A defect.'),
  'service-unavailable': () => ({ type: 'SERVICE_NOT_AVAILABLE' }),
  'outcome-unknown': () => ({ type: 'REQUEST_TIMEOUT' }),
};

const REQUEST_ID = '3f1c6a52-8f0e-4c37-9a55-2b1f0e7d9c11';

/** A problem of this kind, as a route answers it. */
export function exampleAnswer(type: ProblemType, route: Route): ProblemAnswer {
  const instance = route.path.replace(/:(\w+)/g, (_, name: string) => exampleParameter(route, name));
  return problemAnswer(diagnosisOf(type, route), instance, REQUEST_ID);
}

function exampleParameter(route: Route, name: string): string {
  return route.kind !== 'page' ? String(firstAsked(route.documentation)[name]) : `{${name}}`;
}

function diagnosisOf(type: ProblemType, route: Route): Diagnosis {
  const error = EXAMPLES[type](route);
  if (isDiagnosis(error)) return error;
  return diagnose(error, route.kind !== 'page' ? route.whenOutcomeUnknown : undefined);
}

function isDiagnosis(error: unknown): error is Diagnosis {
  return typeof error === 'object' && error !== null && 'detail' in error;
}

/** @returns what the route's input says about what is wrong for every call */
function refusalOf(route: Route, asked: object): unknown {
  return route.kind !== 'page'
    ? thrownBy(() => route.input.parse(asked))
    : problem('invalid-input', 'Nothing was done.');
}

function thrownBy(refuse: () => unknown): unknown {
  try {
    refuse();
  } catch (error) {
    return error;
  }
  throw new Error('An example of a problem is none: it was accepted.');
}
