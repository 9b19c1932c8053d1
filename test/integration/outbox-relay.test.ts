import { Client } from 'pg';
import type { OutboxMessage } from '../../mixins/outbox/message.ts';
import { PostgresLaneSession } from '../../mixins/outbox/lane-session.ts';
import { newRelayCounters } from '../../mixins/outbox/relay-stats.ts';
import { Relay, type Publisher } from '../../mixins/outbox/relay.ts';
import { eventually } from '../support/eventually.ts';
import { outboxTable, type OutboxTable } from '../support/outbox-table.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { stallingProxy } from '../support/stalling-proxy.ts';

/** The relay on a real PostgreSQL, with a topic in memory and a clock that the test moves. */

let table: OutboxTable;
let session: PostgresLaneSession;
let relay: Relay;
let topic: string[];
let clock: { now: number };
let onPublish: (messages: readonly OutboxMessage[]) => void | Promise<void>;

beforeEach(async () => {
  table = await outboxTable();
  session = await openSession();
  await session.balance();
  topic = [];
  clock = { now: 1000 };
  onPublish = () => undefined;
  relay = relayOn(session);
});

afterEach(async () => {
  await session.close();
  await table.drop();
});

const LANES = 2;
const nothing = (): void => undefined;

function openSession(directUrl = table.url): Promise<PostgresLaneSession> {
  return PostgresLaneSession.open({
    directUrl,
    lanes: LANES,
    logger: silentLogger,
    onNotify: nothing,
    onEnd: nothing,
  });
}

function relayOn(lanes: PostgresLaneSession): Relay {
  const publisher: Publisher = {
    publish: async (messages) => {
      await onPublish(messages);
      topic.push(...messages.map(({ partitionKey }) => partitionKey));
    },
    isPermanent: () => false,
  };
  return new Relay(lanes, publisher, newRelayCounters(), silentLogger, () => clock.now);
}

/** What the statistics say about the outbox's index and table, once those of the relay's session have arrived. */
async function scans(): Promise<{ seqScans: number; entriesRead: number; indexScans: number }> {
  const { rows } = await table.client.query<{ seq: string; entries: string; scans: string }>(
    `SELECT t.seq_scan AS seq, i.idx_tup_read AS entries, i.idx_scan AS scans
     FROM pg_stat_user_tables t JOIN pg_stat_user_indexes i USING (relid)
     WHERE t.relname = 'outbox' AND i.indexrelname = 'outbox_pkey'`,
  );
  return {
    seqScans: Number(rows[0]?.seq),
    entriesRead: Number(rows[0]?.entries),
    indexScans: Number(rows[0]?.scans),
  };
}

/** Statistics of a session arrive when it has been idle for a while, or at its end. */
async function scansAfterItsEnd(): Promise<Awaited<ReturnType<typeof scans>>> {
  const before = (await scans()).indexScans;
  await session.close();
  return eventually(async () => {
    const now = await scans();
    expect(now.indexScans).toBeGreaterThan(before);
    return now;
  });
}

test('a relay whose session ends between confirmation and delete repeats the events, and loses none', async () => {
  await table.add(0, ['a', 'b']);
  onPublish = async () => {
    await table.client
      .query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'outbox-relay'
      AND datname = current_database()`);
  };
  await expect(relay.runOnce()).rejects.toThrow();
  expect(await table.keysWaiting()).toEqual(['a', 'b']);
  expect(session.heldLanes()).toEqual([]);

  onPublish = nothing;
  session = await openSession();
  await session.balance();
  await relayOn(session).runOnce();
  expect(topic).toEqual(['a', 'b', 'a', 'b']);
  expect(await table.keysWaiting()).toEqual([]);
});

test('a relay whose session was ended finds out before it sends', async () => {
  await table.add(0, ['a']);
  await relay.runOnce();
  await table.add(0, ['b']);
  await table.client
    .query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'outbox-relay'
    AND datname = current_database()`);
  await eventually(() => {
    expect(session.endedBecause).not.toBeNull();
  });
  expect(session.heldLanes()).toEqual([]);
  expect(await session.isHeld()).toBe(false);
  expect(await relay.runOnce()).toBe(0);
  expect(topic).toEqual(['a']);
});

