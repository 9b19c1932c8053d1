import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBearerToken } from '../auth/bearer-token.ts';
import type { OperatorSessions } from '../auth/operator-sessions.ts';
import { readExpiry } from '../auth/read-expiry.ts';
import type { OperatorAccess, PublicAccess } from '../http/access.ts';
import { answerBody, answerJson, answerNotModified } from '../http/answers.ts';
import { hasCurrent } from '../http/etag.ts';
import { readBody } from '../http/read-body.ts';
import { readQuery } from '../http/read-query.ts';
import type { ConsoleRoute, Exchange } from '../http/route.ts';
import { problem } from '../problems/problems.ts';
import type { Session } from './answers.ts';
import { Assets } from './assets.ts';
import type { Room } from './room.ts';
import { answerConsole, answerRefused } from './page.ts';

/** Every address of the console. What it shows comes by `/console/api`, in JSON; each act is a POST. */

const BY_BROWSER: OperatorAccess = { kind: 'operator', byBrowser: true };
const BY_TOKEN: OperatorAccess = { kind: 'operator' };
const PUBLIC: PublicAccess = { kind: 'public' };
/** The page finds its own way below these. */
const VIEWS = ['', '/orders', '/accounts', '/pipeline', '/dead-letters', '/audit', '/cluster'];
const PATHS_OF_VIEWS = [...VIEWS, '/orders/:id', '/accounts/:id', '/dead-letters/:service/:side/:id'];
/** A year: the address of a file changes with it. Only browsers that were let in keep it. */
const IMMUTABLE = 'private, max-age=31536000, immutable';
/** No form and no page of elsewhere can send it. */
const ACT_HEADER = 'x-console';

/** @param roomOf what is behind the door, once the service has been made */
export function consoleRoutes(sessions: OperatorSessions, roomOf: () => Room): ConsoleRoute[] {
  let made: Assets | undefined;
  // Read when somebody comes: a node starts without.
  const assets = (): Assets => (made ??= new Assets());
  const refuse = (response: ServerResponse, error: unknown): boolean => answerRefused(response, error, assets());
  return [
    ...PATHS_OF_VIEWS.map((path): ConsoleRoute => ({
      kind: 'console',
      method: 'GET',
      path: `/console${path}`,
      access: BY_BROWSER,
      refuse,
      answer: ({ response }) => {
        answerConsole(response, assets());
      },
    })),
    {
      kind: 'console',
      method: 'GET',
      path: '/console/files/:version/:file',
      access: PUBLIC,
      answer: (exchange) => {
        answerFile(exchange, assets());
      },
    },
    // The token comes in its header, as it does everywhere: it is checked, limited and refused in the one place for that.
    act('/console/session', BY_TOKEN, ({ request, response, caller }) => {
      const token = readBearerToken(request.headersDistinct.authorization ?? []);
      response.setHeader('Set-Cookie', sessions.begin(caller.subject, readExpiry(token), isSecure(request)));
      answerJson(response, 200, { subject: caller.subject });
    }),
    act('/console/logout', PUBLIC, ({ request, response }) => {
      response.setHeader('Set-Cookie', sessions.end(isSecure(request)));
      answerJson(response, 200, {});
    }),
    {
      kind: 'console',
      method: 'GET',
      path: '/console/api/live',
      access: BY_BROWSER,
      answer: ({ response, target }) => {
        const since = Number(readQuery(target.query)['since'] ?? Number.NaN);
        roomOf().tabs.open(response, Number.isFinite(since) ? since : Math.floor(Date.now() / 1000));
      },
    },
    read('/console/api/session', ({ request, caller }): Session => {
      const session = sessions.of(request.headers.cookie);
      return { subject: caller.subject, expiresAt: session?.expiresAt ?? null, ...roomOf().about() };
    }),
    read('/console/api/overview', () => roomOf().overview()),
    read('/console/api/flow', ({ target }) => roomOf().flow(readQuery(target.query))),
    read('/console/api/orders', ({ target }) => roomOf().orders(readQuery(target.query))),
    read('/console/api/orders/:id', ({ params }) => roomOf().order(params['id'] ?? '')),
    read('/console/api/accounts', ({ target }) => roomOf().accounts(readQuery(target.query))),
    read('/console/api/accounts/:id', ({ params, target }) =>
      roomOf().account(params['id'] ?? '', readQuery(target.query)),
    ),
    read('/console/api/accounts/:id/check', ({ params }) => roomOf().checkAccount(params['id'] ?? '')),
    read('/console/api/pipeline', () => roomOf().pipeline()),
    read('/console/api/dead-letters', () => roomOf().deadLetters()),
    read('/console/api/dead-letters/:service', ({ params, target }) =>
      roomOf().letters(params['service'] ?? '', readQuery(target.query)),
    ),
    read('/console/api/dead-letters/:service/acts', ({ params }) => roomOf().acts(params['service'] ?? '')),
    read('/console/api/dead-letters/:service/:side/:id', ({ params }) =>
      roomOf().letter(params['service'] ?? '', params['side'] ?? '', params['id'] ?? ''),
    ),
    act('/console/api/dead-letters/:service/:act', BY_BROWSER, async ({ params, request, response, caller }) => {
      const asked = await readBody(request);
      answerJson(
        response,
        200,
        await roomOf().actOnLetters(params['service'] ?? '', params['act'] ?? '', asked, caller.subject),
      );
    }),
    read('/console/api/audit', () => roomOf().audit()),
    act('/console/api/audit', BY_BROWSER, async ({ request, response }) => {
      answerJson(response, 200, await roomOf().runAudit(await readBody(request)));
    }),
    read('/console/api/cluster', () => roomOf().cluster()),
    read('/console/api/find/:id', ({ params }) => roomOf().find(params['id'] ?? '')),
  ];
}

