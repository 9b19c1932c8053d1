import type { ServiceBroker } from 'moleculer';
import pg from 'pg';
import { registryOf } from '../../metrics/registry.ts';
import type { RestService } from '../../mixins/rest.mixin.ts';
import { eventually } from '../support/eventually.ts';
import { badFieldsOf, expectProblem } from '../support/expect-problem.ts';
import { post, send, type HttpAnswer } from '../support/http-client.ts';
import { startRestNode } from '../support/rest-node.ts';
import { shopCluster, type NodeName, type ShopCluster } from '../support/shop-cluster.ts';

const ORDERS = '/api/orders';
const ACCOUNTS = '/api/payments/accounts';
const DEPOSITS = `${ACCOUNTS}/deposit`;

let cluster: ShopCluster;
let databases: Record<'orders' | 'payments', pg.Pool>;
/** Doors of the nodes: two of each service, and the gateway. */
let doors: { api: number; orders: [number, number]; payments: [number, number] };
/** The first of each service. */
const nodes = {} as Record<NodeName, ServiceBroker>;
let lastUser = 0;

beforeAll(async () => {
  cluster = await shopCluster();
  const start = async (name: NodeName, slot: number): Promise<number> => {
    const broker = await cluster.start(name, slot);
    if (slot === 0) nodes[name] = broker;
    return (broker.getLocalService(name) as RestService).listener.port;
  };
  const [api, orders, otherOrders, payments, otherPayments] = await Promise.all([
    start('api', 0),
    start('orders', 0),
    start('orders', 1),
    start('payments', 0),
    start('payments', 1),
  ]);
  doors = { api, orders: [orders, otherOrders], payments: [payments, otherPayments] };
  databases = {
    orders: new pg.Pool({ connectionString: cluster.config.orders.url }),
    payments: new pg.Pool({ connectionString: cluster.config.payments.url }),
  };
}, 120_000);

afterAll(async () => {
  await Promise.all(Object.values(databases).map((pool) => pool.end()));
  await cluster.end();
}, 60_000);

/** At the first node of a service. */
async function requestsInFlight(service: 'orders' | 'payments'): Promise<number | undefined> {
  const gauge = await registryOf(nodes[service]).getSingleMetric('http_requests_in_flight')?.get();
  return gauge?.values[0]?.value;
}

function newUser(): string {
  return `user-${++lastUser}`;
}

async function openAccount(userId: string): Promise<void> {
  expect((await post(doors.payments[0], ACCOUNTS, { userId })).status).toBe(201);
}

async function count(service: 'orders' | 'payments', sql: string, values: unknown[]): Promise<number> {
  const { rows } = await databases[service].query<{ count: number }>(`SELECT count(*)::int FROM ${sql}`, values);
  return rows[0]?.count ?? -1;
}

interface Call {
  readonly name: string;
  readonly service: 'orders' | 'payments';
  readonly path: string;
  readonly status: number;
  /** How its write begins, which a lock of the table holds up. */
  readonly write: `${string} ${'orders' | 'accounts'}`;
  readonly prepare: (userId: string) => Promise<void>;
  readonly body: (userId: string) => Record<string, unknown>;
  /** The same values, written in another way. */
  readonly respelt: (userId: string) => string;
  /** Effects of a user's requests. */
  readonly effects: (userId: string) => Promise<number>;
}

const CALLS: readonly Call[] = [
  {
    name: 'creating an order',
    service: 'orders',
    path: ORDERS,
    status: 201,
    write: 'INSERT INTO orders',
    prepare: () => Promise.resolve(),
    body: (userId) => ({ userId, amount: 10.5, description: 'tea' }),
    respelt: (userId) => `{ "description": "tea", "amount": "10.50",\n "userId": "${userId}" }`,
    effects: (userId) => count('orders', 'orders WHERE user_id = $1', [userId]),
  },
  {
    name: 'opening an account',
    service: 'payments',
    path: ACCOUNTS,
    status: 201,
    write: 'INSERT INTO accounts',
    prepare: () => Promise.resolve(),
    body: (userId) => ({ userId }),
    respelt: (userId) => `\n{"userId":   "${userId}"}`,
    effects: (userId) => count('payments', 'accounts WHERE user_id = $1', [userId]),
  },
  {
    name: 'a deposit',
    service: 'payments',
    path: DEPOSITS,
    status: 200,
    write: 'UPDATE accounts',
    prepare: openAccount,
    body: (userId) => ({ userId, amount: 10.5 }),
    respelt: (userId) => `{"amount":10.500,"userId":"${userId}"}`,
    effects: (userId) => count('payments', 'ledger_entries WHERE user_id = $1', [userId]),
  },
];

