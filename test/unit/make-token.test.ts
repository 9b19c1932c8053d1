import { authenticator } from '../../auth/authenticator.ts';
import { doorAccess, loadConfig } from '../../config/config.ts';
import { makeToken } from '../../start/make-token.ts';

const env = {
  AUTH_SECRET: 'a secret of more than thirty-two bytes',
  AUTH_ISSUER: 'https://issuer',
  AUTH_AUDIENCE: 'shop',
  AUTH_USER_CLAIM: 'user',
};
const silent = { warn: () => undefined, error: () => undefined };

test('a token that was made here is taken here, with its user and its scopes', async () => {
  const token = await makeToken(['--sub', 'alice', '--scope', 'payments:deposit operator'], env);
  const auth = authenticator(doorAccess(loadConfig(env).access), silent);
  const credentials = { authorization: [`Bearer ${token}`], isLocal: false };
  expect(await auth.authenticate(credentials, { kind: 'operator' })).toEqual({
    subject: 'alice',
    scopes: new Set(['payments:deposit', 'operator']),
  });
});

test.each<[string, string[], NodeJS.ProcessEnv, RegExp]>([
  ['no user', [], env, /--sub alice/],
  ['an unknown scope', ['--sub', 'a', '--scope', 'everything'], env, /no scope everything; there are payments:deposit/],
  ['no hours', ['--sub', 'a', '--hours', '0'], env, /--hours is "0"/],
  ['an unknown option', ['--user', 'a'], env, /Unknown option '--user'/],
  ['no secret', ['--sub', 'a'], {}, /AUTH_SECRET/],
  ['a key set', ['--sub', 'a'], { AUTH_JWKS_URL: 'https://issuer/keys' }, /come from its issuer/],
  ['a short secret', ['--sub', 'a'], { AUTH_SECRET: 'short' }, /AUTH_SECRET has 5 bytes/],
])('%s is refused with a sentence', async (_what, args, environment, sentence) => {
  await expect(makeToken(args, environment)).rejects.toThrow(sentence);
});
