import { chmodSync, chownSync, copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { eventually } from '../support/eventually.ts';
import { startFleet, type Fleet } from '../support/fleet.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { installDebian } from './tools/debian.ts';
import { INSTALL_TIMEOUT_MS, installStep } from './tools/tool.ts';

/** A PostgreSQL that takes no connection without TLS, as a hosted one does; its certificate is signed by itself, so it is its own authority. */
const folder = temporaryFolder();
const certificate = join(folder.path, 'postgres.crt');
const PATIENCE = { timeoutMs: 30_000, intervalMs: 100 };
/** What the sessions of a node call themselves, each kind opened by another part of the code. */
const SESSIONS = ['moleculer-orders-payments', 'outbox-relay'];
let fleet: Fleet;

beforeAll(async () => {
  const openssl = join(await installDebian('openssl'), 'usr', 'bin', 'openssl');
  const key = join(folder.path, 'postgres.key');
  await installStep('Debian’s openssl was just installed', openssl, [
    ...['req', '-new', '-x509', '-nodes', '-days', '1', '-newkey', 'rsa:2048', '-keyout', key, '-out', certificate],
    ...['-subj', '/CN=postgres', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
  ]);
  fleet = await startFleet({ api: 1, orders: 1, payments: 1 }, { startNodes: false });
  await secure(key);
}, INSTALL_TIMEOUT_MS);

afterAll(async () => {
  await (fleet as Fleet | undefined)?.stop();
  folder.remove();
}, 60_000);

/** From now on it takes TLS alone, over TCP. */
async function secure(key: string): Promise<void> {
  const [row] = await ask(`SHOW data_directory`);
  const dataDir = String(row?.['data_directory']);
  const { uid, gid } = statSync(dataDir);
  for (const [from, name] of [
    [certificate, 'server.crt'],
    [key, 'server.key'],
  ] as const) {
    const to = join(dataDir, name);
    copyFileSync(from, to);
    chownSync(to, uid, gid);
    chmodSync(to, 0o600);
  }
  const access = join(dataDir, 'pg_hba.conf');
  writeFileSync(access, readFileSync(access, 'utf8').replaceAll(/^host\b/gm, 'hostssl'));
  await ask('ALTER SYSTEM SET ssl = on');
  await ask('SELECT pg_reload_conf()');
  await eventually(async () => {
    await expect(ask('SELECT')).rejects.toThrow('no encryption');
  }, PATIENCE);
}

async function ask(text: string, url = fleet.postgres.urlOf('orders')): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

const verified = (database: string): string =>
  `${fleet.postgres.urlOf(database)}?sslmode=verify-full&sslrootcert=${encodeURIComponent(certificate)}`;

async function call(path: string, body: object): Promise<{ status: number; body: Record<string, string> }> {
  const response = await fetch(`http://127.0.0.1:${fleet.gatewayPorts[0] ?? 0}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, string> };
}

test('an order is paid over sessions that are all encrypted, to a server whose certificate was verified', async () => {
  const databases = { ORDERS_DATABASE_URL: verified('orders'), PAYMENTS_DATABASE_URL: verified('payments') };
  await Promise.all(fleet.nodes.map((node) => node.start(databases)));
  expect((await call('/api/payments/accounts', { userId: 'ann' })).status).toBe(201);
  expect((await call('/api/payments/accounts/deposit', { userId: 'ann', amount: 10 })).status).toBe(200);
  const { orderId } = (await call('/api/orders', { userId: 'ann', amount: 1 })).body;
  await eventually(async () => {
    const rows = await ask(`SELECT status FROM orders WHERE order_id = '${orderId ?? ''}'`, verified('orders'));
    expect(rows).toEqual([{ status: 'FINISHED' }]);
  }, PATIENCE);
  const rows = await ask(
    `SELECT application_name AS name, bool_and(ssl) AS encrypted FROM pg_stat_activity JOIN pg_stat_ssl USING (pid)
      WHERE backend_type = 'client backend' GROUP BY 1`,
    verified('orders'),
  );
  expect(rows.map(({ name }) => name)).toEqual(expect.arrayContaining(SESSIONS));
  expect(rows.every(({ encrypted }) => encrypted)).toBe(true);
}, 60_000);

test('a server that nobody vouches for is refused, and the node says what it waits for', async () => {
  const [node] = fleet.nodesOf('payments');
  if (node === undefined) throw new Error('A fleet of one node has a node.');
  await node.stop();
  const unverified = `${fleet.postgres.urlOf('payments')}?sslmode=verify-full`;
  void node
    .start({ ORDERS_DATABASE_URL: verified('orders'), PAYMENTS_DATABASE_URL: unverified })
    .catch(() => undefined);
  await eventually(async () => {
    const response = await fetch(`http://127.0.0.1:${node.port}/health/ready`);
    expect(response.status).toBe(503);
    expect(await response.text()).toContain('self-signed certificate');
  }, PATIENCE);
}, 60_000);
