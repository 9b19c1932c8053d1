import { tokenInvalid, tokenMissing } from './unauthorized.ts';

/** Tokens of usual issuers have 1 to 2 kB; what is longer is not worth a verification. */
const MAX_TOKEN_CHARACTERS = 8192;
const BEARER = /^bearer +([A-Za-z0-9._~+/-]+=*)$/i;

/**
 * Reads the token of a request.
 *
 * @param authorization every `Authorization` header that was sent: which of several counts is not for us to guess
 * @throws the problem `unauthorized`
 */
export function readBearerToken(authorization: readonly string[]): string {
  const [header, ...more] = authorization;
  if (header === undefined) throw tokenMissing('Send a token: Authorization: Bearer, and the token behind it.');
  if (more.length > 0) throw tokenInvalid('Send one Authorization header; this request has several.');
  const token = BEARER.exec(header.trim())?.[1];
  if (token === undefined) throw tokenMissing('The Authorization header has to be Bearer, a blank, and one token.');
  if (token.length > MAX_TOKEN_CHARACTERS) {
    throw tokenInvalid(`A token has at most ${MAX_TOKEN_CHARACTERS} characters.`);
  }
  return token;
}