const INSERT = `INSERT INTO outbox
  (event_id, aggregate_type, aggregate_id, aggregate_version, partition_key, lane, type, payload, headers)
  VALUES (gen_random_uuid(), 'meter', $1, $2, $1, 0, 'meter.read', '{}', '{"dataschema":"meter.read/1"}')`;

/** Opens a session, and in it a transaction. */
async function begin(): Promise<Client> {
  const client = new Client({ connectionString: table.url });
  await client.connect();
  await client.query('BEGIN');
  return client;
}

/** Opens a transaction with a row of the key 'late', and has the relay go on for a while with later ids of its lane. */
async function lateWriter(rounds: number): Promise<Client> {
  const late = await begin();
  await late.query(INSERT, ['late', 1]);
  for (let round = 0; round < rounds; round++) {
    await table.add(0, [`round-${round}`]);
    expect(await relay.runOnce()).toBe(1);
    clock.now += 100;
  }
  return late;
}

test('a row whose transaction commits late, with an id long passed, is not skipped', async () => {
  // Longer by the relay's clock than any transaction may take: reads begin behind the open row by then.
  const late = await lateWriter(250);
  await late.query('COMMIT');
  await late.end();
  clock.now += 1000;
  expect(await relay.runOnce()).toBe(1);
  expect(topic.at(-1)).toBe('late');
});

test('a row whose transaction commits late goes before the next one of its key', async () => {
  const late = await lateWriter(40);
  const versions: number[] = [];
  onPublish = (messages) => {
    versions.push(...messages.flatMap((each) => (each.partitionKey === 'late' ? each.aggregateVersion : [])));
  };
  await late.query('COMMIT');
  await late.query(INSERT, ['late', 2]);
  await late.end();
  while ((await relay.runOnce()) > 0) clock.now += 10;
  expect(versions).toEqual([1, 2]);
});

test('a row that commits late goes before the next one of its key, also when its writer has the newest number', async () => {
  const first = await begin();
  await first.query('SELECT pg_current_xact_id()');
  const late = await begin();
  await late.query(INSERT, ['late', 1]);
  await first.query(INSERT, ['first', 1]);
  await first.query('COMMIT');
  await first.end();
  expect(await relay.runOnce()).toBe(1);
  // Long enough for the position to move, and too short for the next read from 0.
  clock.now += 600;
  await table.add(0, ['second']);
  expect(await relay.runOnce()).toBe(1);
  const versions: number[] = [];
  onPublish = (messages) => {
    versions.push(...messages.map(({ aggregateVersion }) => aggregateVersion));
  };
  await late.query('COMMIT');
  await late.query(INSERT, ['late', 2]);
  await late.end();
  await relay.runOnce();
  expect(versions).toEqual([1, 2]);
});

test.each([
  ['new', 0],
  // Its pages stay: to the planner they are empty from then on, however many rows come.
  ['emptied', 5000],
])('nothing goes through the whole table, also when it was %s at the last vacuum', async (_name, rowsBefore) => {
  await table.fill(0, rowsBefore);
  await table.client.query('DELETE FROM outbox');
  await table.client.query('VACUUM ANALYZE outbox');
  for (let poll = 0; poll < 10; poll++) await relay.runOnce();
  await table.fill(0, 20_000);
  const seqScansBefore = (await scans()).seqScans;
  clock.now += 1000;
  for (let cycle = 0; cycle < 3; cycle++) await relay.runOnce();
  const after = await scansAfterItsEnd();
  expect(after.seqScans).toBe(seqScansBefore);
  // Three cycles of some 2 000 rows, read, deleted and, at first, stepped over; not 20 000 in each of them.
  expect(after.entriesRead).toBeLessThan(25_000);
});

