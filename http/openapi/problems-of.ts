import type { ProblemType } from '../../problems/problems.ts';
import { PROBLEMS } from '../../problems/problems.ts';
import type { Access } from '../access.ts';
import { takesIdempotencyKey } from '../idempotency-key.ts';
import type { ContractRoute, Route } from '../route.ts';
import { firstAsked } from './documentation.ts';

/** Refused before there is an address, or never expected. */
const OF_EVERY_REQUEST: readonly ProblemType[] = [
  'malformed-request',
  'request-timeout',
  'headers-too-large',
  'internal-error',
];
const OF_EVERY_CALL: readonly ProblemType[] = ['not-acceptable', 'invalid-input', 'service-unavailable'];
const OF_EVERY_KEY: readonly ProblemType[] = ['idempotency-key-in-use', 'idempotency-key-reused'];
const OF_EVERY_BODY: readonly ProblemType[] = ['malformed-json', 'content-too-large', 'unsupported-media-type'];

/** Every problem that an address can answer, in the catalogue's order. */
export function problemsOf(route: Route): ProblemType[] {
  const types = new Set<ProblemType>([
    ...OF_EVERY_REQUEST,
    ...ofAccess(route.access),
    ...(route.kind === 'page' ? [] : ofContract(route)),
    ...route.documentation.problems,
  ]);
  return (Object.keys(PROBLEMS) as ProblemType[]).filter((type) => types.has(type));
}

function ofAccess(access: Access): readonly ProblemType[] {
  if (access.kind !== 'public') return ['unauthorized', 'forbidden', 'rate-limited', 'service-unavailable'];
  return access.isUnlimited === true ? [] : ['rate-limited'];
}

function ofContract(route: ContractRoute): ProblemType[] {
  return [
    ...OF_EVERY_CALL,
    ...route.input.problems,
    ...(route.input.place === 'body' ? OF_EVERY_BODY : []),
    ...(takesIdempotencyKey(route) ? OF_EVERY_KEY : []),
    ...(route.whenOutcomeUnknown === undefined ? [] : (['outcome-unknown'] as const)),
    (route.foreign(firstAsked(route.documentation)) as Error & { type: ProblemType }).type,
  ];
}
