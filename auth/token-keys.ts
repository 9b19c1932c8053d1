import type { JWTVerifyOptions, JWTVerifyResult } from 'jose';

export interface AuthLogger {
  warn(message: string): void;
  error(message: string): void;
}

/** The keys that tokens are checked with; they may change at any time. */
export interface TokenKeys {
  /**
   * @throws an error of jose's when no key fits the token, or its claims do not hold
   * @throws the problem `service-unavailable` when no keys can be had
   */
  verify(token: string, options: JWTVerifyOptions): Promise<JWTVerifyResult>;
  /** Stops looking for new keys. */
  close(): void;
}
