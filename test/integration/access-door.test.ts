import { ServiceBroker } from 'moleculer';
import { loadConfig } from '../../config/config.ts';
import { apiService } from '../../services/api.service.ts';
import { ordersService } from '../../services/orders.service.ts';
import { paymentsService } from '../../services/payments.service.ts';
import { eventually } from '../support/eventually.ts';
import { expectProblem } from '../support/expect-problem.ts';
import { post, send, sendBytes, type HttpAnswer } from '../support/http-client.ts';
import { ORDER_ID, startRestNode, type RestNode } from '../support/rest-node.ts';
import { accessByTokens, issuerKey, signed, startIssuer, tokenOf } from '../support/tokens.ts';

const ALICE = '/api/payments/accounts/alice';
const OPERATOR_TOKEN = 'operator-token-0123456789';

let node: RestNode;

async function start(environment: Record<string, string>): Promise<void> {
  node = await startRestNode({}, { access: accessByTokens(environment) });
}

afterEach(async () => {
  await node.broker.stop();
});

const get = (path: string, headers: Record<string, string> = {}): Promise<HttpAnswer> =>
  send(node.port, path, { headers });
const bearer = (token: string): Record<string, string> => ({ Authorization: `Bearer ${token}` });

describe('keys that change while the node runs', () => {
  const withIssuer = (url: string): Record<string, string> => ({ AUTH_SECRET: '', AUTH_JWKS_URL: url });

  test('a token of a key that the issuer has added since is taken; one of an unknown key is not', async () => {
    const [first, second, stranger] = await Promise.all(['first', 'second', 'stranger'].map((kid) => issuerKey(kid)));
    const issuer = await startIssuer(first as never);
    await start(withIssuer(issuer.url));
    expect((await get(ALICE, bearer(await signed({ sub: 'alice' }, first as never)))).status).toBe(200);
    issuer.keys = [second as never];
    const token = await signed({ sub: 'alice' }, second as never);
    // Seldom: the issuer is asked again every few seconds at most, and bad tokens are limited.
    await eventually(
      async () => {
        expect((await get(ALICE, bearer(token))).status).toBe(200);
      },
      { timeoutMs: 20_000, intervalMs: 500 },
    );
    expectProblem(await get(ALICE, bearer(await signed({ sub: 'alice' }, stranger as never))), 401, 'unauthorized');
    await issuer.close();
  });

  test('no keys at all are 503 and not the fault of the token; the public addresses answer', async () => {
    const key = await issuerKey('first');
    const issuer = await startIssuer(key);
    issuer.isDown = true;
    await start(withIssuer(issuer.url));
    const refused = await get(ALICE, bearer(await signed({ sub: 'alice' }, key)));
    expectProblem(refused, 503, 'service-unavailable');
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await get('/health/ready')).status).toBe(200);
    expect(node.calls).toEqual([]);
    await issuer.close();
  });
});

test('a deposit makes money: the scope that it needs, and what services and the operator need, are written down here', async () => {
  await start({});
  const asked = node.service.addresses.flatMap(({ method, path, access }) => {
    if (access.kind === 'public') return [];
    const needs = access.kind === 'user' ? [access.anyUser, ...(access.scope ? [access.scope] : [])] : ['operator'];
    return [`${method} ${path}: ${needs.join(', ')}`];
  });
  expect(asked.filter((line) => !line.endsWith(': orders:any-user') && !line.endsWith(': payments:any-user'))).toEqual([
    'POST /api/payments/accounts/deposit: payments:any-user, payments:deposit',
    'GET /metrics: operator',
  ]);
  expect(asked.filter((line) => line.includes('/api/orders') !== line.includes('orders:any-user'))).toEqual([]);
  const alice = bearer(await tokenOf('alice', 'payments:any-user'));
  const refused = await post(node.port, '/api/payments/accounts/deposit', { userId: 'alice', amount: 1 }, alice);
  expectProblem(refused, 403, 'forbidden');
});

