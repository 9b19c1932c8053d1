import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import pg from 'pg';
import { projectRoot } from '../../start/project-root.ts';
import { readBooks } from '../support/books.ts';
import { eventually } from '../support/eventually.ts';
import { startFleet, type Fleet, type FleetNode } from '../support/fleet.ts';
import { post } from '../support/http-client.ts';
import { KeyedLoad } from '../support/keyed-load.ts';
import { typeIntoRepl } from '../support/repl.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { blocksOf } from '../support/walkthrough.ts';
import { installPostgresPrograms } from './tools/psql.ts';
import { INSTALL_TIMEOUT_MS, runTool } from './tools/tool.ts';

/** docs/backup.md by PostgreSQL's own programs, its commands word for word, and docs/restore.md with what they brought. */
const PAGE = 'docs/backup.md';
const USERS = Array.from({ length: 10 }, (_, number) => `user-${number}`);
/** More than the load orders: deposits that are lost with the restore must not matter. */
const OPENING_AMOUNT = 1_000_000;
const CLIENTS = 8;
const MORE_REQUESTS = 100;
const PATIENCE = { timeoutMs: 60_000, intervalMs: 250 };
const TEST_TIMEOUT_MS = 240_000;

const folder = temporaryFolder();
let fleet: Fleet;
let programs: string;

beforeAll(async () => {
  programs = await installPostgresPrograms();
  fleet = await startFleet({ api: 1, orders: 1, payments: 1 });
  const [gateway = 0] = fleet.gatewayPorts;
  for (const userId of USERS) {
    expect((await post(gateway, '/api/payments/accounts', { userId })).status).toBe(201);
    const deposit = { userId, amount: OPENING_AMOUNT };
    expect((await post(gateway, '/api/payments/accounts/deposit', deposit)).status).toBe(200);
  }
}, INSTALL_TIMEOUT_MS);

afterAll(async () => {
  await (fleet as Fleet | undefined)?.stop();
  folder.remove();
}, TEST_TIMEOUT_MS);

/** Runs the commands of a block of the page, in the test's folder. */
async function commands(info: string): Promise<void> {
  const script = blocksOf(PAGE).find((block) => block.info === info)?.text;
  if (script === undefined) throw new Error(`${PAGE} has no block "${info}".`);
  const env = {
    PATH: `${programs}${delimiter}${process.env['PATH'] ?? ''}`,
    ORDERS_DATABASE_DIRECT_URL: fleet.postgres.urlOf('orders'),
    PAYMENTS_DATABASE_DIRECT_URL: fleet.postgres.urlOf('payments'),
    SERVER_URL: fleet.postgres.urlOf('postgres'),
    RESTORED_URL: fleet.postgres.urlOf('payments_restored'),
  };
  expect(await runTool('bash', ['--norc', '-euc', script], { cwd: folder.path, env })).toMatchObject({
    code: 0,
    stderr: '',
  });
}

async function moreRequestsSucceed(load: KeyedLoad): Promise<void> {
  const before = load.done.length;
  await eventually(() => {
    expect(load.done.length).toBeGreaterThan(before + MORE_REQUESTS);
  }, PATIENCE);
}

/** Whether a replay has come to its end in the restored database. */
async function replayed(consumer: string): Promise<void> {
  const client = new pg.Client({ connectionString: fleet.postgres.urlOf('payments_restored') });
  await client.connect();
  try {
    await eventually(async () => {
      const { rows } = await client.query('SELECT state FROM replays WHERE consumer = $1', [consumer]);
      expect(rows).toEqual([{ state: 'done' }]);
    }, PATIENCE);
  } finally {
    await client.end();
  }
}

test(
  'payments comes back from a dump that was made under load: no decision is another, nobody pays twice, no order is left',
  async () => {
    const load = new KeyedLoad(fleet.gatewayPorts, USERS, CLIENTS);
    await moreRequestsSucceed(load);
    await commands('sh dump');
    for (const name of ['orders', 'payments']) expect(existsSync(join(folder.path, `${name}.dump`))).toBe(true);
    await moreRequestsSucceed(load);
    await load.end();
    const [payments] = fleet.nodesOf('payments') as [FleetNode];
    const ordersUrl = fleet.postgres.urlOf('orders');
    const before = await eventually(async () => {
      const books = await readBooks(ordersUrl, fleet.postgres.urlOf('payments'));
      expect(books).toMatchObject({ outbox: 0, wrongOrders: [] });
      expect(books.orders['NEW'] ?? 0).toBe(0);
      return books;
    }, PATIENCE);

    await payments.stop();
    await commands('sh restore');
    const restored = { PAYMENTS_DATABASE_URL: fleet.postgres.urlOf('payments_restored') };
    // Something was lost, or the restore has nothing to do.
    const older = await readBooks(ordersUrl, restored.PAYMENTS_DATABASE_URL);
    expect(older.wrongOrders.length).toBeGreaterThan(0);
    await payments.start({ ...restored, CONSUMERS: 'off' });
    await typeIntoRepl(fleet.kafka.brokers, 'replay payments.restore --by test --reason "a restore"');
    await replayed('payments.restore');
    await payments.stop();
    await payments.start(restored);
    await typeIntoRepl(fleet.kafka.brokers, 'replay payments.pay --by test --reason "a restore"');
    await replayed('payments.pay');

    await eventually(async () => {
      const books = await readBooks(ordersUrl, restored.PAYMENTS_DATABASE_URL);
      expect(books).toMatchObject({ outbox: 0, deadLetters: 0, wrongAccounts: [], wrongOrders: [] });
      expect([books.orders, books.payments]).toEqual([before.orders, before.payments]);
    }, PATIENCE);
    const env = { ...restored, ORDERS_DATABASE_URL: ordersUrl, KAFKA_BROKERS: fleet.kafka.brokers, AUTH: 'off' };
    const audit = ['start/on-node-24.js', 'start/audit-ledger.ts'];
    expect(await runTool(process.execPath, audit, { cwd: projectRoot(), env })).toMatchObject({ code: 0 });
  },
  TEST_TIMEOUT_MS,
);
