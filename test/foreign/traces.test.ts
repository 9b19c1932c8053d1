import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { eventually } from '../support/eventually.ts';
import { startFleet, type Fleet } from '../support/fleet.ts';
import { startSpanCollector, type SpanCollector } from '../support/span-collector.ts';
import { installOtlpReader, type ReadSpan, type ReadSpans } from './tools/otlp.ts';
import { INSTALL_TIMEOUT_MS } from './tools/tool.ts';

/** Transactions of two orders nodes that wait in PostgreSQL: what comes after them gathers. */
const IN_FLIGHT = 4;
const ORDERS = IN_FLIGHT + 140;
/** Beyond the SDK's own limits of links, which would cut a batch. */
const BATCH = 50;
const SPANS_OF_AN_ORDER = 8;

interface SentOrder {
  readonly orderId: string;
  readonly traceId: string;
  /** The client's own span. */
  readonly spanId: string;
  readonly finalType: 'payment.completed' | 'payment.rejected';
}

let readSpans: ReadSpans;
let collector: SpanCollector;
let fleet: Fleet;
let database: Client;
let orders: SentOrder[];
let spans: ReadSpan[];

beforeAll(async () => {
  [readSpans, collector] = await Promise.all([installOtlpReader(), startSpanCollector()]);
  fleet = await startFleet(
    { api: 1, orders: 2, payments: 1 },
    {
      environment: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, OTEL_RESOURCE_ATTRIBUTES: 'shop=corner%20shop' },
    },
  );
  database = new Client({ connectionString: fleet.postgres.urlOf('orders') });
  await database.connect();
  await call('/api/payments/accounts', { userId: 'rich-user' });
  await call('/api/payments/accounts/deposit', { userId: 'rich-user', amount: 1000 });
  orders = await orderTogether();
  spans = await eventually(
    async () => {
      const read = await readSpans(collector.bodies);
      const ofOrders = new Set(orders.map(({ traceId }) => traceId));
      expect(read.filter(({ traceId }) => ofOrders.has(traceId)).length).toBeGreaterThanOrEqual(
        ORDERS * SPANS_OF_AN_ORDER,
      );
      return read;
    },
    { timeoutMs: 60_000, intervalMs: 1000 },
  );
}, INSTALL_TIMEOUT_MS);

afterAll(async () => {
  await database.end();
  await fleet.stop();
  await collector.close();
}, 60_000);

async function call(path: string, body: object, headers: Record<string, string> = {}): Promise<Record<string, string>> {
  const response = await fetch(`http://127.0.0.1:${fleet.gatewayPorts[0] ?? 0}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  expect(response.status).toBeLessThan(300);
  return (await response.json()) as Record<string, string>;
}

/** One in three by a user with an account, in the trace of a client of ours. */
async function order(index: number): Promise<SentOrder> {
  const [traceId, spanId] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
  const isRich = index % 3 === 0;
  const body = { userId: isRich ? 'rich-user' : `nobody-${index}`, amount: 1, description: 'a secret gift' };
  const { orderId = '' } = await call('/api/orders', body, { traceparent: `00-${traceId}-${spanId}-01` });
  return { orderId, traceId, spanId, finalType: isRich ? 'payment.completed' : 'payment.rejected' };
}

/** The orders of two nodes, in as few transactions as they make of them. */
async function orderTogether(): Promise<SentOrder[]> {
  await database.query('BEGIN');
  await database.query('LOCK TABLE orders IN ACCESS EXCLUSIVE MODE');
  const sent: Promise<SentOrder>[] = [];
  for (let waiting = 1; waiting <= IN_FLIGHT; waiting++) {
    sent.push(order(sent.length));
    await eventually(async () => {
      const { rowCount } = await database.query(
        `SELECT FROM pg_locks WHERE NOT granted AND relation = 'orders'::regclass`,
      );
      expect(rowCount).toBe(waiting);
    });
  }
  while (sent.length < ORDERS) sent.push(order(sent.length));
  await eventually(async () => {
    const metrics = await (await fetch(`http://127.0.0.1:${fleet.gatewayPorts[0] ?? 0}/metrics`)).text();
    expect(metrics).toContain(`http_requests_in_flight ${ORDERS + 1}`);
  });
  await database.query('COMMIT');
  return Promise.all(sent);
}

/** The spans of an order's trace, each the child of the one before. */
function chainOf({ traceId, spanId }: SentOrder): ReadSpan[] {
  const own = spans.filter((span) => span.traceId === traceId);
  const chain: ReadSpan[] = [];
  for (let parent: string | undefined = spanId; parent !== undefined; parent = chain.at(-1)?.spanId) {
    const next = own.find(({ parentSpanId }) => parentSpanId === parent);
    if (next === undefined) break;
    chain.push(next);
  }
  return chain;
}

