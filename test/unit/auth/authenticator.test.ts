import { UnsecuredJWT, type JWTPayload } from 'jose';
import { authenticator, type Authenticator } from '../../../auth/authenticator.ts';
import { loadConfig, doorAccess } from '../../../config/config.ts';
import type { Access } from '../../../http/access.ts';
import { inSeconds, issuerKey, signed, signedBySecret } from '../../support/tokens.ts';

const SECRET = 'a secret of more than thirty-two bytes';
const USER: Access = { kind: 'user', anyUser: 'orders:any-user' };
const OPERATOR: Access = { kind: 'operator' };
const OPERATOR_TOKEN = 'operator-token-0123456789';
const silent = { warn: () => undefined, error: () => undefined };

function open(environment: Record<string, string>): Authenticator {
  return authenticator(doorAccess(loadConfig(environment).access), silent);
}

const bearer = (token: string): { authorization: string[]; isLocal: boolean } => ({
  authorization: [`Bearer ${token}`],
  isLocal: true,
});

describe('tokens of a shared secret', () => {
  const auth = open({ AUTH_SECRET: SECRET, AUTH_ISSUER: 'https://issuer', AUTH_AUDIENCE: 'shop', OPERATOR_TOKEN });
  const good: JWTPayload = { sub: 'alice', iss: 'https://issuer', aud: ['shop', 'else'] };

  test('name a user, and scopes that are known here', async () => {
    const token = await signedBySecret({ ...good, scope: 'openid payments:deposit' }, SECRET);
    const caller = await auth.authenticate(bearer(token), USER);
    expect(caller).toEqual({ subject: 'alice', scopes: new Set(['payments:deposit']) });
  });

  test.each(['HS256', 'HS384', 'HS512'])('may be signed with %s', async (alg) => {
    const token = await signedBySecret(good, SECRET, alg);
    expect((await auth.authenticate(bearer(token), USER)).subject).toBe('alice');
  });

  test.each([
    ['an array scope', { scope: ['operator', 'x'] }, ['operator']],
    ['an array scp', { scp: ['orders:any-user'] }, ['orders:any-user']],
    ['both', { scope: 'operator', scp: 'payments:deposit' }, ['payments:deposit', 'operator']],
    ['no scope', {}, []],
    ['numbers', { scope: 7, scp: [{}, null] }, []],
    ['a scope within a word', { scope: 'operators xoperator OPERATOR' }, []],
  ])('have the scopes of %s', async (_name, claims, scopes) => {
    const token = await signedBySecret({ ...good, ...claims }, SECRET);
    expect([...(await auth.authenticate(bearer(token), USER)).scopes]).toEqual(scopes);
  });

  test('are taken whatever the case of Bearer', async () => {
    const token = await signedBySecret(good, SECRET);
    for (const header of [`bearer ${token}`, `BEARER  ${token} `]) {
      const caller = await auth.authenticate({ authorization: [header], isLocal: false }, USER);
      expect(caller.subject).toBe('alice');
    }
  });

  test('may be a few seconds off', async () => {
    const token = await signedBySecret({ ...good, exp: inSeconds(-2), nbf: inSeconds(2) }, SECRET);
    expect((await auth.authenticate(bearer(token), USER)).subject).toBe('alice');
  });

  test.each<[string, JWTPayload, RegExp]>([
    ['expired', { ...good, exp: inSeconds(-60) }, /has expired/],
    ['not valid yet', { ...good, nbf: inSeconds(60) }, /not valid yet/],
    ['of another issuer', { ...good, iss: 'https://evil' }, /another issuer/],
    ['of no issuer', { sub: 'alice', aud: 'shop' }, /another issuer/],
    ['for another audience', { ...good, aud: 'bank' }, /another audience/],
    ['for no audience', { sub: 'alice', iss: 'https://issuer' }, /another audience/],
    ['without expiry', { ...good, exp: undefined } as unknown as JWTPayload, /has no expiry/],
    ['with an expiry that is no number', { ...good, exp: '9999999999' } as unknown as JWTPayload, /has no expiry/],
    ['of nobody', { iss: 'https://issuer', aud: 'shop' }, /The claim sub of the token names no user/],
    ['of a user with a bar', { ...good, sub: 'auth0|1' }, /The claim sub of the token names no user/],
    ['of the user "deposit"', { ...good, sub: 'deposit' }, /The claim sub of the token names no user/],
    ['of two users', { ...good, sub: ['alice', 'bob'] } as unknown as JWTPayload, /names no user/],
  ])('are refused when they are %s, with a sentence', async (_name, claims, sentence) => {
    const token = await signedBySecret(claims, SECRET);
    await expect(auth.authenticate(bearer(token), USER)).rejects.toMatchObject({
      type: 'unauthorized',
      message: expect.stringMatching(sentence) as string,
      data: { isTokenInvalid: true },
    });
  });

  test.each<[string, () => Promise<string> | string]>([
    ['another secret', () => signedBySecret(good, `${SECRET}!`)],
    ['no signature', () => new UnsecuredJWT({ ...good, exp: inSeconds(60) }).encode()],
    ['the signature cut off', async () => (await signedBySecret(good, SECRET)).replace(/[^.]+$/, '')],
    [
      'changed claims',
      async () =>
        (await signedBySecret(good, SECRET)).replace(
          /\.[^.]+\./,
          `.${part({ ...good, sub: 'bob', exp: inSeconds(60) })}.`,
        ),
    ],
    ['alg None', () => `${part({ alg: 'None' })}.${part({ ...good, exp: inSeconds(60) })}.`],
    [
      'an unknown crit',
      async () => (await signedBySecret(good, SECRET)).replace(/^[^.]+/, part({ alg: 'HS256', crit: ['x'], x: 1 })),
    ],
    ['five parts', () => 'a.b.c.d.e'],
    ['no parts', () => 'garbage'],
    ['a header that is no JSON', () => 'e30x.e30.e30'],
    ['9000 characters', () => 'a'.repeat(9000)],
  ])('are refused with %s', async (_name, token) => {
    await expect(auth.authenticate(bearer(await token()), USER)).rejects.toMatchObject({ type: 'unauthorized' });
  });

  test.each<[string, string[]]>([
    ['no header', []],
    ['an empty header', ['']],
    ['Basic', ['Basic YTpi']],
    ['Bearer alone', ['Bearer']],
    ['two tokens', ['Bearer a.b.c d.e.f']],
  ])('are asked for where there is %s, without an error code', async (_name, authorization) => {
    await expect(auth.authenticate({ authorization, isLocal: true }, USER)).rejects.toMatchObject({
      type: 'unauthorized',
      data: {},
    });
  });

  test('are refused when several headers could each be the one', async () => {
    const header = `Bearer ${await signedBySecret(good, SECRET)}`;
    await expect(auth.authenticate({ authorization: [header, header], isLocal: true }, USER)).rejects.toMatchObject({
      message: 'Send one Authorization header; this request has several.',
    });
  });

  test('may name the user in another claim, as a number, too', async () => {
    const other = open({ AUTH_SECRET: SECRET, AUTH_USER_CLAIM: 'https://shop/customer' });
    const token = await signedBySecret({ sub: 'auth0|1', 'https://shop/customer': 42 }, SECRET);
    expect((await other.authenticate(bearer(token), USER)).subject).toBe('42');
    const without = await signedBySecret({ sub: 'alice' }, SECRET);
    await expect(other.authenticate(bearer(without), USER)).rejects.toThrow('The claim https://shop/customer of');
    const inherited = open({ AUTH_SECRET: SECRET, AUTH_USER_CLAIM: 'toString' });
    await expect(inherited.authenticate(bearer(without), USER)).rejects.toThrow('The claim toString of');
  });

  test("the operator's own token is nobody's user and has no scope of users", async () => {
    const caller = await auth.authenticate(bearer(OPERATOR_TOKEN), OPERATOR);
    expect(caller).toEqual({ subject: null, scopes: new Set(['operator']) });
    await expect(auth.authenticate(bearer(`${OPERATOR_TOKEN}x`), OPERATOR)).rejects.toMatchObject({
      type: 'unauthorized',
    });
  });
});

