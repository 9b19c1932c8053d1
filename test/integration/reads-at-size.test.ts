import type { ServiceBroker } from 'moleculer';
import pg from 'pg';
import { cursorAfterEntry, cursorAfterOrder } from '../../contract/inputs.ts';
import type { Order, Page } from '../../contract/outputs.ts';
import { planOf, statementsOn, type ReadPlan } from '../support/read-plan.ts';
import { shopCluster, type ShopCluster } from '../support/shop-cluster.ts';

/**
 * What the service's own statements cost when a million rows are there, half of them one user's. Almost all orders of
 * that user are finished; a second large user's almost all cancelled, against what the table's statistics make likely.
 */
const ROWS = 1_000_000;
const PAGE = 50;
/** Each row of a page, and the one more that tells whether there is another, on a page of the table of its own at worst. */
const MAX_PAGES_OF_A_PAGE = PAGE + 1 + 20;
/** The way down the index, and the row. */
const MAX_PAGES_OF_ONE = 6;
const STATUSES = 1000;

let cluster: ShopCluster;
let broker: ServiceBroker;
let ordersDb: pg.Client;
let paymentsDb: pg.Client;

beforeAll(async () => {
  cluster = await shopCluster();
  broker = await cluster.start('orders');
  await cluster.start('payments');
  await broker.waitForServices(['payments']);
  ordersDb = await connected(cluster.config.orders.url);
  paymentsDb = await connected(cluster.config.payments.url);
  await Promise.all([fillOrders(), fillEntries()]);
}, 240_000);

afterAll(async () => {
  await Promise.all([ordersDb.end(), paymentsDb.end()]);
  await cluster.end();
});

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}

/** Of 20 orders in a row 10 are of `whale`, 2 of `broke`, the others of users with 40 each; at the beginning `gone` had half. */
async function fillOrders(): Promise<void> {
  await ordersDb.query(`
    INSERT INTO orders (order_id, user_id, amount, status, reason, version, created_at, updated_at)
    SELECT uuidv7(make_interval(secs => (i - ${ROWS}) / 10)), user_id, 100, status,
           CASE status WHEN 'CANCELLED' THEN 'insufficient-funds' END, 2, now(), now()
      FROM (SELECT i, user_id,
                   CASE WHEN i % 100000 < 2 THEN 'NEW'
                        WHEN user_id = 'broke' THEN CASE WHEN i % 200000 = 3 THEN 'FINISHED' ELSE 'CANCELLED' END
                        WHEN i % 50000 = 4 THEN 'CANCELLED'
                        ELSE 'FINISHED' END AS status
              FROM (SELECT i, CASE WHEN i % 2 = 0 THEN 'whale' WHEN i < 100000 THEN 'gone' WHEN i % 20 IN (1, 3) THEN 'broke'
                              ELSE 'user-' || i % 10007 END AS user_id
                      FROM generate_series(1, ${ROWS}) AS i) AS numbered) AS orders
     ORDER BY i`);
  await ordersDb.query('VACUUM (ANALYZE) orders');
}

/** Half of all entries are those of `whale`. */
async function fillEntries(): Promise<void> {
  await paymentsDb.query(`
    INSERT INTO accounts (user_id, balance, version, opening_id)
    SELECT user_id, 0, 0, gen_random_uuid()
      FROM (SELECT 'whale' AS user_id UNION ALL SELECT 'user-' || i FROM generate_series(0, 9999) AS i) AS users;
    INSERT INTO ledger_entries (user_id, version, entry_id, kind, amount, balance_after, created_at)
    SELECT CASE WHEN i % 2 = 0 THEN 'whale' ELSE 'user-' || i / 2 % 10000 END,
           CASE WHEN i % 2 = 0 THEN i / 2 ELSE i / 20000 + 1 END, gen_random_uuid(), 'deposit', 1, i, now()
      FROM generate_series(1, ${ROWS}) AS i`);
  await paymentsDb.query('VACUUM (ANALYZE) ledger_entries');
  await paymentsDb.query('VACUUM (ANALYZE) accounts');
}

const TABLES: Readonly<Record<string, string>> = {
  'orders.list': 'orders',
  'orders.show': 'orders',
  'orders.statuses': 'orders',
  'payments.balance': 'accounts',
  'payments.entries': 'ledger_entries',
};