function serviceAndName({ service, name, kind }: ReadSpan): string {
  return `${service} ${name} ${kind.replace('SPAN_KIND_', '')}`;
}

/** Those that belong to no order alone. */
function batches(name: RegExp): ReadSpan[] {
  return spans.filter((span) => name.test(span.name) && span.parentSpanId === '' && span.links.length > 0);
}

test('every order is one trace, from its client over HTTP, Kafka and both databases to its final state', () => {
  for (const sent of orders) {
    const chain = chainOf(sent);
    expect(chain.map(serviceAndName)).toEqual([
      'api POST /api/orders SERVER',
      'api orders.create CLIENT',
      'orders orders.create SERVER',
      'orders commit order INTERNAL',
      'orders publish order.created PRODUCER',
      'payments process order.created CONSUMER',
      `payments publish ${sent.finalType} PRODUCER`,
      `orders process ${sent.finalType} CONSUMER`,
    ]);
    expect(spans.filter(({ traceId }) => traceId === sent.traceId)).toHaveLength(SPANS_OF_AN_ORDER);
    for (const span of chain.slice(3)) expect(span.attributes['app.aggregate.id']).toBe(sent.orderId);
    for (const [index, span] of chain.entries()) {
      expect(span.status).toBe('STATUS_CODE_UNSET');
      expect(span.endMs).toBeGreaterThanOrEqual(span.startMs);
      // Of one clock, on one machine.
      expect(span.startMs).toBeGreaterThanOrEqual(chain[index - 1]?.startMs ?? 0);
    }
  }
});

test.each([
  ['a transaction of orders', /^commit orders$/, 'commit order'],
  ['a request of a relay', /^publish to /, 'publish '],
  ['a transaction of a consumer', /^settle /, 'process '],
])('%s has links to all its parents, which are children in their own traces', (_what, name, itemName) => {
  const found = batches(name);
  expect(found.length).toBeGreaterThan(0);
  for (const batch of found) {
    const items = spans.filter(({ links }) => links.some(({ spanId }) => spanId === batch.spanId));
    for (const item of items) expect(item.name.startsWith(itemName)).toBe(true);
    const parents = items.map(({ traceId, parentSpanId }) => ({ traceId, spanId: parentSpanId }));
    expect(new Set(batch.links.map(textOf))).toEqual(new Set(parents.map(textOf)));
    expect(batch.links).toHaveLength(parents.length);
    expect(items.every(({ node }) => node === batch.node)).toBe(true);
  }
});

function textOf({ traceId, spanId }: { readonly traceId: string; readonly spanId: string }): string {
  return `${traceId}/${spanId}`;
}

test('a batch of more than fifty parents loses none of them', () => {
  const sizes = batches(/^commit orders$/).map(({ links }) => links.length);
  expect(Math.max(...sizes)).toBeGreaterThanOrEqual(BATCH);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(ORDERS);
});

test('the trace goes on when the relay of another node publishes', () => {
  const nodes = orders.map((sent) => {
    const chain = chainOf(sent);
    return { commit: chain[3]?.node, publish: chain[4]?.node };
  });
  for (const relay of ['orders-0', 'orders-1']) {
    expect(nodes.filter(({ commit, publish }) => publish === relay && commit === relay).length).toBeGreaterThan(0);
    expect(nodes.filter(({ commit, publish }) => publish === relay && commit !== relay).length).toBeGreaterThan(0);
  }
});

test('no span holds anything of a user', () => {
  expect(JSON.stringify(spans)).not.toMatch(/rich-user|nobody-|secret gift/);
  expect(collector.strange).toEqual([]);
});

test('an unsampled trace of a client stays one: no node makes a span of it', async () => {
  const unsampled = randomBytes(16).toString('hex');
  const body = { userId: 'rich-user', amount: 1 };
  await call('/api/orders', body, { traceparent: `00-${unsampled}-${randomBytes(8).toString('hex')}-00` });
  // One that is recorded comes after it, the same way.
  const after = await order(0);
  await eventually(
    async () => {
      spans = await readSpans(collector.bodies);
      expect(chainOf(after)).toHaveLength(SPANS_OF_AN_ORDER);
    },
    { timeoutMs: 30_000, intervalMs: 500 },
  );
  expect(spans.filter(({ traceId }) => traceId === unsampled)).toEqual([]);
});
