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
export type Access = UserAccess | PublicAccess | OperatorAccess;

/** For whoever runs the system. */
export interface OperatorAccess {
  readonly kind: 'operator';
  /** Of the console: a browser's session lets in as well, and without a token only pages of this machine itself do. */
  readonly byBrowser?: true;
}

/** For everybody, without a token. */
export interface PublicAccess {
  readonly kind: 'public';
  /** Health: whoever watches over a node is never told that it asks too often. */
  readonly isUnlimited?: true;
}

/** Who sent a request, and what that allows besides acting for its own user. */
export interface Caller {
  /** The token's user; null when it names none: where authorisation is off, and of the operator's static token. */
  readonly subject: string | null;
  readonly scopes: ReadonlySet<Scope>;
}

/** Where authorisation is off, everybody may act for every user; the operator's addresses have a rule of their own. */
export const ANYBODY: Caller = { subject: null, scopes: new Set(SCOPES.filter((scope) => scope !== 'operator')) };

/** @throws the problem `forbidden` when a scope is missing that the address asks for, whatever it is asked about */
export function assertAllowed(access: Access, caller: Caller): void {
  const missing = scopesNeeded(access, caller).find((scope) => !caller.scopes.has(scope));
  if (missing !== undefined) {
    throw problem('forbidden', `This needs a token with the scope ${missing}.`, { scope: missing });
  }
}

function scopesNeeded(access: Access, { subject }: Caller): Scope[] {
  if (access.kind === 'public') return [];
  if (access.kind === 'operator') return ['operator'];
  // Without a user of its own, a token is of use here only when it acts for every user.
  return [...(access.scope === undefined ? [] : [access.scope]), ...(subject === null ? [access.anyUser] : [])];
}

/** @returns whether the caller may see and change what belongs to this user */
export function mayActFor(access: UserAccess, caller: Caller, userId: string): boolean {
  return caller.subject === userId || caller.scopes.has(access.anyUser);
}