/** One effect was answered, all that succeeded say the same, the others are told to come back. */
function expectOneEffect(answers: readonly HttpAnswer[], status: number): void {
  const succeeded = answers.filter((answer) => answer.status === status);
  expect(new Set(succeeded.map(({ text }) => text)).size).toBe(1);
  expect(new Set(succeeded.map(({ headers }) => headers.location)).size).toBe(1);
  expect(succeeded.filter(({ headers }) => headers['idempotency-replayed'] === undefined)).toHaveLength(1);
  for (const answer of answers.filter((each) => each.status !== status)) {
    expectProblem(answer, 409, 'idempotency-key-in-use');
    expect(answer.headers['retry-after']).toBe('1');
  }
}

describe.each(CALLS)('$name', ({ service, path, status, write, prepare, body, respelt, effects }) => {
  let userId: string;
  let key: string;
  let cleanUp = (): void => undefined;
  const request = (port: number, sent: string | object = body(userId)): Promise<HttpAnswer> =>
    post(port, path, sent, { 'Idempotency-Key': key });
  const fifty = (portOfRequest: (index: number) => number): Promise<HttpAnswer[]> =>
    Promise.all(Array.from({ length: 50 }, (_, index) => request(portOfRequest(index))));

  beforeEach(async () => {
    userId = newUser();
    key = `key of ${userId}`;
    await prepare(userId);
  });

  afterEach(() => {
    cleanUp();
    cleanUp = () => undefined;
  });

  test('fifty at once with one key at one node have one effect', async () => {
    expectOneEffect(await fifty(() => doors[service][0]), status);
    expect(await effects(userId)).toBe(1);
  });

  test('fifty at once with one key, split over two nodes, have one effect', async () => {
    expectOneEffect(await fifty((index) => doors[service][index % 2] ?? 0), status);
    expect(await effects(userId)).toBe(1);
  });

  test('fifty with one key in one batch have one effect, and all are answered with it', async () => {
    const others = [newUser(), newUser()];
    for (const other of others) await prepare(other);
    const holder = await databases[service].connect();
    cleanUp = () => {
      holder.release(true);
    };
    // Both transactions that a node has at once are held up; what comes meanwhile gathers.
    await holder.query(`BEGIN; LOCK TABLE ${write.split(' ').at(-1) ?? ''} IN SHARE ROW EXCLUSIVE MODE`);
    const ahead: Promise<HttpAnswer>[] = [];
    for (const other of others) {
      ahead.push(post(doors[service][0], path, body(other)));
      await eventually(async () => {
        const waiting = `pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '${write}%'`;
        expect(await count(service, waiting, [])).toBe(ahead.length);
      });
    }
    const gathered = fifty(() => doors[service][0]);
    await eventually(async () => {
      expect(await requestsInFlight(service)).toBe(ahead.length + 50);
    });
    // What had come by then has been read when a later request is answered.
    await send(doors[service][0], '/health/live');
    await holder.query('COMMIT');
    const answers = await gathered;
    expectOneEffect(answers, status);
    expect(answers.map((answer) => answer.status)).toEqual(Array(50).fill(status));
    expect((await Promise.all(ahead)).map((answer) => answer.status)).toEqual([status, status]);
    expect(await effects(userId)).toBe(1);
  });

  test('a retry gets the first answer at any node, in any spelling of the values, quoted or not', async () => {
    const first = await request(doors[service][0]);
    expect(first.status).toBe(status);
    expect(first.headers).not.toHaveProperty('idempotency-replayed');
    const again = [
      await request(doors[service][1]),
      await request(doors[service][0], respelt(userId)),
      await request(doors.api),
      await post(doors.api, path, body(userId), { 'Idempotency-Key': `"${key}"` }),
    ];
    for (const answer of again) {
      expect({ status: answer.status, text: answer.text }).toEqual({ status, text: first.text });
      expect(answer.headers.location).toBe(first.headers.location);
      expect(answer.headers['idempotency-replayed']).toBe('true');
    }
    expect(await effects(userId)).toBe(1);
  });

  test('of another user the key is another key', async () => {
    const other = newUser();
    await prepare(other);
    expect((await request(doors[service][0])).status).toBe(status);
    const answer = await request(doors[service][0], body(other));
    expect(answer.json).toMatchObject({ userId: other });
    expect(answer.headers).not.toHaveProperty('idempotency-replayed');
    expect(await effects(other)).toBe(1);
  });
});

test('other values under a key are refused and have no effect', async () => {
  const userId = newUser();
  await openAccount(userId);
  const headers = { 'Idempotency-Key': 'k' };
  for (const [path, first] of [
    [DEPOSITS, doors.payments[0]],
    [ORDERS, doors.orders[0]],
  ] as const) {
    expect((await post(first, path, { userId, amount: 1 }, headers)).status).toBeLessThan(300);
    expectProblem(await post(doors.api, path, { userId, amount: 2 }, headers), 422, 'idempotency-key-reused');
  }
  expect(await count('payments', `ledger_entries WHERE user_id = $1 AND kind = 'deposit'`, [userId])).toBe(1);
  expect(await count('orders', 'orders WHERE user_id = $1', [userId])).toBe(1);
});

