import { readFileSync } from 'node:fs';
import { jwtVerify, type CryptoKey, type JWTVerifyGetKey, type JWTVerifyResult } from 'jose';
import { ConfigError, MIN_SECRET_BYTES } from '../config/config.ts';
import { errorText } from '../problems/error-text.ts';
import type { AuthLogger, TokenKeys } from './token-keys.ts';

const HASHES: Readonly<Record<string, string>> = { HS256: 'SHA-256', HS384: 'SHA-384', HS512: 'SHA-512' };
/** The new one and the old one, and room for a second issuer; each costs a token that fits none of them another check. */
const MAX_SECRETS = 4;
/** A secret that was taken out of the file is honoured this long. */
const FILE_CHECK_INTERVAL_MS = 2000;

/** Shared secrets: whoever has one can make tokens. */
export class SecretKeys implements TokenKeys {
  #keys: readonly JWTVerifyGetKey[];
  #timer: NodeJS.Timeout | undefined;

  private constructor(secrets: readonly string[]) {
    this.#keys = secrets.map(hmacKeyOf);
  }

  static of(secret: string): SecretKeys {
    return new SecretKeys([secret]);
  }

  /**
   * Reads secrets from a file, one a line, and again when it changes: for a while it holds the old and the new one.
   *
   * @throws ConfigError that says what is wrong with the file
   */
  static ofFile(path: string, logger: AuthLogger, checkIntervalMs = FILE_CHECK_INTERVAL_MS): SecretKeys {
    let text = readFile(path);
    let complaint = '';
    const keys = new SecretKeys(secretsIn(text, path));
    // By its content: an orchestrator swaps a link, and times of files come back with a backup.
    keys.#timer = setInterval(() => {
      try {
        const now = readFile(path);
        if (now !== text) {
          keys.#keys = secretsIn(now, path).map(hmacKeyOf);
          text = now;
          logger.warn(`AUTH_SECRET_FILE has changed: tokens are checked with the ${keys.#keys.length} secrets in it.`);
        }
        complaint = '';
      } catch (error) {
        if (errorText(error) !== complaint) logger.error(`${errorText(error)} The secrets read before stay.`);
        complaint = errorText(error);
      }
    }, checkIntervalMs).unref();
    return keys;
  }

  async verify(token: string, options: Parameters<TokenKeys['verify']>[1]): Promise<JWTVerifyResult> {
    let mismatch: unknown;
    for (const key of this.#keys) {
      try {
        return await jwtVerify(token, key, { ...options, algorithms: Object.keys(HASHES) });
      } catch (error) {
        if ((error as { code?: string }).code !== 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED') throw error;
        mismatch = error;
      }
    }
    throw mismatch;
  }

  close(): void {
    clearInterval(this.#timer);
  }
}

/**
 * The secrets in a file; the first is the newest, which tokens are signed with.
 *
 * @throws ConfigError that says what is wrong with the file
 */
export function readSecrets(path: string): string[] {
  return secretsIn(readFile(path), path);
}

function secretsIn(text: string, path: string): string[] {
  const secrets = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const short = secrets.findIndex((secret) => Buffer.byteLength(secret) < MIN_SECRET_BYTES);
  if (short >= 0) {
    throw new ConfigError(`AUTH_SECRET_FILE, ${path}: secret ${short + 1} has less than ${MIN_SECRET_BYTES} bytes.`);
  }
  if (secrets.length === 0 || secrets.length > MAX_SECRETS) {
    throw new ConfigError(
      `AUTH_SECRET_FILE, ${path}, holds ${secrets.length} secrets; it takes 1 to ${MAX_SECRETS}, one a line.`,
    );
  }
  return secrets;
}

function readFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigError(`AUTH_SECRET_FILE, ${path}, cannot be read: ${errorText(error)}.`);
  }
}

/** Imports the secret once for each algorithm, not for each token. */
function hmacKeyOf(secret: string): JWTVerifyGetKey {
  const imported = new Map<string, Promise<CryptoKey>>();
  return ({ alg }) => {
    let key = imported.get(alg);
    if (key === undefined) {
      key = crypto.subtle.importKey('raw', Buffer.from(secret), { name: 'HMAC', hash: HASHES[alg] ?? '' }, false, [
        'verify',
      ]);
      imported.set(alg, key);
    }
    return key;
  };
}