describe('with authorisation off', () => {
  test('everybody may act for every user, whatever the header', async () => {
    const caller = await open({}).authenticate({ authorization: ['Basic x', 'y'], isLocal: false }, USER);
    expect(caller).toEqual({
      subject: null,
      scopes: new Set(['payments:deposit', 'orders:any-user', 'payments:any-user']),
    });
  });

  test("the operator's addresses are for this machine alone", async () => {
    const off = open({});
    expect((await off.authenticate({ authorization: [], isLocal: true }, OPERATOR)).scopes).toEqual(
      new Set(['operator']),
    );
    await expect(off.authenticate({ authorization: [], isLocal: false }, OPERATOR)).rejects.toMatchObject({
      type: 'forbidden',
      message: expect.stringContaining('OPERATOR_TOKEN') as string,
    });
  });

  test("the operator's token opens them from everywhere, and then nothing else does", async () => {
    const off = open({ OPERATOR_TOKEN });
    const caller = await off.authenticate({ ...bearer(OPERATOR_TOKEN), isLocal: false }, OPERATOR);
    expect(caller.scopes).toEqual(new Set(['operator']));
    for (const authorization of [[], ['Bearer wrong-token'], ['Basic x']]) {
      await expect(off.authenticate({ authorization, isLocal: true }, OPERATOR)).rejects.toMatchObject({
        type: 'unauthorized',
      });
    }
  });
});

test('a shared secret checks no signature of a key pair', async () => {
  const token = await signed({ sub: 'alice' }, await issuerKey('rsa', 'RS256'));
  await expect(open({ AUTH_SECRET: SECRET }).authenticate(bearer(token), USER)).rejects.toThrow('algorithm');
});

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
