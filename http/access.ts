import { problem } from '../problems/problems.ts';

/**
 * Who may what: the one rule, for every address of every door. An address says what it takes (`Access`), a request's
 * token says what it brings (`Caller`), and nothing else decides.
 */

/** What a token may be given beyond its own user. */
export const SCOPES = ['payments:deposit', 'orders:any-user', 'payments:any-user', 'operator'] as const;
export type Scope = (typeof SCOPES)[number];

/** A call about one user's things. */
export interface UserAccess {
  readonly kind: 'user';
  /** With it, a service acts for every user. */
  readonly anyUser: Scope;
  /** Needed besides, of users and services alike. */
  readonly scope?: Scope;
}

/** What an address asks of its caller. */
export type Access = UserAccess | { readonly kind: 'public' } | { readonly kind: 'operator' };

/** Who sent a request. */
export interface Caller {
  /** The token's user; null where authorisation is off. */
  readonly subject: string | null;
  readonly scopes: ReadonlySet<Scope>;
}

/** Where authorisation is off, everybody may do everything. */
export const ANYBODY: Caller = { subject: null, scopes: new Set(SCOPES) };

/** @throws the problem `forbidden` when a scope is missing that the address asks for, whatever it is asked about */
export function assertAllowed(access: Access, caller: Caller): void {
  const needed = access.kind === 'operator' ? 'operator' : access.kind === 'user' ? access.scope : undefined;
  if (needed !== undefined && !caller.scopes.has(needed)) {
    throw problem('forbidden', `This needs a token with the scope ${needed}.`, { scope: needed });
  }
}

/** @returns whether the caller may see and change what belongs to this user */
export function mayActFor(access: UserAccess, caller: Caller, userId: string): boolean {
  return caller.subject === null || caller.subject === userId || caller.scopes.has(access.anyUser);
}
