import { Errors } from 'moleculer';
import { firstAsked } from '../../http/openapi/documentation.ts';
import { problemsOf } from '../../http/openapi/problems-of.ts';
import type { ContractRoute } from '../../http/route.ts';
import { orderRoutes, paymentRoutes } from '../../http/routes.ts';
import { keyInUse, keyReused } from '../../problems/idempotency.ts';
import { problem, type ProblemType } from '../../problems/problems.ts';
import { openConnection, send, type HttpAnswer, type HttpRequest } from '../support/http-client.ts';
import { DocumentChecks } from '../support/openapi/document-checks.ts';
import { accessByTokens, tokenOf } from '../support/tokens.ts';
import { ORDER_ID, startRestNode, type RestNode } from '../support/rest-node.ts';

/** The document against what the door does: real requests, with stand-ins behind it that answer or fail as told. */

const RECEIVE_TIMEOUT_MS = 700;
const OPERATOR_TOKEN = 'operator-token-0123456789';
/** More than any caller may send in a second here. */
const MANY_REQUESTS = 100;

let node: RestNode;
/** Asks for tokens, and takes few requests of one caller. */
let guarded: RestNode;
let checks: DocumentChecks;
/** What every action answers or throws. */
let outcome: () => unknown;

beforeAll(async () => {
  const answers = Object.fromEntries(calls.map(({ action }) => [action, () => outcome()]));
  node = await startRestNode(answers, { receiveTimeoutMs: RECEIVE_TIMEOUT_MS });
  guarded = await startRestNode(answers, {
    access: accessByTokens({ OPERATOR_TOKEN, RATE_LIMIT_PER_SECOND: '1' }),
  });
  const { json } = await send(node.port, '/openapi.json');
  checks = new DocumentChecks(json ?? {});
});

afterAll(() => Promise.all([node.broker.stop(), guarded.broker.stop()]));

interface Asked extends HttpRequest {
  readonly path: string;
}

function addressOf({ method, path }: ContractRoute): string {
  return `${method} ${path.replace(/:(\w+)/g, '{$1}')}`;
}

/** A good request to a call, by one of the document's examples. */
function requestOf(route: ContractRoute, asked: Readonly<Record<string, unknown>>): Asked {
  const path = route.path.replace(/:(\w+)/g, (_, name: string) => String(asked[name]));
  const { method } = route;
  if (route.input.place === 'body') {
    return { method, path, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(asked) };
  }
  const query = Object.entries(asked).filter(([name]) => !route.path.includes(`:${name}`));
  return {
    method,
    path: query.length === 0 ? path : `${path}?${new URLSearchParams(query as [string, string][]).toString()}`,
  };
}

function ask({ path, ...request }: Asked): Promise<HttpAnswer> {
  return send(node.port, path, request);
}

function failing(error: Error): (request: Asked) => Promise<HttpAnswer> {
  return (request) => {
    outcome = () => {
      throw error;
    };
    return ask(request);
  };
}

function askGuarded({ path, headers, ...request }: Asked, token: string): Promise<HttpAnswer> {
  return send(guarded.port, path, { ...request, headers: { ...headers, Authorization: `Bearer ${token}` } });
}

async function askTooOften(request: Asked): Promise<HttpAnswer> {
  const token = await tokenOf('hasty', 'payments:deposit');
  for (let sent = 1; sent < MANY_REQUESTS; sent++) {
    const answer = await askGuarded(request, token);
    if (answer.status === 429) return answer;
  }
  return askGuarded(request, token);
}

function addedToQuery({ path, ...request }: Asked, text: string): Asked {
  return { ...request, path: `${path}${path.includes('?') ? '&' : '?'}${text}` };
}

/** A request whose last byte never comes. */
function askSlowly({ method = 'GET', path }: Asked): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const socket = openConnection(node.port);
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk) => (text += String(chunk)));
    socket.on('error', reject);
    socket.on('close', () => {
      const [head = '', body = ''] = text.split('\r\n\r\n');
      const [statusLine = '', ...lines] = head.split('\r\n');
      const headers = lines.map((line): [string, string] => {
        const [name = '', value = ''] = line.split(/: (.*)/);
        return [name.toLowerCase(), value];
      });
      const json = JSON.parse(body) as Record<string, unknown>;
      resolve({ status: Number(statusLine.split(' ')[1]), headers: Object.fromEntries(headers), text: body, json });
    });
    socket.write(`${method} ${path} HTTP/1.1\r\nHost: x\r\n`);
  });
}