function read(path: string, answer: (exchange: Exchange) => unknown): ConsoleRoute {
  return {
    kind: 'console',
    method: 'GET',
    path,
    access: BY_BROWSER,
    answer: async (exchange) => {
      const { response } = exchange;
      const value = (await answer(exchange)) as object;
      response.setHeader('Cache-Control', 'no-store');
      answerJson(response, 200, value);
    },
  };
}

function act(
  path: string,
  access: OperatorAccess | PublicAccess,
  answer: (exchange: Exchange) => Promise<void> | void,
): ConsoleRoute {
  return {
    kind: 'console',
    method: 'POST',
    path,
    access,
    answer: async (exchange) => {
      assertOwnPage(exchange.request);
      exchange.response.setHeader('Cache-Control', 'no-store');
      await answer(exchange);
    },
  };
}

/** @throws the problem `forbidden` for what no page of the console sends */
function assertOwnPage({ headers }: IncomingMessage): void {
  const { origin, host } = headers;
  const isOwnOrigin = origin === undefined || (URL.canParse(origin) && new URL(origin).host === host);
  if (headers[ACT_HEADER] === '1' && isOwnOrigin) return;
  throw problem(
    'forbidden',
    'Acts of the console are asked for by its own page, with the header X-Console: 1. A script calls the actions over the bus: docs/console.md.',
  );
}

/** Behind a proxy that ends TLS. Somebody who makes this up keeps only their own browser out. */
function isSecure({ headers }: IncomingMessage): boolean {
  return headers['x-forwarded-proto'] === 'https';
}

function answerFile({ params, request, response }: Exchange, assets: Assets): void {
  const file = assets.file(params['file'] ?? '');
  if (file === null) throw problem('not-found', 'The console has no such file; GET /console is its page.');
  const isCurrent = params['version'] === assets.version;
  response.setHeader('Cache-Control', isCurrent ? IMMUTABLE : 'no-cache');
  const etag = `"${assets.version}"`;
  response.setHeader('ETag', etag);
  if (hasCurrent(request.headers['if-none-match'], etag)) answerNotModified(response);
  else answerBody(response, 200, file.mediaType, file.body);
}
