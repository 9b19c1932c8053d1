import { ServiceBroker, type ServiceSchema } from 'moleculer';
import { loadConfig } from '../../config/config.ts';
import { apiService } from '../../services/api.service.ts';
import { openStream } from '../support/event-stream.ts';
import { eventually } from '../support/eventually.ts';
import { expectProblem } from '../support/expect-problem.ts';
import { post, send, type HttpAnswer } from '../support/http-client.ts';
import { signedBySecret, TEST_SECRET, inSeconds } from '../support/tokens.ts';

const TOKEN = 'operator-token-0123456789';
const ORDER = {
  orderId: '0193b5a0-7c1e-7a2b-8c3d-4e5f60718293',
  userId: 'alice',
  amount: '40.05',
  description: null,
  status: 'NEW',
  reason: null,
  version: 1,
  createdAt: '2026-01-02T03:04:05.678Z',
  updatedAt: '2026-01-02T03:04:05.678Z',
};

interface Node {
  readonly broker: ServiceBroker;
  readonly port: number;
  readonly called: { readonly action: string; readonly params: unknown }[];
}

const started: ServiceBroker[] = [];

/** The gateway with stand-ins behind it. */
async function gateway(environment: Record<string, string>): Promise<Node> {
  const called: Node['called'] = [];
  const answer =
    (action: string, value: unknown) =>
    ({ params }: { params: unknown }): unknown => {
      called.push({ action, params });
      return value;
    };
  const broker = new ServiceBroker({ logger: false, registry: { stopDelay: 0 } });
  const standIns: ServiceSchema[] = [
    {
      name: 'orders',
      actions: {
        browse: answer('orders.browse', { items: [ORDER], next: null, count: 1, lookedAt: null }),
        show: answer('orders.show', ORDER),
      },
    },
    {
      name: 'payments',
      actions: {
        'deadLetters.list': answer('payments.deadLetters.list', { total: 0, letters: [], after: null }),
        'deadLetters.discard': answer('payments.deadLetters.discard', { act: '1', counts: {} }),
      },
    },
  ];
  for (const schema of standIns) broker.createService(schema);
  const config = loadConfig({ API_PORT: '0', HTTP_HOST: '127.0.0.1', RATE_LIMIT_PER_SECOND: '0', ...environment });
  const service: unknown = broker.createService(apiService(config));
  await broker.start();
  started.push(broker);
  return { broker, port: (service as { listener: { port: number } }).listener.port, called };
}

afterEach(async () => {
  await Promise.all(started.splice(0).map((broker) => broker.stop()));
});

const get = (port: number, path: string, headers: Record<string, string> = {}): Promise<HttpAnswer> =>
  send(port, path, { headers });

async function logIn(port: number, token = TOKEN): Promise<string> {
  const answer = await send(port, '/console/session', {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'X-Console': '1' },
  });
  expect(answer.status).toBe(200);
  return String(answer.headers['set-cookie']);
}

describe("with an operator's token", () => {
  test('the page asks for it, and nothing behind it answers without', async () => {
    const { port, called } = await gateway({ OPERATOR_TOKEN: TOKEN });
    const page = await get(port, '/console/orders');
    expect(page.status).toBe(401);
    expect(page.headers['content-type']).toContain('text/html');
    expect(page.text).toContain('<form id="login">');
    for (const path of ['/console/api/overview', '/console/api/orders', '/console/api/live', '/console/api/session']) {
      expectProblem(await get(port, path), 401, 'unauthorized');
    }
    expectProblem(await get(port, '/console/api/orders', { Cookie: 'console_session=e30.bad' }), 401, 'unauthorized');
    expect(called).toEqual([]);
  });

  test('a session is a cookie that no script reads and no other site gets, without the token in it', async () => {
    const { port } = await gateway({ OPERATOR_TOKEN: TOKEN });
    const cookie = await logIn(port);
    expect(cookie).toMatch(/^console_session=[\w.-]+; Path=\/console; Max-Age=28800; HttpOnly; SameSite=Strict$/);
    expect(Buffer.from(cookie.split('=')[1]?.split('.')[0] ?? '', 'base64url').toString()).not.toContain(TOKEN);
    const answer = await get(port, '/console/api/orders', { Cookie: cookie.split(';')[0] ?? '' });
    expect(answer.json).toMatchObject({ items: [{ orderId: ORDER.orderId, amount: '40.05' }] });
    const page = await get(port, '/console', { Cookie: cookie.split(';')[0] ?? '' });
    expect(page.status).toBe(200);
    expect(page.headers['cache-control']).toBe('no-store');
    // It is for the console alone.
    expectProblem(await get(port, '/metrics', { Cookie: cookie.split(';')[0] ?? '' }), 401, 'unauthorized');
  });

  test('another gateway takes it, and one with another token does not', async () => {
    const [first, second, other] = await Promise.all([
      gateway({ OPERATOR_TOKEN: TOKEN }),
      gateway({ OPERATOR_TOKEN: TOKEN }),
      gateway({ OPERATOR_TOKEN: `${TOKEN}-changed` }),
    ]);
    const cookie = { Cookie: (await logIn(first.port)).split(';')[0] ?? '' };
    expect((await get(second.port, '/console/api/session', cookie)).status).toBe(200);
    expectProblem(await get(other.port, '/console/api/session', cookie), 401, 'unauthorized');
  });

  test('an act needs the header that no page of elsewhere can send, and its own origin', async () => {
    const { port, called } = await gateway({ OPERATOR_TOKEN: TOKEN });
    const Cookie = (await logIn(port)).split(';')[0] ?? '';
    const path = '/console/api/dead-letters/payments/discard';
    const body = { ids: ['6'], by: 'olga', why: 'sent twice', dryRun: false, until: 'never', limit: '1' };
    expectProblem(await post(port, path, body, { Cookie }), 403, 'forbidden');
    expectProblem(
      await post(port, path, body, { Cookie, 'X-Console': '1', Origin: 'https://elsewhere.example' }),
      403,
      'forbidden',
    );
    expectProblem(await post(port, path, body, { 'X-Console': '1' }), 401, 'unauthorized');
    expect(called).toEqual([]);
    const own = { Cookie, 'X-Console': '1', Origin: `http://127.0.0.1:${port}` };
    expect((await post(port, path, body, own)).status).toBe(200);
    expect(called).toEqual([
      { action: 'payments.deadLetters.discard', params: { ids: ['6'], by: 'olga', why: 'sent twice', dryRun: false } },
    ]);
  });

  test('a service that is away is a problem that says so, and the rest goes on', async () => {
    const { port } = await gateway({ OPERATOR_TOKEN: TOKEN });
    const Cookie = (await logIn(port)).split(';')[0] ?? '';
    expectProblem(await get(port, '/console/api/accounts', { Cookie }), 503, 'service-unavailable');
    expectProblem(await get(port, '/console/api/audit', { Cookie }), 503, 'service-unavailable');
    const overview = await get(port, '/console/api/overview', { Cookie });
    expect(overview.json?.['problems']).toContainEqual(expect.objectContaining({ what: 'No node of audit is here.' }));
  });
});

