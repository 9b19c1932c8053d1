import { parseArgs } from 'node:util';
import { SignJWT } from 'jose';
import { readSecrets } from '../auth/secret-keys.ts';
import { ConfigError, loadConfig } from '../config/config.ts';
import { SCOPES } from '../http/access.ts';
import { StartError } from './start-error.ts';

const DEFAULT_HOURS = 1;
/** A token cannot be taken back: one to try things with lives a year at most. */
const MAX_HOURS = 24 * 366;

export const TOKEN_HELP = `npm run -s token -- --sub USER [options]

  Makes a bearer token to try the system with. It is signed with AUTH_SECRET, or the first secret of AUTH_SECRET_FILE:
  the same that the nodes were started with.

  --sub USER     the user that it acts for
  --scope SCOPE  what else it may do; several with blanks between: ${SCOPES.join(', ')}
  --hours HOURS  until it expires (${DEFAULT_HOURS})
  --help         show this`;

/**
 * Makes a token, or says how to.
 *
 * @throws StartError with one sentence on what cannot be used
 */
export async function makeToken(args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const { sub, scope = '', hours = String(DEFAULT_HOURS), help = false } = readArguments(args);
  if (help) return TOKEN_HELP;
  if (sub === undefined) throw new StartError('Whose token? "npm run -s token -- --sub alice" names the user.');
  const unknown = scope.split(' ').find((one) => one !== '' && !SCOPES.some((known) => known === one));
  if (unknown !== undefined) {
    throw new StartError(`There is no scope ${unknown}; there are ${SCOPES.join(', ')}.`);
  }
  if (!/^\d{1,4}$/.test(hours) || Number(hours) < 1 || Number(hours) > MAX_HOURS) {
    throw new StartError(`--hours is "${hours}"; it has to be a whole number from 1 to ${MAX_HOURS}.`);
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

function readArguments(args: readonly string[]): { sub?: string; scope?: string; hours?: string; help?: boolean } {
  const options = {
    sub: { type: 'string' },
    scope: { type: 'string' },
    hours: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new StartError(
      `${(error as Error).message.split('.')[0] ?? ''}: "npm run -s token -- --help" shows what there is.`,
    );
  }
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