describe('rate limits', () => {
  /** The statuses of so many requests of one moment. */
  const statuses = async (path: string, headers: Record<string, string>, requests: number): Promise<number[]> =>
    (await Promise.all(Array.from({ length: requests }, () => get(path, headers)))).map(({ status }) => status);

  test('a caller is told to wait; others, health and services go on', async () => {
    await start({ RATE_LIMIT_PER_SECOND: '5' });
    const alice = bearer(await tokenOf('alice'));
    const answers = await statuses(ALICE, alice, 100);
    expect(new Set(answers)).toEqual(new Set([200, 429]));
    const refused = await get(ALICE, alice);
    expectProblem(refused, 429, 'rate-limited');
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(node.calls).toHaveLength(answers.filter((status) => status === 200).length);
    expect((await get('/api/payments/accounts/bob', bearer(await tokenOf('bob')))).status).toBe(200);
    expect(new Set(await statuses('/health/live', {}, 100))).toEqual(new Set([200]));
    const service = bearer(await tokenOf('alice', 'payments:any-user'));
    expect(new Set(await statuses(ALICE, service, 100))).toEqual(new Set([200]));
    // By its address: without a token there is nothing else.
    expect(new Set(await statuses('/', {}, 100))).toEqual(new Set([200, 429]));
  });

  test('bad tokens are limited by address, and never take the good ones with them', async () => {
    await start({ RATE_LIMIT_PER_SECOND: '1000' });
    expect(new Set(await statuses(ALICE, bearer('bad'), 100))).toEqual(new Set([401, 429]));
    expect((await get(ALICE, bearer(await tokenOf('alice')))).status).toBe(200);
  });

  test('an address counts as a proxy says it, when that is trusted', async () => {
    const from = (address: string): Record<string, string> => ({ 'X-Forwarded-For': address });
    await start({ RATE_LIMIT_PER_SECOND: '5', TRUSTED_PROXIES: '127.0.0.0/8' });
    expect(new Set(await statuses('/', from('192.0.2.1'), 100))).toEqual(new Set([200, 429]));
    expect((await get('/', from('192.0.2.2'))).status).toBe(200);
    await node.broker.stop();
    await start({ RATE_LIMIT_PER_SECOND: '5' });
    expect(new Set(await statuses('/', from('192.0.2.1'), 100))).toEqual(new Set([200, 429]));
    expect((await get('/', from('192.0.2.2'))).status).toBe(429);
  });
});

describe("the operator's addresses with authorisation off", () => {
  test('are for this machine, and not by way of a proxy on it', async () => {
    await start({ AUTH: 'off' });
    expect((await get('/metrics')).status).toBe(200);
    for (const header of ['X-Forwarded-For', 'Forwarded']) {
      const refused = await get('/metrics', { [header]: 'for=127.0.0.1' });
      expectProblem(refused, 403, 'forbidden');
      expect(refused.json?.detail).toContain('OPERATOR_TOKEN');
    }
    expect((await get(ALICE, { 'X-Forwarded-For': '192.0.2.1' })).status).toBe(200);
  });

  test('need the token once there is one, from everywhere', async () => {
    await start({ AUTH: 'off', OPERATOR_TOKEN });
    expectProblem(await get('/metrics'), 401, 'unauthorized');
    expectProblem(await get('/metrics', bearer('wrong')), 401, 'unauthorized');
    expect((await get('/metrics', bearer(OPERATOR_TOKEN))).status).toBe(200);
    expect((await get(ALICE, bearer('wrong'))).status).toBe(200);
  });
});

