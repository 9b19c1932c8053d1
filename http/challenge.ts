import type { ProblemData, ProblemType } from '../problems/problems.ts';

const REALM = 'Bearer realm="orders-payments"';

/**
 * What a token has to be, for a client that has none or the wrong one.
 *
 * @returns the value of `WWW-Authenticate` (RFC 6750, 3), or null when the problem is another one
 */
export function challengeOf(type: ProblemType, detail: string, data: ProblemData): string | null {
  if (type === 'unauthorized') {
    return data.isTokenInvalid === true
      ? `${REALM}, error="invalid_token", error_description="${quotable(detail)}"`
      : REALM;
  }
  return type === 'forbidden' && data.scope !== undefined
    ? `${REALM}, error="insufficient_scope", scope="${data.scope}"`
    : null;
}

/** Only characters that the field takes (RFC 6750, 3): no quotes, no line ends, ASCII. */
function quotable(text: string): string {
  return text.replace(/[^\x20-\x7e]|["\\]/g, "'");
}
