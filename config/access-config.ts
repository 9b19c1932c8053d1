import { isIP } from 'node:net';
import { ConfigError, type Environment } from './read-variable.ts';
import { accessSettings, httpSettings, JWT_RATE_LIMIT_PER_SECOND } from './settings.ts';

export { MIN_SECRET_BYTES } from './settings.ts';

/** Where the keys are that tokens are checked with. */
export type KeySource =
  | { readonly kind: 'jwks'; readonly url: string }
  | { readonly kind: 'secret'; readonly secret: string }
  /** One secret a line; read again when it changes. */
  | { readonly kind: 'secret-file'; readonly path: string };

/** Bearer JWTs, and what has to hold of them. */
export interface JwtConfig {
  readonly mode: 'jwt';
  readonly keys: KeySource;
  /** `iss` of every token; null: any. */
  readonly issuer: string | null;
  /** In `aud` of every token; null: any. */
  readonly audience: string | null;
  /** The claim that names the user. */
  readonly userClaim: string;
}

export type AuthConfig = { readonly mode: 'off' } | JwtConfig;

/** Who may call what over HTTP, how often, and from which pages. */
export interface AccessConfig {
  /** Null: nobody has said, and this is production. No door opens then. */
  readonly auth: AuthConfig | null;
  /** A bearer token for the operator's endpoints, besides JWTs with the scope `operator`. */
  readonly operatorToken: string | null;
  /** Requests a second of one caller; 0: no limit. */
  readonly rateLimitPerSecond: number;
  /** The same, of a caller that may act for every user. */
  readonly rateLimitServicesPerSecond: number;
  /** Origins whose pages may call; `*`: all. */
  readonly corsOrigins: readonly string[] | '*';
  /** Addresses and networks whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
}

/** What a door needs: somebody has decided about authorisation. */
export type DoorAccess = AccessConfig & { readonly auth: AuthConfig };

const UNDECIDED =
  'NODE_ENV is production and nothing says who may call: set AUTH=jwt with AUTH_JWKS_URL, AUTH_SECRET_FILE or ' +
  'AUTH_SECRET; or AUTH=off, if everybody who reaches this port may do everything.';

/**
 * Reads who may call what. Authorisation is on when keys are given, and off otherwise; in production only when that is
 * said.
 *
 * @throws ConfigError naming the first variable that cannot be used
 */
export function readAccess(env: Environment, environment: 'development' | 'test' | 'production'): AccessConfig {
  const auth = readAuth(env, environment);
  return {
    auth,
    operatorToken: accessSettings.operatorToken.read(env),
    rateLimitPerSecond:
      accessSettings.rateLimitPerSecond.read(env) ?? (auth?.mode === 'jwt' ? JWT_RATE_LIMIT_PER_SECOND : 0),
    rateLimitServicesPerSecond: accessSettings.rateLimitServicesPerSecond.read(env),
    corsOrigins: readOrigins(env),
    trustedProxies: readTrustedProxies(env),
  };
}

/**
 * For everything that opens a door.
 *
 * @throws ConfigError when it is production and nobody has decided about authorisation
 */
export function doorAccess(access: AccessConfig): DoorAccess {
  const { auth } = access;
  if (auth === null) throw new ConfigError(UNDECIDED);
  return { ...access, auth };
}

/** What an operator should know at the start: each a sentence. */
export function accessWarnings({ auth }: AccessConfig): string[] {
  if (auth === null) return [];
  if (auth.mode === 'off') {
    return [
      'Authorisation is off: whoever reaches this port may act for every user and deposit money. AUTH=jwt turns it on.',
    ];
  }
  const warnings: string[] = [];
  if (auth.keys.kind === 'jwks' && auth.keys.url.startsWith('http:') && !isOnThisMachine(new URL(auth.keys.url))) {
    warnings.push('AUTH_JWKS_URL is not https: whoever stands between can put in keys of their own.');
  }
  if (auth.keys.kind === 'jwks' && auth.audience === null) {
    warnings.push('AUTH_AUDIENCE is not set: tokens that were issued for other services are taken here, too.');
  }
  return warnings;
}

function readAuth(env: Environment, environment: string): AuthConfig | null {
  const said = accessSettings.auth.read(env);
  const keys = readKeySource(env);
  if (said === 'off') return { mode: 'off' };
  if (keys !== null) {
    return {
      mode: 'jwt',
      keys,
      issuer: accessSettings.issuer.read(env),
      audience: accessSettings.audience.read(env),
      userClaim: accessSettings.userClaim.read(env),
    };
  }
  if (said === 'jwt') {
    throw new ConfigError('AUTH is jwt without keys: set one of AUTH_JWKS_URL, AUTH_SECRET_FILE and AUTH_SECRET.');
  }
  return environment === 'production' ? null : { mode: 'off' };
}

function readKeySource(env: Environment): KeySource | null {
  const url = accessSettings.jwksUrl.read(env);
  const path = accessSettings.secretFile.read(env);
  const secret = accessSettings.secret.read(env);
  if ([url, path, secret].filter((source) => source !== null).length > 1) {
    throw new ConfigError('AUTH_JWKS_URL, AUTH_SECRET_FILE and AUTH_SECRET exclude each other: set one of them.');
  }
  if (url !== null) return { kind: 'jwks', url };
  if (path !== null) return { kind: 'secret-file', path };
  return secret === null ? null : { kind: 'secret', secret };
}

function readOrigins(env: Environment): readonly string[] | '*' {
  const origins = httpSettings.corsOrigins.read(env);
  if (origins.length === 1 && origins[0] === '*') return '*';
  for (const origin of origins) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin) {
      throw new ConfigError(
        `CORS_ORIGINS has "${origin}"; it has to be * or origins as browsers send them, like https://shop.example, separated by commas.`,
      );
    }
  }
  return origins;
}

function readTrustedProxies(env: Environment): string[] {
  const proxies = httpSettings.trustedProxies.read(env);
  for (const proxy of proxies) {
    const [address = '', prefix, ...rest] = proxy.split('/');
    const bits = isIP(address) === 6 ? 128 : 32;
    const isPrefix = prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits);
    if (isIP(address) === 0 || !isPrefix || rest.length > 0) {
      throw new ConfigError(
        `TRUSTED_PROXIES has "${proxy}"; it has to be addresses or networks like 10.0.0.0/8, separated by commas.`,
      );
    }
  }
  return proxies;
}

function isOnThisMachine({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
}