describe("helmet's headers", () => {
  const HEADERS = {
    'content-security-policy': expect.stringContaining("default-src 'none'") as string,
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
  };

  test('are on answers, problems, pages and streams alike', async () => {
    await start({});
    const alice = bearer(await tokenOf('alice'));
    for (const path of [
      ALICE,
      '/',
      '/docs',
      '/openapi.json',
      '/problems/forbidden',
      '/nothing',
      '/health/live',
      '/a/',
    ]) {
      for (const headers of [{}, alice]) expect((await get(path, headers)).headers).toMatchObject(HEADERS);
    }
    const options = await send(node.port, '/api/orders', { method: 'OPTIONS' });
    expect(options.headers).toMatchObject({ ...HEADERS, allow: 'GET, HEAD, POST, OPTIONS' });
    expect(await sendBytes(node.port, 'hello\r\n\r\n')).toContain("default-src 'none'");
    expect((await get(ALICE, alice)).headers).not.toHaveProperty('strict-transport-security');
  });

  test('let the pages have no script in them, and none from elsewhere', async () => {
    await start({});
    for (const path of ['/docs', '/problems', '/problems/forbidden']) {
      const { text, headers } = await get(path);
      expect(headers['content-security-policy']).toContain("script-src 'self'");
      expect(text).not.toMatch(/<script(?![^>]*\ssrc="\/)|\son\w+=|(?:src|href)="(?:https?:)?\/\//);
    }
  });
});

describe('pages of other origins', () => {
  const SHOP = 'https://shop.example';
  const preflight = (origin: string, path = '/api/orders'): Promise<HttpAnswer> =>
    send(node.port, path, {
      method: 'OPTIONS',
      headers: { Origin: origin, 'Access-Control-Request-Method': 'POST' },
    });

  test('may call when they are named: the preflight needs no token, the call does', async () => {
    await start({ CORS_ORIGINS: `${SHOP},http://localhost:3000` });
    const asked = await preflight(SHOP);
    expect(asked.status).toBe(204);
    expect(asked.headers).toMatchObject({
      'access-control-allow-origin': SHOP,
      'access-control-allow-methods': 'GET,HEAD,POST',
      'access-control-allow-headers': expect.stringMatching(/Authorization.*Idempotency-Key/) as string,
      vary: 'Origin',
    });
    const refused = await post(node.port, '/api/orders', {}, { Origin: SHOP });
    expectProblem(refused, 401, 'unauthorized');
    const called = await get(ALICE, { ...bearer(await tokenOf('alice')), Origin: SHOP });
    for (const { headers } of [refused, called]) {
      expect(headers).toMatchObject({
        'access-control-allow-origin': SHOP,
        'access-control-expose-headers': expect.stringMatching(
          /ETag.*Idempotency-Replayed.*Location.*Retry-After/,
        ) as string,
        vary: 'Origin',
      });
    }
  });

  test.each(['https://shop.example.evil', 'https://evil', 'http://shop.example', 'null', 'https://SHOP.example'])(
    '%s is another one',
    async (origin) => {
      await start({ CORS_ORIGINS: SHOP });
      for (const answer of [await preflight(origin), await get('/', { Origin: origin })]) {
        expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
        expect(answer.headers.vary).toBe('Origin');
      }
    },
  );

  test('are all allowed by *, and none by default', async () => {
    await start({ CORS_ORIGINS: '*' });
    expect((await get('/', { Origin: SHOP })).headers['access-control-allow-origin']).toBe('*');
    await node.broker.stop();
    await start({});
    expect((await get('/', { Origin: SHOP })).headers).not.toHaveProperty('access-control-allow-origin');
    const asked = await preflight(SHOP);
    expect(asked.headers).toMatchObject({ allow: 'GET, HEAD, POST, OPTIONS' });
  });

  test('OPTIONS that is no preflight says what the address takes', async () => {
    await start({ CORS_ORIGINS: SHOP });
    for (const headers of [{}, { Origin: SHOP }] as Record<string, string>[]) {
      const answer = await send(node.port, '/api/orders', { method: 'OPTIONS', headers });
      expect(answer.status).toBe(204);
      expect(answer.headers.allow).toBe('GET, HEAD, POST, OPTIONS');
    }
  });
});

describe('actions', () => {
  test('none is reachable by its name, with any token and any method', async () => {
    await start({});
    node.broker.createService({
      name: 'orders2',
      actions: { secret: { rest: 'GET /secret', visibility: 'published', handler: () => 'secret' } },
    });
    await node.broker.waitForServices('orders2');
    const actions = node.broker.registry.actions.list({ onlyAvailable: false }) as unknown as { name: string }[];
    const names = [...new Set(actions.map(({ name }) => name))];
    expect(names).toEqual(expect.arrayContaining(['$node.options', 'orders.create', 'orders2.secret']));
    const token = bearer(
      await tokenOf('alice', 'operator', 'orders:any-user', 'payments:any-user', 'payments:deposit'),
    );
    for (const name of names) {
      const [service = '', action = ''] = name.split('.');
      const slashed = `${service.replace('$', '~')}/${action}`;
      for (const path of [name, slashed, slashed.replace('~', '$'), `api/${slashed}`, `api/${name}`]) {
        for (const method of ['GET', 'POST', 'PUT']) {
          const answer = await send(node.port, `/${path}`, { method, headers: token });
          // Below api/orders it is an order's id, and no well-formed one.
          const refusals = path.startsWith('api/orders/') ? [400, 405] : [404];
          expect([path, method, refusals.includes(answer.status)]).toEqual([path, method, true]);
        }
      }
    }
    expect((await get('/secret', token)).status).toBe(404);
    expect(node.calls).toEqual([]);
  });
});

describe('in production', () => {
  const config = loadConfig({ NODE_ENV: 'production' });

  test.each([
    ['api', apiService],
    ['orders', ordersService],
    ['payments', paymentsService],
  ])('the %s node is not made before somebody has decided about authorisation', async (_name, service) => {
    await start({});
    expect(() => service(config)).toThrow(/NODE_ENV is production and nothing says who may call: set AUTH=jwt/);
  });

  test('a node whose file of secrets cannot be used does not start', async () => {
    await start({});
    const broker = new ServiceBroker({ logger: false });
    const access = { AUTH_SECRET_FILE: '/nowhere/secrets', API_PORT: '0', HTTP_HOST: '127.0.0.1' };
    broker.createService(apiService(loadConfig({ NODE_ENV: 'production', ...access })));
    await expect(broker.start()).rejects.toThrow('AUTH_SECRET_FILE, /nowhere/secrets, cannot be read');
  });
});

test('the token of a caller does not reach actions: only its user does', async () => {
  await start({});
  await get(`/api/orders/${ORDER_ID}`, bearer(await tokenOf('alice')));
  expect(JSON.stringify(node.calls)).not.toContain('Bearer');
  expect(node.calls).toHaveLength(1);
});
