import { fork } from 'node:child_process';
import { once } from 'node:events';
import pg from 'pg';
import { leaseNodeSlot, type NodeSlot, type NodeSlotOptions } from '../../cluster/node-slot.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { ownPostgres } from '../support/own-cluster.ts';
import { silentLogger } from '../support/silent-logger.ts';

let database: FreshDatabase;
let admin: pg.Client;
const leases: NodeSlot[] = [];

beforeAll(async () => {
  database = await freshDatabase();
  admin = new pg.Client({ connectionString: database.url });
  await admin.connect();
});

afterEach(async () => {
  await Promise.all(leases.splice(0).map((slot) => slot.release()));
});

afterAll(async () => {
  await admin.end();
  await database.drop();
});

async function lease(service: string, options: Partial<NodeSlotOptions> = {}): Promise<NodeSlot> {
  const slot = await leaseNodeSlot({
    service,
    namespace: '',
    databaseUrl: database.url,
    logger: silentLogger,
    onTaken: () => undefined,
    ...options,
  });
  leases.push(slot);
  return slot;
}

/** As when PostgreSQL fails over: every session that holds a slot ends. */
async function endSessions(): Promise<number> {
  const { rowCount } = await admin.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND application_name LIKE 'node-slot %'`,
  );
  return rowCount ?? 0;
}

async function holders(): Promise<number> {
  const { rows } = await admin.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 AND granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  );
  return rows[0]?.count ?? 0;
}

test('nodes of one service that start at once get slots of their own, the lowest ones', async () => {
  const slots = await Promise.all(Array.from({ length: 8 }, () => lease('orders')));
  expect(slots.map(({ nodeId }) => nodeId).toSorted()).toEqual(
    Array.from({ length: 8 }, (_, slot) => `orders-${slot}`),
  );
});

test('several REPLs beside the nodes of a service never share a slot', async () => {
  const slots = await Promise.all([lease('repl'), lease('orders'), lease('repl'), lease('orders'), lease('repl')]);
  expect(slots.map(({ nodeId }) => nodeId).toSorted()).toEqual(['orders-0', 'orders-1', 'repl-0', 'repl-1', 'repl-2']);
});

test('a slot that is released is the next one’s', async () => {
  const [first] = [await lease('released'), await lease('released')];
  await first.release();
  expect((await lease('released')).nodeId).toBe('released-0');
});

test('namespaces have slots of their own', async () => {
  const slots = [await lease('orders', { namespace: 'a' }), await lease('orders', { namespace: 'b' })];
  expect(slots.map(({ slot }) => slot)).toEqual([0, 0]);
});

test('after a SIGKILL of its node a slot is taken over', async () => {
  const child = fork('test/support/slot-holder-process.ts', ['killed', database.url]);
  const [nodeId] = (await once(child, 'message')) as [string];
  expect(nodeId).toBe('killed-0');
  const beside = await lease('killed');
  expect(beside.slot).toBe(1);
  child.kill('SIGKILL');
  await once(child, 'exit');
  await eventually(async () => {
    const slot = await lease('killed');
    if (slot.slot !== 0) await slot.release();
    expect(slot.slot).toBe(0);
  });
});

test('a node whose session is lost takes the same slot again', async () => {
  const slot = await lease('again');
  await lease('again');
  expect(await endSessions()).toBe(2);
  await eventually(async () => {
    expect(await holders()).toBe(2);
  });
  expect(slot.nodeId).toBe('again-0');
  expect((await lease('again')).slot).toBe(2);
});

test('a node whose slot another one took meanwhile says so and does not go on', async () => {
  const taken: string[] = [];
  await lease('taken', { onTaken: (message) => taken.push(message) });
  const { rows } = await admin.query<{ classid: number; objid: number }>(
    `SELECT classid::bigint::int8 AS classid, objid::bigint AS objid FROM pg_locks
      WHERE locktype = 'advisory' AND objsubid = 2 AND granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  );
  // The other one waits for the lock, and so has it the moment that the session ends.
  const other = admin.query('SELECT pg_advisory_lock($1::bigint::bit(32)::int, $2)', [
    rows[0]?.classid,
    rows[0]?.objid,
  ]);
  const ender = new pg.Client({ connectionString: database.url });
  await ender.connect();
  await eventually(async () => {
    const { rowCount } = await ender.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE application_name LIKE 'node-slot %' AND datname = current_database()
          AND EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)`,
    );
    expect(rowCount).toBe(1);
  });
  await ender.end();
  await other;
  await eventually(() => {
    expect(taken).toEqual([expect.stringMatching(/^Another node has taken the slot of taken-0/)]);
  });
  await admin.query('SELECT pg_advisory_unlock_all()');
});

test('while PostgreSQL is away a starting node waits for it and says so', async () => {
  const postgres = await ownPostgres();
  await postgres.stop();
  const said: string[] = [];
  const waiting = lease('waiting', {
    databaseUrl: postgres.urlOf('postgres'),
    logger: { ...silentLogger, warn: (message) => said.push(String(message)) },
  });
  await eventually(() => {
    expect(said).toEqual([expect.stringMatching(/^Waiting for PostgreSQL/)]);
  });
  await postgres.start();
  expect((await waiting).nodeId).toBe('waiting-0');
  await leases.pop()?.release();
  await postgres.remove();
});
