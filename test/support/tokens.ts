import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK, type JWTPayload } from 'jose';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { doorAccess, loadConfig, type DoorAccess } from '../../config/config.ts';
import type { Scope } from '../../http/access.ts';

/** The secret of doors that take the tokens of `tokenOf`. */
export const TEST_SECRET = 'the secret of tests, over 32 bytes';

/** The access of a door where authorisation is off. */
export const OPEN_DOOR: DoorAccess = doorAccess(loadConfig({}).access);

/** A door's access by tokens, without a rate limit. */
export function accessByTokens(environment: Record<string, string> = {}): DoorAccess {
  return doorAccess(loadConfig({ AUTH_SECRET: TEST_SECRET, RATE_LIMIT_PER_SECOND: '0', ...environment }).access);
}

/** A token that names a user and has scopes. */
export function tokenOf(subject: string, ...scopes: Scope[]): Promise<string> {
  return signedBySecret({ sub: subject, scope: scopes.join(' ') }, TEST_SECRET);
}

/** A key pair of an issuer, named by `kid`. */
export interface IssuerKey {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
}

export async function issuerKey(kid: string, alg = 'ES256'): Promise<IssuerKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, alg, privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

/** Valid for an hour, unless the claims say otherwise. */
export function signed(claims: JWTPayload, key: IssuerKey): Promise<string> {
  return new SignJWT({ exp: inSeconds(3600), ...claims })
    .setProtectedHeader({ alg: key.alg, kid: key.kid })
    .sign(key.privateKey);
}

/** The same, by a shared secret. */
export function signedBySecret(claims: JWTPayload, secret: string, alg = 'HS256'): Promise<string> {
  return new SignJWT({ exp: inSeconds(3600), ...claims }).setProtectedHeader({ alg }).sign(Buffer.from(secret));
}

export function inSeconds(seconds: number): number {
  return Math.floor(Date.now() / 1000) + seconds;
}

/** A real HTTP server with a JSON Web Key Set. */
export interface Issuer {
  readonly url: string;
  /** What it publishes; may be changed at any time. */
  keys: readonly IssuerKey[];
  /** How often it was asked. */
  requests: number;
  /** 503 to everything. */
  isDown: boolean;
  close(): Promise<void>;
}

export async function startIssuer(...keys: readonly IssuerKey[]): Promise<Issuer> {
  const server = createServer((_request, response) => {
    issuer.requests += 1;
    if (issuer.isDown) response.writeHead(503).end();
    else response.end(JSON.stringify({ keys: issuer.keys.map(({ publicJwk }) => publicJwk) }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer: Issuer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`,
    keys,
    requests: 0,
    isDown: false,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
  return issuer;
}
