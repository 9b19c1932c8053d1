import { createRemoteJWKSet, errors, jwtVerify, type JWTVerifyGetKey } from 'jose';
import { problem } from '../problems/problems.ts';
import { errorText } from '../problems/error-text.ts';
import type { AuthLogger, TokenKeys } from './token-keys.ts';

export interface JwksOptions {
  readonly url: string;
  readonly logger: AuthLogger;
  readonly refreshIntervalMs?: number;
  readonly cooldownMs?: number;
}

/** Signatures only: a set of public keys must never check an HMAC, whose secret would then be public. */
const SIGNATURE_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
/** How long a key that was withdrawn is still taken. */
const REFRESH_INTERVAL_MS = 5 * 60_000;
/** Tokens that name unknown keys make us ask no more often than this. */
const COOLDOWN_MS = 5000;
/** Requests wait for it when there are no keys yet. */
const FETCH_TIMEOUT_MS = 3000;
/** While the issuer is away its last keys go on working; a day is longer than its outages, and than most tokens live. */
const MAX_AGE_MS = 24 * 3600_000;
const RETRY_AFTER_S = 5;

/** The keys of an issuer, from its JSON Web Key Set. Keys that it adds are found when a token first names them. */
export class JwksKeys implements TokenKeys {
  readonly #options: Required<JwksOptions>;
  readonly #remote: ReturnType<typeof createRemoteJWKSet>;
  readonly #timer: NodeJS.Timeout;
  #fetchedAtMs = Number.NEGATIVE_INFINITY;
  #triedAtMs = Number.NEGATIVE_INFINITY;
  #lastTryFailed = false;

  constructor(options: JwksOptions) {
    this.#options = { refreshIntervalMs: REFRESH_INTERVAL_MS, cooldownMs: COOLDOWN_MS, ...options };
    // When to fetch is decided here: jose would refuse the keys that it has when it cannot refresh them.
    this.#remote = createRemoteJWKSet(new URL(options.url), {
      timeoutDuration: FETCH_TIMEOUT_MS,
      cacheMaxAge: Infinity,
      cooldownDuration: Infinity,
    });
    this.#timer = setInterval(() => void this.#refresh(), this.#options.refreshIntervalMs).unref();
    void this.#refresh();
  }

  async verify(token: string, options: Parameters<TokenKeys['verify']>[1]): ReturnType<TokenKeys['verify']> {
    return jwtVerify(token, this.#keyOf, { ...options, algorithms: SIGNATURE_ALGORITHMS });
  }

  close(): void {
    clearInterval(this.#timer);
  }

  readonly #keyOf: JWTVerifyGetKey = async (header, token) => {
    if (!this.#isUsable() && !this.#coolsDown()) await this.#refresh();
    if (!this.#isUsable()) throw keysUnavailable();
    try {
      return await this.#remote(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      if (!this.#coolsDown()) await this.#refresh();
      // The key may be one of those that could not be fetched: that is not the token's fault.
      if (this.#lastTryFailed) throw keysUnavailable();
      return await this.#remote(header, token);
    }
  };

  #isUsable(): boolean {
    return performance.now() - this.#fetchedAtMs < MAX_AGE_MS;
  }

  #coolsDown(): boolean {
    return !this.#remote.reloading && performance.now() - this.#triedAtMs < this.#options.cooldownMs;
  }

  /** Never throws: keys that cannot be fetched leave those that there are. jose makes concurrent calls one request. */
  async #refresh(): Promise<void> {
    this.#triedAtMs = performance.now();
    try {
      await this.#remote.reload();
      this.#fetchedAtMs = performance.now();
      this.#lastTryFailed = false;
    } catch (error) {
      if (!this.#lastTryFailed) {
        const { url, logger } = this.#options;
        // fetch says no more than that it failed; its cause says why.
        const { cause } = error as Error;
        logger.error(`The keys of tokens cannot be fetched from ${url}: ${errorText(cause ?? error)}.`);
      }
      this.#lastTryFailed = true;
    }
  }
}

function keysUnavailable(): Error {
  return problem(
    'service-unavailable',
    'The keys that tokens are checked with cannot be fetched right now. Nothing was done; try again.',
    { retryAfterS: RETRY_AFTER_S },
  );
}