test('of another route the key is another key', async () => {
  const userId = newUser();
  const headers = { 'Idempotency-Key': 'k' };
  const answers = [
    await post(doors.api, ACCOUNTS, { userId }, headers),
    await post(doors.api, DEPOSITS, { userId, amount: 1 }, headers),
    await post(doors.api, ORDERS, { userId, amount: 1 }, headers),
  ];
  expect(answers.map(({ status }) => status)).toEqual([201, 200, 201]);
});

test('a request that failed keeps nothing: it succeeds with the same key when its cause is gone', async () => {
  const userId = newUser();
  const deposit = (): Promise<HttpAnswer> =>
    post(doors.api, DEPOSITS, { userId, amount: 1 }, { 'Idempotency-Key': 'k' });
  expectProblem(await deposit(), 404, 'account-not-found');
  await openAccount(userId);
  const [first, again] = [await deposit(), await deposit()];
  expect(first.json).toMatchObject({ balance: 1, version: 1 });
  expect(first.headers).not.toHaveProperty('idempotency-replayed');
  expect(again.text).toBe(first.text);
  // Opening it once more fails as it would without a key.
  expectProblem(await post(doors.api, ACCOUNTS, { userId }, { 'Idempotency-Key': 'k' }), 409, 'account-exists');
});

test('the first answer of an order says NEW, also when it is final by now', async () => {
  const userId = newUser();
  const create = (): Promise<HttpAnswer> => post(doors.api, ORDERS, { userId, amount: 1 }, { 'Idempotency-Key': 'k' });
  const first = await create();
  await eventually(async () => {
    expect((await send(doors.api, first.headers.location ?? '')).json).toMatchObject({ status: 'CANCELLED' });
  });
  const again = await create();
  expect(again.text).toBe(first.text);
  expect(again.json).toMatchObject({ status: 'NEW', reason: null });
});

test.each(['', '""', '"abc', '"a"b"', 'x'.repeat(256), 'schön', 'a\tb'])(
  'the key %j is refused, and nothing is done',
  async (key) => {
    const userId = newUser();
    const answer = await post(
      doors.orders[0],
      ORDERS,
      { userId, amount: 1 },
      { 'Idempotency-Key': Buffer.from(key).toString('latin1') },
    );
    expect(badFieldsOf(answer)).toEqual(['Idempotency-Key']);
    expect(await count('orders', 'orders WHERE user_id = $1', [userId])).toBe(0);
  },
);

test('a key that is given twice is refused, and nothing is done', async () => {
  const userId = newUser();
  const answer = await send(doors.orders[0], ORDERS, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': ['abc', 'abc'] },
    body: JSON.stringify({ userId, amount: 1 }),
  });
  expect(badFieldsOf(answer)).toEqual(['Idempotency-Key']);
  expect(await count('orders', 'orders WHERE user_id = $1', [userId])).toBe(0);
});

test('the longest key is taken, and on a GET even a malformed one is ignored', async () => {
  const userId = newUser();
  const headers = { 'Idempotency-Key': 'x'.repeat(255) };
  expect((await post(doors.orders[0], ORDERS, { userId, amount: 1 }, headers)).status).toBe(201);
  const read = await send(doors.orders[0], `${ORDERS}?userId=${userId}`, { headers: { 'Idempotency-Key': '""' } });
  expect(read.status).toBe(200);
});

test('a call from a REPL takes its key from the meta, and refuses one that is no text', async () => {
  const broker = await cluster.start('api', 1);
  await broker.waitForServices(['orders']);
  const params = { userId: newUser(), amount: 1 };
  const create = (idempotencyKey: unknown): Promise<unknown> =>
    broker.call('orders.create', params, { meta: { idempotencyKey } });
  expect(await create('k')).toEqual(await create('k'));
  expect(await count('orders', 'orders WHERE user_id = $1', [params.userId])).toBe(1);
  await expect(create(42)).rejects.toMatchObject({ type: 'invalid-input', code: 422 });
});

test('an unknown outcome says to send it again with the same key, or to use one next time', async () => {
  const silent = await startRestNode(
    { 'payments.deposit': () => new Promise(() => undefined) },
    { requestTimeoutMs: 100 },
  );
  const deposit = (headers: Record<string, string>): Promise<HttpAnswer> =>
    post(silent.port, DEPOSITS, { userId: 'alice', amount: 1 }, headers);
  const [withKey, without] = [await deposit({ 'Idempotency-Key': 'k' }), await deposit({})];
  await silent.broker.stop();
  expectProblem(withKey, 504, 'outcome-unknown');
  expect(withKey.json?.detail).toContain('Send it again with the same Idempotency-Key');
  expectProblem(without, 504, 'outcome-unknown');
  expect(without.json?.detail).toMatch(/look at the balance.*use one next time/);
});
