import { SignJWT } from 'jose';
import { readSecrets } from '../auth/secret-keys.ts';
import { ConfigError, loadConfig } from '../config/config.ts';
import { SCOPES } from '../http/access.ts';
import { defineCommand, readArguments, UsageError } from '../terminal/command.js';
import { StartError } from './start-error.ts';

const DEFAULT_HOURS = 1;
/** A token cannot be taken back: one to try things with lives a year at most. */
const MAX_HOURS = 24 * 366;

export const COMMAND = defineCommand({
  name: 'npm run -s token',
  about: `Makes a bearer token to try the system with. It is signed with AUTH_SECRET, or the first secret of AUTH_SECRET_FILE:
the same that the nodes were started with.`,
  options: {
    sub: { type: 'text', takes: 'USER', about: 'the user that it acts for; it has to be said' },
    scope: {
      type: 'text',
      takes: 'SCOPE',
      about: `what else it may do; several with blanks between: ${SCOPES.join(', ')}`,
      default: '',
    },
    hours: { type: 'whole', about: 'until it expires', min: 1, max: MAX_HOURS, default: DEFAULT_HOURS },
  },
  examples: ['npm run -s token -- --sub alice', 'npm run -s token -- --sub till --scope "payments:deposit" --hours 8'],
  exitCodes: { 0: 'the token is on standard output', 1: 'there is nothing to sign it with' },
});

/**
 * Makes a token.
 *
 * @throws UsageError or StartError with one sentence on what cannot be used
 */
export async function makeToken(args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const { sub, scope, hours } = readArguments(COMMAND, args);
  if (sub === undefined) throw new UsageError('Whose token? "npm run -s token -- --sub alice" names the user.');
  const unknown = scope.split(' ').find((one) => one !== '' && !SCOPES.some((known) => known === one));
  if (unknown !== undefined) {
    throw new UsageError(`There is no scope ${unknown}; there are ${SCOPES.join(', ')}.`);
  }
  const { secret, userClaim, issuer, audience } = signing(env);
  const token = new SignJWT({ [userClaim]: sub, ...(scope !== '' && { scope }) })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuedAt()
    .setExpirationTime(`${hours}h`);
  if (issuer !== null) token.setIssuer(issuer);
  if (audience !== null) token.setAudience(audience);
  return token.sign(Buffer.from(secret));
}

function signing(env: NodeJS.ProcessEnv): {
  secret: string;
  userClaim: string;
  issuer: string | null;
  audience: string | null;
} {
  try {
    const { auth } = loadConfig(env).access;
    if (auth?.mode === 'jwt' && auth.keys.kind !== 'jwks') {
      const [secret = ''] = auth.keys.kind === 'secret' ? [auth.keys.secret] : readSecrets(auth.keys.path);
      return { ...auth, secret };
    }
  } catch (error) {
    throw error instanceof ConfigError ? new StartError(error.message) : error;
  }
  throw new StartError(
    'A token is signed with AUTH_SECRET or AUTH_SECRET_FILE, and neither is set. Tokens for AUTH_JWKS_URL come from its issuer.',
  );
}
