import type { ServiceBroker } from 'moleculer';
import { apiClient, dataOf, ProblemError, type ApiClient } from '../../client/client.ts';
import type { RestService } from '../../mixins/rest.mixin.ts';
import type { HttpAnswer } from '../support/http-client.ts';
import { DocumentChecks } from '../support/openapi/document-checks.ts';
import { shopCluster, type ShopCluster } from '../support/shop-cluster.ts';

/** A walk through the contract with its typed client; every answer is held against the document of the door. */

let cluster: ShopCluster;
let gateway: Walk;
let ordersDoor: Walk;
let paymentsDoor: Walk;

interface Walk {
  readonly client: ApiClient;
  readonly checks: DocumentChecks;
  /** Operations that were asked. */
  readonly visited: Set<string>;
  /** What was answered otherwise than the document says. */
  readonly undocumented: string[];
}

beforeAll(async () => {
  cluster = await shopCluster();
  const [api, orders, payments] = await Promise.all([
    cluster.start('api'),
    cluster.start('orders'),
    cluster.start('payments'),
  ]);
  await api.waitForServices(['orders', 'payments']);
  gateway = await walkThrough(api, 'api');
  ordersDoor = await walkThrough(orders, 'orders');
  paymentsDoor = await walkThrough(payments, 'payments');
});

afterAll(() => cluster.end());

async function walkThrough(broker: ServiceBroker, name: string): Promise<Walk> {
  const { listener } = broker.getLocalService(name) as RestService;
  const baseUrl = `http://127.0.0.1:${listener.port}`;
  const document = await fetch(`${baseUrl}/openapi.json`).then((response) => response.json());
  const checks = new DocumentChecks(document as object);
  const visited = new Set<string>();
  const undocumented: string[] = [];
  const observed = async (request: Request): Promise<Response> => {
    const response = await fetch(request);
    const address = addressOf(checks, request);
    visited.add(address);
    undocumented.push(...checks.undocumented(address, await read(response.clone())));
    return response;
  };
  return { client: apiClient({ baseUrl, fetch: observed }), checks, visited, undocumented };
}

/** The operation that a request is for; a path without parameters goes before one with. */
function addressOf({ operations }: DocumentChecks, { method, url }: Request): string {
  const asked = `${method} ${new URL(url).pathname}`;
  if (operations.has(asked)) return asked;
  const fits = (address: string): boolean => new RegExp(`^${address.replace(/\{\w+\}/g, '[^/]+')}$`).test(asked);
  return [...operations.keys()].find(fits) ?? asked;
}

async function read(response: Response): Promise<HttpAnswer> {
  const text = await response.text();
  const isJson = response.headers.get('Content-Type')?.includes('json') === true;
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    text,
    ...(isJson ? { json: JSON.parse(text) as Record<string, unknown> } : { json: undefined }),
  };
}

