import { SCOPES } from '../../http/access.ts';
import type { Route } from '../../http/route.ts';
import { orderRoutes, paymentRoutes } from '../../http/routes.ts';
import { callAddress, nameOf, OWNER, scopesFor, STRANGER } from '../support/access-walk.ts';
import { expectProblem } from '../support/expect-problem.ts';
import type { HttpAnswer } from '../support/http-client.ts';
import { ORDER_ID, startRestNode, type RestNode } from '../support/rest-node.ts';
import { accessByTokens, tokenOf } from '../support/tokens.ts';

const UNKNOWN_ORDER_ID = '0193b5a0-7c1e-7a2b-8c3d-ffffffffffff';
const VALUES = { userId: OWNER, orderId: ORDER_ID, amount: '1.00', type: 'not-found', file: 'start.js' };
const OPERATOR_TOKEN = 'operator-token-0123456789';

const access = accessByTokens({ OPERATOR_TOKEN });
let node: RestNode;

/** What a client sees of a refusal, without what differs from request to request. */
function sight({ status, json, headers }: HttpAnswer, ...names: string[]): object {
  const { instance: _instance, requestId: _requestId, detail, ...rest } = json ?? {};
  const neutral = names.reduce((text, name) => text.replaceAll(name, '…'), String(detail));
  const { date: _date, 'x-request-id': _id, 'content-length': _length, ...shown } = headers;
  return { status, rest, neutral, shown };
}

// The doors of 8080, 8081 and 8082.
describe.each([
  ['the gateway', [...orderRoutes, ...paymentRoutes]],
  ['the orders node', orderRoutes],
  ['the payments node', paymentRoutes],
])('%s, address by address', (_door, routes) => {
  beforeAll(async () => {
    node = await startRestNode(
      {
        'orders.show': ({ params }) => {
          if (params.orderId === ORDER_ID) return { ...ORDER, userId: OWNER };
          const route = orderRoutes.find(({ action }) => action === 'orders.show');
          throw route?.foreign(params) ?? new Error('no such route');
        },
      },
      { routes, access },
    );
  });

  afterAll(async () => {
    await node.broker.stop();
  });

  beforeEach(() => {
    node.calls.length = 0;
  });

  const each = async (visit: (route: Route) => Promise<void>, ...kinds: string[]): Promise<void> => {
    const visited = node.service.addresses.filter(
      (route): route is Route => route.kind !== 'console' && kinds.includes(route.access.kind),
    );
    for (const route of visited) {
      await visit(route).catch((error: unknown) => {
        throw new Error(`${nameOf(route)}: ${(error as Error).message}`, { cause: error });
      });
    }
  };

  test('serves its calls, and no address without its access', () => {
    const addresses = node.service.addresses;
    expect(addresses.filter(({ kind }) => kind !== 'page')).toHaveLength(routes.length);
    expect(addresses.filter((route) => !['public', 'user', 'operator'].includes(route.access.kind))).toEqual([]);
  });

  test('asks for a token wherever the address is not public, and calls nothing without one', async () => {
    await each(
      async (route) => {
        for (const token of [null, 'garbage', await tokenOf('not a user id')]) {
          const answer = await callAddress(node.port, route, VALUES, token);
          expectProblem(answer, 401, 'unauthorized');
          expect(answer.headers['www-authenticate']).toMatch(/^Bearer realm=/);
        }
      },
      'user',
      'operator',
    );
    expect(node.calls).toEqual([]);
  });

  test('answers the public addresses without one, and with a bad one', async () => {
    await each(async (route) => {
      for (const token of [null, 'garbage']) {
        const { status } = await callAddress(node.port, route, VALUES, token);
        expect(status).toBe(200);
      }
    }, 'public');
  });

  test("does what the user's own token asks for", async () => {
    await each(async (route) => {
      node.calls.length = 0;
      const answer = await callAddress(node.port, route, VALUES, await tokenOf(OWNER, ...scopesFor(route)));
      expect([200, 201]).toContain(answer.status);
      expect(node.calls).toHaveLength(1);
    }, 'user');
  });

  test('refuses a token that lacks the scope of the address, whatever other scopes it has', async () => {
    let refused = 0;
    await each(
      async (route) => {
        const [needed] = scopesFor(route);
        if (needed === undefined) return;
        refused += 1;
        const others = SCOPES.filter((scope) => scope !== needed);
        for (const scopes of [[], others]) {
          const answer = await callAddress(node.port, route, VALUES, await tokenOf(OWNER, ...scopes));
          expectProblem(answer, 403, 'forbidden');
          expect(answer.headers['www-authenticate']).toContain(`error="insufficient_scope", scope="${needed}"`);
        }
      },
      'user',
      'operator',
    );
    expect(node.calls).toEqual([]);
    expect(refused).toBeGreaterThanOrEqual(routes.some(({ access: { scope } }) => scope !== undefined) ? 1 : 0);
  });

  test("tells a stranger of another user's thing what it tells of one that does not exist", async () => {
    await each(async (route) => {
      if (route.kind === 'page') return;
      const others = SCOPES.filter((scope) => !('anyUser' in route.access && scope === route.access.anyUser));
      for (const scopes of [scopesFor(route), others]) {
        const stranger = await tokenOf(STRANGER, ...scopes);
        const answer = await callAddress(node.port, route, VALUES, stranger);
        expect(answer.status).toBe(404);
        expect(answer.json?.type).toMatch(/^\/problems\/(user|account|order)-not-found$/);
        const unknown = await callAddress(
          node.port,
          route,
          { ...VALUES, userId: 'walk-nobody', orderId: UNKNOWN_ORDER_ID },
          stranger,
        );
        expect(sight(answer, OWNER, ORDER_ID)).toEqual(sight(unknown, 'walk-nobody', UNKNOWN_ORDER_ID));
      }
    }, 'user');
    // Whose an order is, is known when it has been read; nothing else is asked.
    expect(node.calls.filter(({ action }) => action !== 'orders.show')).toEqual([]);
  });

  test('does for a service what it asks for every user', async () => {
    await each(async (route) => {
      if (route.access.kind !== 'user') return;
      const service = await tokenOf('a-service', route.access.anyUser, ...scopesFor(route));
      expect([200, 201]).toContain((await callAddress(node.port, route, VALUES, service)).status);
    }, 'user');
  });

  test("takes the operator's static token at the operator's addresses alone", async () => {
    await each(async (route) => {
      expect((await callAddress(node.port, route, VALUES, OPERATOR_TOKEN)).status).toBe(200);
    }, 'operator');
    await each(async (route) => {
      expectProblem(await callAddress(node.port, route, VALUES, OPERATOR_TOKEN), 403, 'forbidden');
    }, 'user');
    expect(node.calls).toEqual([]);
  });
});

const ORDER = {
  orderId: ORDER_ID,
  amount: '40.05',
  description: null,
  // A stream of it ends at once.
  status: 'FINISHED',
  reason: null,
  version: 1,
  createdAt: '2026-01-02T03:04:05.678Z',
  updatedAt: '2026-01-02T03:04:05.678Z',
};