test('a session of a JSON Web Token ends with it, and is of its user', async () => {
  const { port, called } = await gateway({ AUTH_SECRET: TEST_SECRET });
  const token = await signedBySecret({ sub: 'olga', scope: 'operator', exp: inSeconds(60) }, TEST_SECRET);
  const cookie = await logIn(port, token);
  expect(Number(/Max-Age=(\d+)/.exec(cookie)?.[1])).toBeLessThanOrEqual(60);
  const own = { Cookie: cookie.split(';')[0] ?? '', 'X-Console': '1' };
  await post(port, '/console/api/dead-letters/payments/discard', { ids: ['6'], by: 'somebody else', why: 'x' }, own);
  expect(called).toEqual([{ action: 'payments.deadLetters.discard', params: { ids: ['6'], by: 'olga', why: 'x' } }]);
  const weak = await signedBySecret({ sub: 'olga', scope: 'orders:any-user' }, TEST_SECRET);
  const refused = await send(port, '/console/session', {
    method: 'POST',
    headers: { Authorization: `Bearer ${weak}`, 'X-Console': '1' },
  });
  expectProblem(refused, 403, 'forbidden');
});

describe('without any token', () => {
  test('it is for this machine alone, by a name of its own, and never through a proxy', async () => {
    const { port } = await gateway({});
    expect((await get(port, '/console', { Host: `localhost:${port}` })).status).toBe(200);
    expect((await get(port, '/console/api/orders')).status).toBe(200);
    const rebound = await get(port, '/console', { Host: `rebound.example:${port}` });
    expect(rebound.status).toBe(403);
    expect(rebound.text).toContain('OPERATOR_TOKEN');
    expectProblem(await get(port, '/console/api/orders', { Host: 'rebound.example' }), 403, 'forbidden');
    expectProblem(await get(port, '/console/api/orders', { 'X-Forwarded-For': '127.0.0.1' }), 403, 'forbidden');
  });

  test('every file of the page is there with its type, kept by browsers, and none names another host', async () => {
    const { port } = await gateway({});
    const page = await get(port, '/console');
    const policy = String(page.headers['content-security-policy']);
    expect(policy).toMatch(/script-src 'self' 'sha256-[\w+/=]+';/);
    const addresses = [...page.text.matchAll(/"(\/console\/files\/[^"]+)"/g)].map(([, address]) => address ?? '');
    expect(addresses.length).toBeGreaterThan(8);
    for (const address of addresses) {
      const file = await get(port, address);
      expect([address, file.status]).toEqual([address, 200]);
      expect(file.headers['content-type']).toMatch(address.endsWith('.css') ? /^text\/css/ : /^text\/javascript/);
      expect(file.headers['cache-control']).toContain('immutable');
      const again = await get(port, address, { 'If-None-Match': String(file.headers['etag']) });
      expect(again.status).toBe(304);
    }
    expectProblem(await get(port, '/console/files/x/..%2fassets.ts'), 404, 'not-found');
  });
});

test('an open stream tells of the flow, and does not hold up a stop', async () => {
  const { port, broker } = await gateway({});
  const stream = await openStream(port, '/console/api/live?since=0');
  expect(stream.headers['content-type']).toContain('text/event-stream');
  await eventually(() => {
    expect(stream.text()).toContain('event: flow');
    expect(stream.text()).toContain('event: overview');
  });
  const room = broker.services.find(({ name }) => name === 'api') as unknown as { tabs: { count: number } };
  expect(room.tabs.count).toBe(1);
  started.splice(started.indexOf(broker), 1);
  await broker.stop();
  await stream.ended;
  expect(room.tabs.count).toBe(0);
});

test('a tab that leaves is forgotten', async () => {
  const { port, broker } = await gateway({});
  const stream = await openStream(port, '/console/api/live');
  const room = broker.services.find(({ name }) => name === 'api') as unknown as { tabs: { count: number } };
  expect(room.tabs.count).toBe(1);
  stream.leave();
  await eventually(() => {
    expect(room.tabs.count).toBe(0);
  });
});

test('the console is no part of the document', async () => {
  const { port } = await gateway({});
  expect((await get(port, '/openapi.json')).text).not.toContain('/console');
});
