import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { eventually } from '../support/eventually.ts';
import { startFleet, type Fleet, type FleetNode } from '../support/fleet.ts';
import { post as postTo, send, type HttpAnswer } from '../support/http-client.ts';
import { startSpanCollector, type SpanCollector } from '../support/span-collector.ts';

jest.setTimeout(120_000);

/** Nowhere else in a log; each is somebody's. */
const PERSONAL = {
  userId: 'u-5e1f-marmalade',
  stranger: 'u-77aa-nutmeg',
  description: 'a birthday surprise for cinnamon',
  amount: 48_151.62,
  minorUnits: '4815162',
  token: 'tok-saffron-0815',
  key: 'key-cardamom',
};
const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const TRACEPARENT = `00-${TRACE_ID}-00f067aa0ba902b7-01`;
/** Several heartbeats, and every other thing that the nodes do each second or every five. */
const IDLE_MS = 10_000;

let collector: SpanCollector;
let fleet: Fleet;

beforeAll(async () => {
  collector = await startSpanCollector();
  collector.answer = 'refuses';
  fleet = await startFleet(
    { api: 1, orders: 1, payments: 1 },
    { environment: { LOG_LEVEL: 'debug', OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint } },
  );
});

afterAll(async () => {
  await fleet.stop();
  await collector.close();
}, 60_000);

type Line = Readonly<Record<string, unknown>>;

function textOf({ logFile }: FleetNode): string {
  return readFileSync(logFile, 'utf8');
}

function allText(): string {
  return fleet.nodes.map(textOf).join('');
}

/** @throws when a line is no JSON */
function linesOf(text: string): Line[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
}

function post(path: string, body: string | object, headers: Record<string, string> = {}): Promise<HttpAnswer> {
  return postTo(fleet.gatewayPorts[0] ?? 0, path, body, headers);
}

test('each thing that happens to an order is one line, with the ids of its request, its trace and itself', async () => {
  const { userId, description, amount, key, token } = PERSONAL;
  await post('/api/payments/accounts', { userId });
  await post('/api/payments/accounts/deposit', { userId, amount }, { 'Idempotency-Key': key });
  const { json } = await post(
    '/api/orders',
    { userId, amount, description },
    { traceparent: TRACEPARENT, 'X-Request-ID': 'request-of-the-order', Authorization: `Bearer ${token}` },
  );
  const orderId = String(json?.orderId);
  const lines = await eventually(() => {
    const about = linesOf(allText()).filter((line) => line['orderId'] === orderId);
    expect(about).toHaveLength(3);
    return about;
  });
  expect(lines.map(({ nodeID, msg }) => `${String(nodeID)} ${String(msg)}`).sort()).toEqual([
    'orders-0 An order is FINISHED.',
    'orders-0 An order is accepted.',
    'payments-0 An order is decided: payment.completed.',
  ]);
  for (const line of lines) expect(line).toMatchObject({ level: 'debug', traceId: TRACE_ID });
  expect(lines.find(({ msg }) => msg === 'An order is accepted.')).toMatchObject({
    requestId: 'request-of-the-order',
    spanId: expect.stringMatching(/^[0-9a-f]{16}$/) as unknown,
  });
  await eventually(() => {
    const answered = linesOf(allText()).filter(({ msg }) => msg === 'POST /api/orders is answered.');
    expect(answered).toEqual([
      expect.objectContaining({ status: 201, requestId: 'request-of-the-order', traceId: TRACE_ID }),
    ]);
  });
});

test('no line holds anything of a user, whatever they send and whatever becomes of it', async () => {
  const { userId, stranger, description, amount, key } = PERSONAL;
  const port = fleet.gatewayPorts[0] ?? 0;
  const get = (path: string): Promise<HttpAnswer> => send(port, path);
  const statuses = [
    await post('/api/orders', { userId: stranger, amount, description }),
    await post('/api/orders', { userId, amount, description: 5, extra: description }),
    await post('/api/orders', `{"userId":"${userId}","description":"${description}"`),
    await post('/api/orders', { userId, amount: description }),
    await post('/api/payments/accounts', { userId }),
    await post('/api/payments/accounts/deposit', { userId: stranger, amount }),
    await post('/api/payments/accounts/deposit', { userId, amount: 1 }, { 'Idempotency-Key': key }),
    await get(`/api/payments/accounts/${stranger}`),
    await get(`/api/payments/accounts/${userId}/entries`),
    await get(`/api/orders?userId=${userId}&limit=${userId}`),
    await get(`/${userId}?${stranger}`),
  ].map(({ status }) => status);
  expect(new Set(statuses)).toEqual(new Set([200, 201, 400, 404, 409, 422]));
  // A defect: the table is not there, and PostgreSQL, its driver and Sequelize all have something to say.
  const client = new Client({ connectionString: fleet.postgres.urlOf('payments') });
  await client.connect();
  await client.query('ALTER TABLE accounts RENAME TO hidden');
  expect((await get(`/api/payments/accounts/${userId}`)).status).toBe(500);
  expect((await post('/api/payments/accounts', { userId: stranger })).status).toBe(500);
  await client.query('ALTER TABLE hidden RENAME TO accounts');
  await client.end();
  const text = allText();
  expect(text).toContain('met a defect');
  const telling = text
    .split('\n')
    .filter((line) => Object.values(PERSONAL).some((each) => line.includes(String(each))));
  expect(telling).toEqual([]);
});

test('a collector that takes nothing is one line of each node', async () => {
  await eventually(() => {
    for (const node of fleet.nodes) expect(textOf(node).match(/takes no spans/g)).toHaveLength(1);
  });
});

test('a system in which nothing happens writes nothing', async () => {
  const lengths = fleet.nodes.map((node) => textOf(node).length);
  await sleep(IDLE_MS);
  const written = fleet.nodes.flatMap((node, index) => linesOf(textOf(node).slice(lengths[index])));
  expect(written).toEqual([]);
});

test('no stop waits for a collector that hangs', async () => {
  collector.answer = 'hangs';
  await post('/api/orders', { userId: PERSONAL.userId, amount: 1 });
  const ends = await Promise.all(fleet.nodes.map((node) => node.stop()));
  expect(ends).toEqual(fleet.nodes.map(() => expect.objectContaining({ code: 0, killed: false }) as unknown));
  expect(allText()).not.toMatch(/[Uu]nhandled|uncaught/);
});