/** How to make a call answer with each kind of problem. */
const PROVOCATIONS: Record<Exclude<ProblemType, 'not-found'>, (request: Asked) => Promise<HttpAnswer>> = {
  'malformed-json': (request) => ask({ ...request, body: '{"userId"' }),
  'malformed-request': (request) => ask(addedToQuery(request, 'userId=%E0')),
  'malformed-order-id': (request) => ask({ ...request, path: request.path.replace(/[0-9a-f-]{36}/, '17') }),
  unauthorized: (request) => askGuarded(request, 'no token'),
  forbidden: (request) => askGuarded(request, OPERATOR_TOKEN),
  'user-not-found': async (request) => askGuarded(request, await tokenOf('mallory', 'payments:deposit')),
  'rate-limited': askTooOften,
  'order-not-found': failing(problem('order-not-found', 'No.')),
  'account-not-found': failing(problem('account-not-found', 'No.')),
  'method-not-allowed': (request) => ask({ ...request, path: '/api/payments/accounts/deposit' }),
  'not-acceptable': (request) => ask({ ...request, headers: { ...request.headers, Accept: 'text/html' } }),
  'request-timeout': askSlowly,
  'account-exists': failing(problem('account-exists', 'No.')),
  'idempotency-key-in-use': failing(keyInUse()),
  'idempotency-key-reused': failing(keyReused()),
  'content-too-large': (request) => ask({ ...request, body: ' '.repeat(20_000) }),
  'unsupported-media-type': (request) => ask({ ...request, headers: { 'Content-Type': 'text/plain' } }),
  'invalid-input': (request) => ask(addedToQuery(request, 'unknown=1')),
  'balance-limit': failing(problem('balance-limit', 'No.')),
  'headers-too-large': (request) => ask({ ...request, headers: { ...request.headers, 'X-Long': 'x'.repeat(20_000) } }),
  'internal-error': failing(new Error('A defect.')),
  'service-unavailable': failing(new Errors.ServiceNotAvailableError({ action: 'x', nodeID: 'y' })),
  'outcome-unknown': failing(new Errors.RequestTimeoutError({ action: 'x', nodeID: 'y' })),
};

const contract = [...orderRoutes, ...paymentRoutes];
const calls = contract.filter((route) => route.kind === 'call');

/** What a request alone provokes, and not the action behind it. */
const WITH_THE_REQUEST = [
  'malformed-json',
  'malformed-request',
  'unauthorized',
  'forbidden',
  'not-acceptable',
  'content-too-large',
  'unsupported-media-type',
  'invalid-input',
  'rate-limited',
  'headers-too-large',
  'request-timeout',
] as const;

describe.each(calls.map((route) => [addressOf(route), route] as const))('%s', (address, route) => {
  test.each(Object.entries(route.documentation.examples))(
    'answers its example "%s" as the document says',
    async (_name, { asked, answer }) => {
      outcome = () => answer;
      const got = await ask(requestOf(route, asked));
      expect(got.status).toBe(route.status);
      expect(checks.undocumented(address, got)).toEqual([]);
      const { etag } = got.headers;
      if (etag === undefined) return;
      const again = await ask({ ...requestOf(route, asked), headers: { 'If-None-Match': etag } });
      expect(again.status).toBe(304);
      expect(checks.undocumented(address, again)).toEqual([]);
    },
  );
});

describe.each(contract.map((route) => [addressOf(route), route] as const))('%s', (address, route) => {
  test.each(problemsOf(route).filter((type) => type !== 'not-found'))(
    'answers the problem "%s" as the document says',
    async (type) => {
      const got = await PROVOCATIONS[type](requestOf(route, firstAsked(route.documentation)));
      expect(got.json?.type).toBe(`/problems/${type}`);
      expect(checks.undocumented(address, got)).toEqual([]);
    },
  );
});

test.each(contract.map((route) => [addressOf(route), route] as const))(
  '%s answers nothing that the document does not say, whatever is wrong with a request',
  async (address, route) => {
    const documented = new Set(problemsOf(route));
    const { action } = route;
    const withAnswer = calls.find((call) => call.action === action);
    for (const type of WITH_THE_REQUEST.filter((each) => !documented.has(each))) {
      outcome = () => Object.values(withAnswer?.documentation.examples ?? {})[0]?.answer;
      const got = await PROVOCATIONS[type](requestOf(route, firstAsked(route.documentation)));
      expect(checks.undocumented(address, got)).toEqual([]);
    }
  },
);

test('a stream is answered as the document says, also to who has seen its end', async () => {
  const address = 'GET /api/orders/{orderId}/events';
  outcome = () => firstAnswerOf('showOrder');
  const path = `/api/orders/${ORDER_ID}/events`;
  const stream = await send(node.port, path);
  expect(stream.status).toBe(200);
  expect(checks.undocumented(address, stream)).toEqual([]);
  const again = await send(node.port, path, { headers: { 'Last-Event-ID': '2' } });
  expect(again.status).toBe(204);
  expect(checks.undocumented(address, again)).toEqual([]);
});

function firstAnswerOf(operationId: string): unknown {
  const route = calls.find(({ documentation }) => documentation.operationId === operationId);
  return Object.values(route?.documentation.examples ?? {})[0]?.answer;
}

describe('the pages', () => {
  test.each([
    ['GET /', '/'],
    ['GET /health/live', '/health/live'],
    ['GET /health/ready', '/health/ready'],
    ['GET /metrics', '/metrics'],
    ['GET /problems', '/problems'],
    ['GET /problems/{type}', '/problems/not-found'],
    ['GET /problems/{type}', '/problems/nonsense'],
    ['GET /openapi.json', '/openapi.json'],
    ['GET /docs', '/docs'],
    ['GET /docs/{file}', '/docs/swagger-ui.css'],
    ['GET /docs/{file}', '/docs/package.json'],
  ])('%s answers as the document says: %s', async (address, path) => {
    expect(checks.undocumented(address, await send(node.port, path))).toEqual([]);
  });

  test('the document is not sent again to who has it', async () => {
    const { headers } = await send(node.port, '/openapi.json');
    const again = await send(node.port, '/openapi.json', { headers: { 'If-None-Match': String(headers.etag) } });
    expect(again.status).toBe(304);
    expect(checks.undocumented('GET /openapi.json', again)).toEqual([]);
  });
});