/** The plan of the one statement by which an action reads its table. */
async function planOfCall(action: string, params: object): Promise<ReadPlan> {
  const table = TABLES[action] ?? '';
  const statements = await statementsOn(table, () => broker.call(action, params));
  expect(statements).toHaveLength(1);
  return planOf(table === 'orders' ? ordersDb : paymentsDb, statements[0] ?? { sql: '', values: [] });
}

function expectPlan(plan: ReadPlan, nodes: readonly string[], index: string, maxPages: number): void {
  expect({ ...plan, pages: plan.pages <= maxPages ? 'few' : plan.pages }).toEqual({
    sql: plan.sql,
    nodes,
    indexes: [index],
    pages: 'few',
    rowsRemoved: 0,
  });
}

/** No sort, no other rows, no more than the page. */
function expectPage(plan: ReadPlan, index: string): void {
  expectPlan(plan, ['Limit', 'Index Scan'], index, MAX_PAGES_OF_A_PAGE);
}

function expectOne(plan: ReadPlan, index: string): void {
  expectPlan(plan, ['Index Scan'], index, MAX_PAGES_OF_ONE);
}

async function orderIdAt(userId: string, offset: number): Promise<string> {
  const { rows } = await ordersDb.query<{ order_id: string }>(
    'SELECT order_id FROM orders WHERE user_id = $1 ORDER BY order_id DESC OFFSET $2 LIMIT 1',
    [userId, offset],
  );
  return rows[0]?.order_id ?? '';
}

test('the first page of a list reads a page of rows, however many orders the user has', async () => {
  for (const userId of ['whale', 'broke', 'gone', 'user-7']) {
    expectPage(await planOfCall('orders.list', { userId }), 'orders_by_user');
  }
});

test('a page deep in a list costs what the first one costs', async () => {
  const cursor = cursorAfterOrder({ userId: 'whale', status: null }, await orderIdAt('whale', 400_000));
  expectPage(await planOfCall('orders.list', { userId: 'whale', cursor }), 'orders_by_user');
});

test.each([
  ['NEW', 'whale', 10],
  ['FINISHED', 'whale', PAGE],
  ['CANCELLED', 'whale', 20],
  ['NEW', 'broke', 9],
  ['FINISHED', 'broke', 4],
  ['CANCELLED', 'broke', PAGE],
  ['CANCELLED', 'user-7', 0],
] as const)('a page of the orders that are %s, of %s, walks over no others', async (status, userId, count) => {
  const { items }: Page<Order> = await broker.call('orders.list', { userId, status });
  expect(items).toHaveLength(count);
  const plan = await planOfCall('orders.list', { userId, status });
  expectPage(plan, 'orders_by_user_and_status');
});

test('a page deep in a list of one status costs what the first one costs', async () => {
  const cursor = cursorAfterOrder({ userId: 'whale', status: 'FINISHED' }, await orderIdAt('whale', 400_000));
  const plan = await planOfCall('orders.list', { userId: 'whale', status: 'FINISHED', cursor });
  expectPage(plan, 'orders_by_user_and_status');
});

test('an order and an account are found by their keys', async () => {
  const orderId = await orderIdAt('whale', 250_000);
  expectOne(await planOfCall('orders.show', { orderId }), 'orders_pkey');
  expectOne(await planOfCall('payments.balance', { userId: 'whale' }), 'accounts_pkey');
});

test('entries of an account are read a page at a time, at the top and deep down', async () => {
  const cursor = cursorAfterEntry({ userId: 'whale' }, 100_000);
  for (const params of [{ userId: 'whale' }, { userId: 'whale', cursor }, { userId: 'user-7' }]) {
    expectPage(await planOfCall('payments.entries', params), 'ledger_entries_pkey');
  }
});

test('the statuses of many orders are found by their keys, in one statement', async () => {
  const { rows } = await ordersDb.query<{ order_id: string }>(
    "SELECT order_id FROM orders WHERE user_id = 'broke' ORDER BY order_id LIMIT $1",
    [STATUSES],
  );
  const plan = await planOfCall('orders.statuses', { orderIds: rows.map(({ order_id }) => order_id) });
  expect({ indexes: plan.indexes, nodes: plan.nodes }).toEqual({ indexes: ['orders_pkey'], nodes: ['Index Scan'] });
  expect(plan.pages).toBeLessThan(STATUSES * MAX_PAGES_OF_ONE);
});