test('a long snapshot elsewhere does not make ordinary reads step over everything that was ever deleted', async () => {
  const snapshot = new Client({ connectionString: table.url });
  await snapshot.connect();
  await snapshot.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
  await snapshot.query('SELECT 1');
  await table.fill(0, 10_000);
  while ((await relay.runOnce()) > 0) clock.now += 400;
  const before = await scansAfterItsEnd();
  session = await openSession();
  await session.balance();
  relay = relayOn(session);

  for (let event = 0; event < 60; event++) {
    await table.add(0, [`event-${event}`]);
    expect(await relay.runOnce()).toBe(1);
    clock.now += 50;
  }
  const after = await scansAfterItsEnd();
  await snapshot.query('ROLLBACK');
  await snapshot.end();
  // Three seconds: a scan from 0 in each of them, and the first half second, when there is nothing to begin behind yet.
  // Sixty would be 600 000.
  expect(after.entriesRead - before.entriesRead).toBeLessThan(200_000);
});

test('what was read is never beyond the limit of bytes by more than one message', async () => {
  await table.add(0, ['a', 'b', 'c', 'd', 'e', 'f'], JSON.stringify('x'.repeat(250_000)));
  await table.add(1, ['g']);
  const { messages } = await session.read(
    [
      { lane: 0, afterId: 0 },
      { lane: 1, afterId: 0 },
    ],
    { maxRows: 1000, maxBytes: 900_000 },
  );
  expect(messages.map(({ partitionKey }) => partitionKey)).toEqual(['a', 'b', 'c', 'd']);
});

test('rows come lane by lane in the order asked for, by id within a lane', async () => {
  await table.add(1, ['a', 'b']);
  await table.add(0, ['c']);
  await table.add(1, ['d']);
  const { messages } = await session.read(
    [
      { lane: 1, afterId: 1 },
      { lane: 0, afterId: 0 },
    ],
    { maxRows: 1000, maxBytes: 900_000 },
  );
  expect(messages.map(({ partitionKey }) => partitionKey)).toEqual(['b', 'd', 'c']);
});

test('the payload goes out as the text that was written', async () => {
  const payload = '{"b":1.10,  "a":12345678901234567890, "b":2}';
  await table.add(0, ['a'], payload);
  let seen = '';
  onPublish = ([message]) => {
    seen = message?.payload ?? '';
  };
  await relay.runOnce();
  expect(seen).toBe(payload);
});

test('two sessions share the lanes, and the one that stays takes over what the other held', async () => {
  const other = await openSession();
  await session.balance();
  await other.balance();
  expect([session.heldLanes().length, other.heldLanes().length]).toEqual([1, 1]);
  await other.close();
  await eventually(async () => {
    await session.balance();
    expect(session.heldLanes()).toEqual([0, 1]);
  });
});

test('relays of outboxes in two schemas of one database share neither lanes nor members', async () => {
  await table.client.query('CREATE SCHEMA other; CREATE TABLE other.outbox (LIKE public.outbox)');
  const url = new URL(table.url);
  url.searchParams.set('options', '-c search_path=other');
  const other = await openSession(url.href);
  await other.balance();
  expect(other.heldLanes()).toEqual([0, 1]);
  expect(session.heldLanes()).toEqual([0, 1]);
  await other.close();
});

test('a relay that is stopped while rows are on their way to it loses its lanes all the same', async () => {
  await session.close();
  const proxy = await stallingProxy(table.url);
  const stopped = await openSession(proxy.url);
  await stopped.balance();
  // More than the kernel buffers of both sides hold, so that PostgreSQL is stuck in the middle of its answer.
  await table.add(0, Array<string>(200).fill('a'), JSON.stringify('x'.repeat(250_000)));
  proxy.stall();
  const reading = stopped.read([{ lane: 0, afterId: 0 }], { maxRows: 200, maxBytes: 100_000_000 });
  const failure = expect(reading).rejects.toThrow();

  session = await openSession();
  await eventually(
    async () => {
      await session.balance();
      expect(session.heldLanes()).toEqual([0, 1]);
    },
    { timeoutMs: 15_000 },
  );
  proxy.close();
  await failure;
});