test('from an account to a paid order, through every operation of the gateway', async () => {
  const { client } = gateway;
  const userId = 'alice';

  expect(dataOf(await client.POST('/api/payments/accounts', { body: { userId } }))).toMatchObject({ balance: 0 });
  const filled = dataOf(await client.POST('/api/payments/accounts/deposit', { body: { userId, amount: '100.10' } }));
  expect(filled).toMatchObject({ balance: 100.1, version: 1 });
  const bonus = { body: { userId, amount: 0.9 }, params: { header: { 'Idempotency-Key': 'bonus' } } };
  const first = await client.POST('/api/payments/accounts/deposit', bonus);
  const repeated = await client.POST('/api/payments/accounts/deposit', bonus);
  expect(repeated.response.headers.get('Idempotency-Replayed')).toBe('true');
  expect(dataOf(repeated)).toEqual(dataOf(first));

  const order = dataOf(await client.POST('/api/orders', { body: { userId, amount: 40.05, description: 'tea' } }));
  expect(order.status).toBe('NEW');
  const path = { orderId: order.orderId };
  const events = dataOf(await client.GET('/api/orders/{orderId}/events', { params: { path }, parseAs: 'text' }));
  expect(events).toContain('"status":"FINISHED"');

  const shown = await client.GET('/api/orders/{orderId}', { params: { path } });
  expect(dataOf(shown).status).toBe('FINISHED');
  const header = { 'If-None-Match': shown.response.headers.get('ETag') ?? '' };
  const again = await client.GET('/api/orders/{orderId}', { params: { path, header } });
  expect(again.response.status).toBe(304);

  const list = dataOf(await client.GET('/api/orders', { params: { query: { userId, status: 'FINISHED', limit: 1 } } }));
  expect(list.items).toEqual([shown.data]);
  const account = dataOf(await client.GET('/api/payments/accounts/{userId}', { params: { path: { userId } } }));
  expect(account).toMatchObject({ balance: 60.95, version: 3 });
  const entries = await client.GET('/api/payments/accounts/{userId}/entries', { params: { path: { userId } } });
  expect(dataOf(entries).items.map(({ kind, balanceAfter }) => [kind, balanceAfter])).toEqual([
    ['payment', 60.95],
    ['deposit', 101],
    ['deposit', 100.1],
  ]);

  expect(dataOf(await client.GET('/health/live')).status).toBe('live');
  expect(dataOf(await client.GET('/health/ready')).status).toBe('ready');
  expect(dataOf(await client.GET('/')).calls).toContain('POST /api/orders');
  expect(dataOf(await client.GET('/openapi.json'))).toEqual(gateway.checks.document);
  expect(dataOf(await client.GET('/asyncapi.json'))).toMatchObject({ asyncapi: '3.0.0' });
  const type = 'invalid-input';
  for (const page of [
    await client.GET('/metrics', { parseAs: 'text' }),
    await client.GET('/problems', { parseAs: 'text' }),
    await client.GET('/problems/{type}', { params: { path: { type } }, parseAs: 'text' }),
    await client.GET('/docs', { parseAs: 'text' }),
    await client.GET('/docs/{file}', { params: { path: { file: 'start.js' } }, parseAs: 'text' }),
  ]) {
    expect(page.data).not.toBe('');
  }

  expect([...gateway.visited].sort()).toEqual([...gateway.checks.operations.keys()].sort());
  expect(gateway.undocumented).toEqual([]);
});

test('problems are typed: their kind tells them apart', async () => {
  const { client } = gateway;
  const body = { userId: 'bob' };
  await client.POST('/api/payments/accounts', { body });
  const { error } = await client.POST('/api/payments/accounts', { body });
  expect(error?.type).toBe('/problems/account-exists');
  // @ts-expect-error Opening an account never answers that there is none.
  expect(error?.type === '/problems/account-not-found').toBe(false);

  const refused = await client.POST('/api/orders', { body: { ...body, amount: 10.075 } });
  expect(refused.error?.type).toBe('/problems/invalid-input');
  expect(() => dataOf(refused)).toThrow(ProblemError);
  expect(gateway.undocumented).toEqual([]);
});

test('what is no input of the contract does not compile', () => {
  const { client } = gateway;
  const neverCalled = (): unknown[] => [
    // @ts-expect-error An amount is missing.
    client.POST('/api/orders', { body: { userId: 'alice' } }),
    // @ts-expect-error There is no such status.
    client.GET('/api/orders', { params: { query: { userId: 'alice', status: 'PAID' } } }),
    // @ts-expect-error There is no such path.
    client.GET('/api/order', {}),
  ];
  expect(neverCalled).toBeInstanceOf(Function);
});

test('each door describes its own calls, and answers them by the same rules', async () => {
  const callsOf = ({ checks }: Walk): string[] =>
    [...checks.operations.keys()].filter((address) => address.includes(' /api/'));
  expect([...callsOf(ordersDoor), ...callsOf(paymentsDoor)].sort()).toEqual(callsOf(gateway).sort());
  expect(callsOf(ordersDoor).every((address) => address.includes(' /api/orders'))).toBe(true);

  const order = await ordersDoor.client.POST('/api/orders', { body: { userId: 'carol', amount: 1 } });
  expect(dataOf(order).status).toBe('NEW');
  const account = await paymentsDoor.client.POST('/api/payments/accounts', { body: { userId: 'carol' } });
  expect(dataOf(account).balance).toBe(0);
  expect([...ordersDoor.undocumented, ...paymentsDoor.undocumented]).toEqual([]);
});
