import type { IncomingMessage } from 'node:http';
import { authenticator } from '../auth/authenticator.ts';
import type { OperatorSessions } from '../auth/operator-sessions.ts';
import type { AuthLogger } from '../auth/token-keys.ts';
import type { DoorAccess } from '../config/config.ts';
import { isProblem } from '../problems/problems.ts';
import { ANYBODY, assertAllowed, type Access, type Caller, type Scope } from './access.ts';
import { clientAddressBehind } from './client-address.ts';
import { RateLimit } from './rate-limit.ts';
import { namesThisMachine } from './this-machine.ts';

/** Decides on every request, before anything of it is read: who sends it, whether that may use the address, how often. */
export interface Admission {
  /** @throws the problems `unauthorized`, `forbidden`, `rate-limited`; `service-unavailable` when no keys can be had */
  admit(request: IncomingMessage, access: Access): Promise<Caller>;
  /** Stops looking for new keys. */
  close(): void;
}

const OPERATOR_SCOPES: ReadonlySet<Scope> = new Set<Scope>(['operator']);
/** Bad tokens of one address. A client with an expired one sends a few until it has the next. */
const FAILURES_PER_SECOND = 10;

/**
 * @param sessions of browsers, where the door has a console
 * @throws ConfigError when the file of secrets cannot be used
 */
export function openAdmission(config: DoorAccess, logger: AuthLogger, sessions?: OperatorSessions): Admission {
  const auth = authenticator(config, logger);
  const clientAddressOf = clientAddressBehind(config.trustedProxies);
  const failures = new RateLimit(FAILURES_PER_SECOND);
  const callers = config.rateLimitPerSecond > 0 ? new RateLimit(config.rateLimitPerSecond) : null;
  const services = config.rateLimitServicesPerSecond > 0 ? new RateLimit(config.rateLimitServicesPerSecond) : null;

  const admit = async (request: IncomingMessage, access: Access): Promise<Caller> => {
    const client = clientAddressOf(request);
    if (access.kind === 'public') {
      if (access.isUnlimited !== true) await callers?.count(`address ${client.address}`);
      return ANYBODY;
    }
    const isByBrowser = access.kind === 'operator' && access.byBrowser === true;
    const session = isByBrowser ? (sessions?.of(request.headers.cookie) ?? null) : null;
    if (session !== null) return { subject: session.subject, scopes: OPERATOR_SCOPES };
    const authorization = request.headersDistinct.authorization ?? [];
    // A page of elsewhere may have a name that leads to this machine: a browser here would ask for it.
    const isLocal = client.isLocal && (!isByBrowser || namesThisMachine(request.headers.host));
    const caller = await auth.authenticate({ authorization, isLocal }, access).catch(async (error: unknown) => {
      // After the check and not before: a good token is never refused for the bad ones of others behind one address.
      if (isProblem(error) && error.type === 'unauthorized') await failures.count(client.address);
      throw error;
    });
    assertAllowed(access, caller);
    if (caller.subject === null) await callers?.count(`address ${client.address}`);
    else if (isService(access, caller)) await services?.count(caller.subject);
    else await callers?.count(`user ${caller.subject}`);
    return caller;
  };
  return {
    admit,
    close: () => {
      auth.close();
    },
  };
}

function isService(access: Access, { scopes }: Caller): boolean {
  return access.kind === 'user' && scopes.has(access.anyUser);
}
