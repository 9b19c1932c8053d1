import { createHash, timingSafeEqual } from 'node:crypto';
import type { JWTPayload } from 'jose';
import type { DoorAccess, JwtConfig } from '../config/config.ts';
import { userId } from '../contract/values.ts';
import { ANYBODY, SCOPES, type Access, type Caller, type Scope } from '../http/access.ts';
import { isProblem, problem } from '../problems/problems.ts';
import { readBearerToken } from './bearer-token.ts';
import { explainRefusal } from './explain-refusal.ts';
import { JwksKeys } from './jwks-keys.ts';
import { SecretKeys } from './secret-keys.ts';
import type { AuthLogger, TokenKeys } from './token-keys.ts';
import { tokenInvalid } from './unauthorized.ts';

/** What a request says about its sender. */
export interface Credentials {
  /** Every `Authorization` header. */
  readonly authorization: readonly string[];
  /** Whether it comes from this machine itself. */
  readonly isLocal: boolean;
}

/** Finds out who sends a request. */
export interface Authenticator {
  /**
   * @param access what the address asks for: with authorisation off, the operator's are still not for everybody
   * @throws the problem `unauthorized`, `forbidden`, or `service-unavailable` when the keys cannot be had
   */
  authenticate(credentials: Credentials, access: Access): Promise<Caller>;
  /** Stops looking for new keys. */
  close(): void;
}

/** Clocks that are kept by NTP differ by less. */
const CLOCK_TOLERANCE_S = 5;

const OPERATOR: Caller = { subject: null, scopes: new Set<Scope>(['operator']) };

/**
 * Makes what finds out who sends a request.
 *
 * @throws ConfigError when the file of secrets cannot be used
 */
export function authenticator({ auth, operatorToken }: DoorAccess, logger: AuthLogger): Authenticator {
  const isOperatorToken = operatorToken === null ? null : equalTo(operatorToken);
  if (auth.mode === 'off') {
    return {
      authenticate: (credentials, access) =>
        new Promise((resolve) => {
          resolve(access.kind === 'operator' ? withoutTokens(credentials, isOperatorToken) : ANYBODY);
        }),
      close: () => undefined,
    };
  }
  const keys = keysOf(auth, logger);
  return {
    authenticate: async ({ authorization }, access) => {
      if (access.kind === 'public') return ANYBODY;
      const token = readBearerToken(authorization);
      if (isOperatorToken?.(token) === true) return OPERATOR;
      return callerOf(await claimsOf(token, keys, auth), auth.userClaim);
    },
    close: () => {
      keys.close();
    },
  };
}

/** Who may use the operator's endpoints where there are no tokens for users. */
function withoutTokens(
  { authorization, isLocal }: Credentials,
  isOperatorToken: ((token: string) => boolean) | null,
): Caller {
  if (isOperatorToken === null) {
    if (isLocal) return OPERATOR;
    throw problem(
      'forbidden',
      'This address is for the operator: ask from the machine that the node runs on, or set OPERATOR_TOKEN and send it.',
    );
  }
  if (isOperatorToken(readBearerToken(authorization))) return OPERATOR;
  throw tokenInvalid("This is not the operator's token.");
}

function keysOf({ keys }: JwtConfig, logger: AuthLogger): TokenKeys {
  switch (keys.kind) {
    case 'jwks':
      return new JwksKeys({ url: keys.url, logger });
    case 'secret':
      return SecretKeys.of(keys.secret);
    case 'secret-file':
      return SecretKeys.ofFile(keys.path, logger);
  }
}

async function claimsOf(token: string, keys: TokenKeys, { issuer, audience }: JwtConfig): Promise<JWTPayload> {
  try {
    const { payload } = await keys.verify(token, {
      requiredClaims: ['exp'],
      clockTolerance: CLOCK_TOLERANCE_S,
      ...(issuer !== null && { issuer }),
      ...(audience !== null && { audience }),
    });
    return payload;
  } catch (error) {
    if (isProblem(error)) throw error as unknown as Error;
    throw explainRefusal(error);
  }
}

function callerOf(claims: JWTPayload, userClaim: string): Caller {
  const user = userId.check(Object.hasOwn(claims, userClaim) ? claims[userClaim] : undefined);
  if (!user.ok) {
    throw tokenInvalid(`The claim ${userClaim} of the token names no user of this system: ${user.detail}`);
  }
  return { subject: user.value, scopes: scopesOf(claims) };
}

/** `scope` as a list with blanks (RFC 8693), or `scope` or `scp` as an array, as some issuers write it. */
function scopesOf({ scope, scp }: JWTPayload): ReadonlySet<Scope> {
  const given = [scope, scp].flatMap((value) =>
    typeof value === 'string' ? value.split(' ') : (value ?? []),
  ) as unknown[];
  return new Set(SCOPES.filter((known) => given.includes(known)));
}

/** Compares in a time that does not tell how much was right. */
function equalTo(expected: string): (given: string) => boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  const expectedDigest = digest(expected);
  return (given) => timingSafeEqual(digest(given), expectedDigest);
}
