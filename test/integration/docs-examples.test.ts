import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { ServiceBroker } from 'moleculer';
import pg from 'pg';
import type { Order } from '../../contract/outputs.ts';
import { migrate } from '../../mixins/database/migrate.ts';
import { copyTree, type PatchedTree } from '../../planted/patched-tree.ts';
import { createDatabaseIfMissing } from '../../start/embedded-postgres.ts';
import { projectRoot } from '../../start/project-root.ts';
import { eventually } from '../support/eventually.ts';
import { startGuard } from '../support/guard.ts';
import { shopCluster, type ShopCluster } from '../support/shop-cluster.ts';
import { readTopic } from '../support/topic-reader.ts';
import { blocksOf } from '../support/walkthrough.ts';

/** The code of the how-to pages, put where the pages say and run as they say, in a copy of the tree. */

const run = promisify(execFile);
jest.setTimeout(120_000);

let cluster: ShopCluster;
let orders: ServiceBroker;
let payments: ServiceBroker;
let tree: PatchedTree;
const nodes: ChildProcess[] = [];

beforeAll(async () => {
  tree = copyTree(projectRoot());
  cluster = await shopCluster();
  await createDatabaseIfMissing(pointsUrl());
  [orders, payments] = await Promise.all([cluster.start('orders'), cluster.start('payments')]);
  await orders.waitForServices(['payments']);
});

afterAll(async () => {
  await Promise.all(nodes.map(ended));
  await cluster.end();
  const client = new pg.Client({ connectionString: cluster.config.orders.directUrl.replace(/[^/]+$/, 'postgres') });
  await client.connect();
  await client.query('DROP DATABASE points WITH (FORCE)');
  await client.end();
  tree.remove();
});

function pointsUrl(): string {
  return cluster.config.payments.directUrl.replace(/[^/]+$/, 'points');
}

async function ended(node: ChildProcess): Promise<void> {
  if (node.exitCode !== null || node.signalCode !== null) return;
  node.kill('SIGTERM');
  await once(node, 'exit');
}

/** Writes each file of a page: blocks whose fence names a path. */
function putFiles(page: string, folder = tree.folder): string[] {
  const files = blocksOf(page).flatMap(({ info, text }) => {
    const [, path] = /^ts (\S+\.ts)$/.exec(info) ?? [];
    return path === undefined ? [] : [{ path, text }];
  });
  for (const { path, text } of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), `${text}\n`);
  }
  return files.map(({ path }) => path);
}

function block(page: string, info: string): string {
  const found = blocksOf(page).find((each) => each.info === info);
  if (found === undefined) throw new Error(`${page} has no block ${info}.`);
  return found.text;
}

