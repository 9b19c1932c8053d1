import {
  ANYBODY,
  assertAllowed,
  mayActFor,
  type Access,
  type Caller,
  type Scope,
  type UserAccess,
} from '../../../http/access.ts';
import { callRoute } from '../../../http/route.ts';
import { orderRoutes } from '../../../http/routes.ts';

const ORDERS: UserAccess = { kind: 'user', anyUser: 'orders:any-user' };
const DEPOSITS: UserAccess = { kind: 'user', anyUser: 'payments:any-user', scope: 'payments:deposit' };

function caller(subject: string | null, ...scopes: Scope[]): Caller {
  return { subject, scopes: new Set(scopes) };
}

test.each<[string, Access, Caller, Scope | null]>([
  ['a public address', { kind: 'public' }, caller(null), null],
  ['a user on calls for users', ORDERS, caller('alice'), null],
  ['a user who deposits', DEPOSITS, caller('alice'), 'payments:deposit'],
  ['a user with the scope who deposits', DEPOSITS, caller('alice', 'payments:deposit'), null],
  ['a service without the scope that deposits', DEPOSITS, caller('shop', 'payments:any-user'), 'payments:deposit'],
  ["a user on an operator's address", { kind: 'operator' }, caller('alice', 'payments:deposit'), 'operator'],
  ['an operator there', { kind: 'operator' }, caller('alice', 'operator'), null],
  ["the operator's static token on calls for users", ORDERS, caller(null, 'operator'), 'orders:any-user'],
  ['everybody on calls for users', DEPOSITS, ANYBODY, null],
  ["everybody on an operator's address", { kind: 'operator' }, ANYBODY, 'operator'],
])('%s', (_who, access, who, missing) => {
  const ask = (): void => {
    assertAllowed(access, who);
  };
  if (missing === null) expect(ask).not.toThrow();
  else expect(ask).toThrow(expect.objectContaining({ type: 'forbidden', data: { scope: missing } }) as Error);
});

test.each<[string, Caller, UserAccess, boolean]>([
  ['its own user', caller('alice'), ORDERS, true],
  ['another user', caller('bob'), ORDERS, false],
  ['a user whose name differs in case', caller('Alice'), ORDERS, false],
  ['every user, as a service of these calls', caller('shop', 'orders:any-user'), ORDERS, true],
  ['no other user, as a service of other calls', caller('shop', 'payments:any-user'), ORDERS, false],
  ['no other user, with the scope to deposit alone', caller('bob', 'payments:deposit'), DEPOSITS, false],
  ['nobody, without a user of its own', caller(null, 'operator'), ORDERS, false],
  ['everybody, where authorisation is off', ANYBODY, ORDERS, true],
])('a token acts for %s', (_whom, who, access, isAllowed) => {
  expect(mayActFor(access, who, 'alice')).toBe(isAllowed);
});

test('an address without its access does not compile', () => {
  const [route] = orderRoutes;
  if (route === undefined) throw new Error('There are no routes.');
  const { access: _access, ...forgotten } = route;
  // @ts-expect-error: no address is without the access that it asks for
  callRoute(forgotten);
  // @ts-expect-error: nor one whose scope nobody knows
  callRoute({ ...route, access: { kind: 'user', anyUser: 'orders:everything' } });
});
