import type { errors } from 'jose';
import { tokenInvalid } from './unauthorized.ts';

type JoseError = Partial<errors.JWTClaimValidationFailed>;

const BY_CODE: Readonly<Record<string, string>> = {
  ERR_JWT_EXPIRED: 'The token has expired; get a fresh one.',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'The signature of the token fits no key that is valid here.',
  ERR_JWKS_NO_MATCHING_KEY: 'The token names a key that its issuer does not publish.',
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: 'The token does not say which key it is signed with; it needs a kid.',
  ERR_JOSE_ALG_NOT_ALLOWED: 'The token is signed with an algorithm that is not taken here.',
};

const BY_CLAIM: Readonly<Record<string, string>> = {
  iss: 'The token comes from another issuer than the one trusted here.',
  aud: 'The token is meant for another audience than this service.',
  nbf: 'The token is not valid yet.',
  exp: 'The token has no expiry; it needs exp, in seconds since 1970.',
};

/**
 * Says why a token was refused, and nothing about what is configured.
 *
 * @param error what jose threw
 */
export function explainRefusal(error: unknown): Error {
  const { code = '', claim = '' } = error as JoseError;
  return tokenInvalid(BY_CODE[code] ?? BY_CLAIM[claim] ?? 'This is no JSON Web Token that can be checked here.');
}
