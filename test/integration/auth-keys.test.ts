import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportSPKI, importJWK, type CryptoKey, type JWTPayload } from 'jose';
import { JwksKeys } from '../../auth/jwks-keys.ts';
import { SecretKeys } from '../../auth/secret-keys.ts';
import type { TokenKeys } from '../../auth/token-keys.ts';
import { eventually } from '../support/eventually.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { issuerKey, signed, signedBySecret, startIssuer, type Issuer, type IssuerKey } from '../support/tokens.ts';

const ALICE = { sub: 'alice' };

let said: string[] = [];
const logger = { warn: (text: string) => said.push(text), error: (text: string) => said.push(text) };
const toClose: TokenKeys[] = [];

beforeEach(() => {
  said = [];
});

afterEach(() => {
  for (const keys of toClose.splice(0)) keys.close();
});

function kept<Keys extends TokenKeys>(keys: Keys): Keys {
  toClose.push(keys);
  return keys;
}

async function claims(keys: TokenKeys, token: string): Promise<JWTPayload> {
  return (await keys.verify(token, { requiredClaims: ['exp'] })).payload;
}

describe('the keys of an issuer', () => {
  let first: IssuerKey;
  let second: IssuerKey;
  let rsa: IssuerKey;
  let issuer: Issuer;

  beforeAll(async () => {
    [first, second, rsa] = await Promise.all([issuerKey('first'), issuerKey('second'), issuerKey('rsa', 'RS256')]);
  });

  beforeEach(async () => {
    issuer = await startIssuer(first);
  });

  afterEach(async () => {
    await issuer.close();
  });

  test.each(['RS256', 'PS384', 'ES256', 'ES512', 'EdDSA'])('check tokens that are signed with %s', async (alg) => {
    const key = await issuerKey('k', alg);
    issuer.keys = [first, key];
    const keys = kept(new JwksKeys({ url: issuer.url, logger }));
    expect(await claims(keys, await signed(ALICE, key))).toMatchObject(ALICE);
  });

  test('are fetched once for many tokens', async () => {
    const keys = kept(new JwksKeys({ url: issuer.url, logger }));
    const token = await signed(ALICE, first);
    await Promise.all(Array.from({ length: 50 }, () => claims(keys, token)));
    expect(issuer.requests).toBe(1);
  });

  test('a key that is added is found when a token first names it', async () => {
    const keys = kept(new JwksKeys({ url: issuer.url, logger, cooldownMs: 0 }));
    await claims(keys, await signed(ALICE, first));
    issuer.keys = [first, second];
    expect(await claims(keys, await signed(ALICE, second))).toMatchObject(ALICE);
    expect(await claims(keys, await signed(ALICE, first))).toMatchObject(ALICE);
  });

  test('a key that is withdrawn is refused after the next refresh', async () => {
    const keys = kept(new JwksKeys({ url: issuer.url, logger, refreshIntervalMs: 50, cooldownMs: 0 }));
    const token = await signed(ALICE, first);
    await claims(keys, token);
    issuer.keys = [second];
    await eventually(async () => {
      await expect(claims(keys, token)).rejects.toMatchObject({ code: 'ERR_JWKS_NO_MATCHING_KEY' });
    });
  });

  test('tokens with made-up key ids do not make a node ask the issuer again and again', async () => {
    const keys = kept(new JwksKeys({ url: issuer.url, logger, cooldownMs: 60_000 }));
    await claims(keys, await signed(ALICE, first));
    for (let i = 0; i < 20; i += 1) {
      const token = await signed(ALICE, { ...second, kid: `made-up-${i}` });
      await expect(claims(keys, token)).rejects.toMatchObject({ code: 'ERR_JWKS_NO_MATCHING_KEY' });
    }
    expect(issuer.requests).toBe(1);
  });

  test('go on working while the issuer is away; a key that may be new is then 503, and no fault of the token', async () => {
    const keys = kept(new JwksKeys({ url: issuer.url, logger, refreshIntervalMs: 50, cooldownMs: 0 }));
    const token = await signed(ALICE, first);
    await claims(keys, token);
    issuer.isDown = true;
    await eventually(() => {
      expect(said.join()).toContain(`The keys of tokens cannot be fetched from ${issuer.url}`);
    });
    expect(await claims(keys, token)).toMatchObject(ALICE);
    const unknown = await signed(ALICE, second);
    await expect(claims(keys, unknown)).rejects.toMatchObject({ type: 'service-unavailable' });
    issuer.keys = [first, second];
    issuer.isDown = false;
    expect(await claims(keys, unknown)).toMatchObject(ALICE);
    expect(said).toHaveLength(1);
  });

  test('an issuer that is away when the node starts is 503, and asked again', async () => {
    issuer.isDown = true;
    const keys = kept(new JwksKeys({ url: issuer.url, logger, cooldownMs: 0 }));
    const token = await signed(ALICE, first);
    await expect(claims(keys, token)).rejects.toMatchObject({ type: 'service-unavailable' });
    issuer.isDown = false;
    expect(await claims(keys, token)).toMatchObject(ALICE);
  });

  test('an issuer that does not exist is 503, and the log says why', async () => {
    const { url } = issuer;
    await issuer.close();
    const keys = kept(new JwksKeys({ url, logger }));
    await expect(claims(keys, await signed(ALICE, first))).rejects.toMatchObject({ type: 'service-unavailable' });
    expect(said.join()).toMatch(/ECONNREFUSED/);
  });

  test('a token that names no key is refused where several could fit', async () => {
    issuer.keys = [first, second];
    const keys = kept(new JwksKeys({ url: issuer.url, logger }));
    const token = await signed(ALICE, { ...first, kid: undefined as unknown as string });
    await expect(claims(keys, token)).rejects.toMatchObject({ code: 'ERR_JWKS_MULTIPLE_MATCHING_KEYS' });
  });

  test('a public key is never the secret of an HMAC', async () => {
    issuer.keys = [rsa];
    const keys = kept(new JwksKeys({ url: issuer.url, logger }));
    const pem = await exportSPKI((await importJWK({ ...rsa.publicJwk, ext: true }, 'RS256')) as CryptoKey);
    const token = await signedBySecret(ALICE, pem);
    await expect(claims(keys, token)).rejects.toMatchObject({ code: 'ERR_JOSE_ALG_NOT_ALLOWED' });
  });

  test("another key's signature under a known key id is refused", async () => {
    const keys = kept(new JwksKeys({ url: issuer.url, logger }));
    const token = await signed(ALICE, { ...second, kid: 'first' });
    await expect(claims(keys, token)).rejects.toMatchObject({ code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED' });
  });
});

describe('a file of secrets', () => {
  const folder = temporaryFolder();
  const file = join(folder.path, 'secrets');
  const OLD = 'the old secret, of more than 32 bytes';
  const NEW = 'the new secret, of more than 32 bytes';

  afterAll(() => {
    folder.remove();
  });

  test('rotates without a restart: the old secret, then both, then the new one', async () => {
    writeFileSync(file, `${OLD}\n`);
    const keys = kept(SecretKeys.ofFile(file, logger, 20));
    const [old, fresh] = await Promise.all([signedBySecret(ALICE, OLD), signedBySecret(ALICE, NEW)]);
    expect(await claims(keys, old)).toMatchObject(ALICE);
    await expect(claims(keys, fresh)).rejects.toMatchObject({ code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED' });

    writeFileSync(file, `${NEW}\r\n\n${OLD}\n`);
    await eventually(async () => {
      expect(await claims(keys, fresh)).toMatchObject(ALICE);
    });
    expect(await claims(keys, old)).toMatchObject(ALICE);

    writeFileSync(`${file}.next`, NEW);
    renameSync(`${file}.next`, file);
    await eventually(async () => {
      await expect(claims(keys, old)).rejects.toMatchObject({ code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED' });
    });
    expect(await claims(keys, fresh)).toMatchObject(ALICE);
    expect(said.join()).not.toMatch(/of more than/);
  });

  test('that becomes unusable leaves the secrets that were read, and is complained about once', async () => {
    writeFileSync(file, OLD);
    const keys = kept(SecretKeys.ofFile(file, logger, 20));
    const token = await signedBySecret(ALICE, OLD);
    rmSync(file);
    await eventually(() => {
      expect(said).toEqual([expect.stringMatching(/cannot be read: ENOENT.* The secrets read before stay\./)]);
    });
    writeFileSync(file, 'short');
    await eventually(() => {
      expect(said).toHaveLength(2);
    });
    expect(said[1]).toContain('secret 1 has less than 32 bytes');
    expect(await claims(keys, token)).toMatchObject(ALICE);
  });

  test.each([
    ['missing', null, 'cannot be read'],
    ['empty', '\n\n', 'holds 0 secrets'],
    ['too long', Array.from({ length: 5 }, () => OLD).join('\n'), 'holds 5 secrets'],
    ['with a short secret', `${OLD}\nshort`, 'secret 2 has less than 32 bytes'],
  ])('is refused at the start when it is %s', (_name, content, sentence) => {
    rmSync(file, { force: true });
    if (content !== null) writeFileSync(file, content);
    expect(() => SecretKeys.ofFile(file, logger)).toThrow(sentence);
  });
});
