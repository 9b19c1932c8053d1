import { readBooks, expectSettledOnce } from '../support/books.ts';
import { databaseProxy, type DatabaseProxy } from '../support/database-proxy.ts';
import { eventually } from '../support/eventually.ts';
import { startFleet, type Fleet } from '../support/fleet.ts';
import { post } from '../support/http-client.ts';
import { isRetryable, KeyedLoad } from '../support/keyed-load.ts';
import type { OwnPostgres } from '../support/own-cluster.ts';
import { projectRoot } from '../../start/project-root.ts';
import { promote, startSynchronousStandby } from './support/standby.ts';
import { INSTALL_TIMEOUT_MS, runTool } from './tools/tool.ts';

const CLIENTS = 16;
const USERS = Array.from({ length: 20 }, (_, number) => `user-${number}`);
/** Less than is ordered from most of them. */
const OPENING_CENTS = 1000;
/** More than the clients have under way at once: some of these were sent since. */
const MORE_REQUESTS = 200;
const PATIENCE = { timeoutMs: 60_000, intervalMs: 250 };
const TEST_TIMEOUT_MS = 240_000;

let fleet: Fleet;
let standby: OwnPostgres | undefined;
let address: DatabaseProxy | undefined;
/** Of every node: by the address that follows the primary. */
let databases: { ORDERS_DATABASE_URL: string; PAYMENTS_DATABASE_URL: string };

beforeAll(async () => {
  fleet = await startFleet({ api: 1, orders: 2, payments: 2 }, { startNodes: false });
  standby = await startSynchronousStandby(fleet.postgres);
  address = await databaseProxy(fleet.postgres.urlOf('orders'), (client, database) => {
    const end = (): void => {
      client.destroy();
      database.destroy();
    };
    for (const socket of [client, database]) socket.on('error', end).on('close', end);
    client.pipe(database).pipe(client);
  });
  const paymentsUrl = new URL(address.url);
  paymentsUrl.pathname = '/payments';
  databases = { ORDERS_DATABASE_URL: address.url, PAYMENTS_DATABASE_URL: paymentsUrl.href };
  await Promise.all(fleet.nodes.map((node) => node.start(databases)));
  await openAccounts();
}, INSTALL_TIMEOUT_MS);

afterAll(async () => {
  // In good order: a killed PostgreSQL leaves its shared memory behind.
  await fleet.postgres.start();
  await fleet.stop();
  address?.close();
  await standby?.remove();
}, TEST_TIMEOUT_MS);

async function openAccounts(): Promise<void> {
  const [gateway = 0] = fleet.gatewayPorts;
  for (const userId of USERS) {
    expect((await post(gateway, '/api/payments/accounts', { userId })).status).toBe(201);
    const deposit = { userId, amount: OPENING_CENTS / 100 };
    expect((await post(gateway, '/api/payments/accounts/deposit', deposit)).status).toBe(200);
  }
}

/** As many requests succeed as clients cannot have had under way before. */
async function moreRequestsSucceed(load: KeyedLoad): Promise<void> {
  const before = load.done.length;
  await eventually(() => {
    expect(load.done.length).toBeGreaterThan(before + MORE_REQUESTS);
  }, PATIENCE);
}

test(
  'the primary is killed under load and its synchronous standby promoted: nothing answered is lost, nobody pays twice',
  async () => {
    if (standby === undefined || address === undefined) throw new Error('It was not started.');
    const newPrimary = standby;
    const load = new KeyedLoad(fleet.gatewayPorts, USERS, CLIENTS);
    await moreRequestsSucceed(load);
    const pids = fleet.nodes.map((node) => node.pid());

    await fleet.postgres.kill();
    await promote(newPrimary);
    address.moveTo(newPrimary.urlOf('orders'));
    await moreRequestsSucceed(load);
    await load.end();

    // The outage was noticed, and answered by what a client may repeat.
    expect(load.refusals.filter(({ status }) => status === 503 || status === 504)).not.toEqual([]);
    expect(load.refusals.filter((each) => !isRetryable(each))).toEqual([]);
    await eventually(async () => {
      const books = await readBooks(newPrimary.urlOf('orders'), newPrimary.urlOf('payments'));
      expectSettledOnce(books, load.done, USERS.length);
      // Both kinds of decision were made, or half of it was not tried.
      expect(Object.keys(books.orders).sort()).toEqual(['CANCELLED', 'FINISHED']);
    }, PATIENCE);
    const audit = ['start/on-node-24.js', 'start/audit-ledger.ts'];
    const env = { ...databases, KAFKA_BROKERS: fleet.kafka.brokers, AUTH: 'off' };
    expect(await runTool(process.execPath, audit, { cwd: projectRoot(), env })).toMatchObject({ code: 0 });
    // No node was started again for it.
    expect(fleet.nodes.map((node) => node.pid())).toEqual(pids);
  },
  TEST_TIMEOUT_MS,
);