/** Runs a page's command in the copy, with the addresses of the test's servers. */
function start(page: string): ChildProcess {
  const [command = '', ...args] = block(page, 'sh run').split(' ').slice(1);
  const { config } = cluster;
  const node = spawn(join(tree.folder, 'node_modules', '.bin', command), args, {
    cwd: tree.folder,
    env: {
      PATH: `${join(projectRoot(), 'node_modules', '.bin')}:${process.env['PATH'] ?? ''}`,
      KAFKA_BROKERS: config.kafka.brokers.join(','),
      NAMESPACE: config.namespace,
      ORDERS_DATABASE_URL: config.orders.url,
      PAYMENTS_DATABASE_URL: config.payments.url,
      LOG_LEVEL: 'error',
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (node.pid !== undefined) {
    const guard = startGuard([]);
    guard.watch(node.pid);
    node.once('exit', () => {
      guard.dismiss();
    });
  }
  nodes.push(node);
  return node;
}

async function checkTypes(files: readonly string[]): Promise<void> {
  const settings = { extends: './tsconfig.json', include: [...files, 'types/*.d.ts'] };
  writeFileSync(join(tree.folder, 'tsconfig.pages.json'), JSON.stringify(settings));
  const tsc = join(tree.folder, 'node_modules', 'typescript', 'bin', 'tsc');
  const said = await run(process.execPath, [tsc, '-p', 'tsconfig.pages.json'], { cwd: tree.folder }).then(
    () => '',
    (error: unknown) => (error as { stdout: string }).stdout,
  );
  expect(said).toBe('');
}

async function pay(userId: string, amount: string): Promise<void> {
  const { orderId } = await payments.call<Order, object>('orders.create', { userId, amount });
  await eventually(async () => {
    expect(await payments.call<Order, object>('orders.show', { orderId })).toMatchObject({ status: 'FINISHED' });
  });
}

function points(userId: string): Promise<string> {
  return orders.call<string, object>('points.show', { userId });
}

const FROM_A_START = { timeoutMs: 30_000 };

test('the tutorial: a consumer counts each payment once; then, as "add an event" has it, it tells of the next', async () => {
  await checkTypes(putFiles('docs/tutorial.md'));
  await orders.call('payments.openAccount', { userId: 'eve' });
  await orders.call('payments.deposit', { userId: 'eve', amount: '100' });
  await pay('eve', '40.05');
  const first = start('docs/tutorial.md');
  await eventually(async () => {
    expect(await points('eve')).toBe('40');
  }, FROM_A_START);
  await ended(first);

  const files = [...putFiles('docs/add-an-event.md'), withOutbox()];
  await checkTypes(files);
  await pay('eve', '10');
  start('docs/tutorial.md');
  await eventually(async () => {
    expect(await points('eve')).toBe('50');
  }, FROM_A_START);
  const reader = await readTopic(
    cluster.config.kafka.brokers.join(','),
    `${cluster.config.namespace}.points.events.v1`,
  );
  try {
    await eventually(() => {
      expect(reader.records.map(({ value }) => JSON.parse(value) as unknown)).toEqual([
        { userId: 'eve', points: '10' },
      ]);
    });
  } finally {
    await reader.close();
  }
});

/** The tutorial's service with the parts of "add an event" where that page says. */
function withOutbox(): string {
  const path = 'services/points.service.ts';
  const changes: [string, string][] = [
    ['      database({ config', `${block('docs/add-an-event.md', 'ts part:outbox')}\n      database({ config`],
    ['[...inboxMigrations', '[...outboxMigrations, ...inboxMigrations'],
    ['DatabaseService & ConsumingService', 'OutboxService & ConsumingService'],
    ['database, type DatabaseService', 'database'],
    [
      'import { pointsMigrations }',
      "import { pointsGranted } from '../events/points-granted.ts';\nimport { outbox, outboxMigrations, type OutboxService } from '../mixins/outbox.mixin.ts';\nimport { pointsMigrations }",
    ],
    ['            );\n', `            );\n${block('docs/add-an-event.md', 'ts part:event')}\n`],
  ];
  let text = readFileSync(join(tree.folder, path), 'utf8');
  for (const [before, after] of changes) {
    expect(text).toContain(before);
    text = text.replace(before, () => after);
  }
  writeFileSync(join(tree.folder, path), text);
  return path;
}

test('the service of "add a service" answers', async () => {
  await checkTypes(putFiles('docs/add-a-service.md'));
  start('docs/add-a-service.md');
  await eventually(async () => {
    expect(await orders.call('rates.points', { currency: 'EUR' })).toEqual({ currency: 'EUR', pointsPerUnit: 1 });
  }, FROM_A_START);
});

test('the rooms of "the mixins in your own project" are all that a service on the mixins needs', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'orders-payments-own-'));
  try {
    await run('bash', ['-euc', block('docs/own-project.md', 'sh copy')], {
      cwd: folder,
      env: { ...process.env, FROM: tree.folder },
    });
    symlinkSync(join(projectRoot(), 'node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    putFiles('docs/tutorial.md', folder);
    putFiles('docs/add-an-event.md', folder);
    const script = `
      const { outbox } = await import('./mixins/outbox.mixin.ts');
      const { default: points } = await import('./services/points.service.ts');
      const { ServiceBroker } = (await import('moleculer')).default;
      const broker = new ServiceBroker({ logger: false });
      points(broker);
      console.log(typeof outbox, broker.services.map(({ name }) => name).join());`;
    const { stdout } = await run(
      join(projectRoot(), 'node_modules', '.bin', 'node'),
      ['--input-type=module', '-e', script],
      {
        cwd: folder,
      },
    );
    expect(stdout.trim()).toMatch(/^function .*points/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('the step of "change the schema" runs under a node that does not know it, which goes on, also when it starts again', async () => {
  await orders.call('payments.openAccount', { userId: 'ada' });
  await orders.call('payments.deposit', { userId: 'ada', amount: '10' });
  const up = block('docs/zero-downtime-migration.md', 'sql migration');
  const { ordersMigrations } = await import('../../services/orders/migrations/index.ts');
  const steps = [...ordersMigrations, { name: '9999-gift-note', up }];
  expect(await migrate(cluster.config.orders.directUrl, steps)).toEqual(['9999-gift-note']);
  await pay('ada', '1');
  await cluster.stop(orders);
  orders = await cluster.start('orders');
  await payments.waitForServices(['orders']);
  await pay('ada', '1');
});
