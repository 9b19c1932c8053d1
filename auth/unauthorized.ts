import { problem } from '../problems/problems.ts';

/** A request without a token: the detail says what to send. */
export function tokenMissing(detail: string): Error {
  return problem('unauthorized', detail);
}

/** A request with a token that cannot be used. */
export function tokenInvalid(detail: string): Error {
  return problem('unauthorized', detail, { isTokenInvalid: true });
}
