import pg from 'pg';
import type { DatabaseConfig } from '../config/config.ts';
import type { Migration } from '../mixins/database/migration.ts';
import { LOCKS, MEMBER_LOCK } from '../mixins/outbox/lane-session.sql.ts';
import { errorText } from '../problems/error-text.ts';
import type { Row } from './row.ts';

const ANSWER_TIMEOUT_MS = 5000;
const LOWEST_VERSION = 17;
/** Ids of orders and events bear their node's time. */
const CLOCKS_DIFFER_MS = 1000;

export interface DatabaseQuestion {
  readonly service: string;
  readonly config: DatabaseConfig;
  /** All that a node of this version brings. */
  readonly migrations: readonly Migration[];
  /** Whether it is ours to reach: nobody runs an embedded PostgreSQL while nothing runs. */
  readonly isExpected: boolean;
}

/** One service's database, read only. */
export async function databaseRows(question: DatabaseQuestion): Promise<Row[]> {
  const { service, config, isExpected } = question;
  const name = `PostgreSQL, ${service}`;
  const needed = `${LOWEST_VERSION} or newer, answering`;
  if (!isExpected) return [{ name, status: 'ok', found: 'not running; the start brings its own', needed }];
  const client = new pg.Client({
    connectionString: config.auditUrl,
    connectionTimeoutMillis: ANSWER_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    options: '-c default_transaction_read_only=on',
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return [
      await serverRow(name, needed, client),
      await clockRow(service, client),
      ...(await schemaRows(question, client)),
    ];
  } catch (error) {
    const fix = `start it, or correct ${service.toUpperCase()}_DATABASE_URL`;
    return [{ name, status: 'fail', found: errorText(error), needed, fix }];
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function serverRow(name: string, needed: string, client: pg.Client): Promise<Row> {
  const { rows } = await client.query<{ version: string; number: string }>(
    `SELECT current_setting('server_version') AS version, current_setting('server_version_num') AS number`,
  );
  const version = rows[0]?.version ?? '';
  const isNew = Number(rows[0]?.number) >= LOWEST_VERSION * 10_000;
  if (isNew) return { name, status: 'ok', found: version, needed };
  return { name, status: 'fail', found: version, needed, fix: `upgrade it, or use the embedded one` };
}

async function clockRow(service: string, client: pg.Client): Promise<Row> {
  const name = `Clock, ${service}`;
  const before = Date.now();
  const { rows } = await client.query<{ now: Date }>('SELECT clock_timestamp() AS now');
  const after = Date.now();
  const theirs = rows[0]?.now.getTime() ?? Number.NaN;
  const offMs = theirs < before ? theirs - before : Math.max(0, theirs - after);
  const row = { name, found: `PostgreSQL's differs by ${Math.abs(offMs)} ms`, needed: `within ${CLOCKS_DIFFER_MS} ms` };
  if (Math.abs(offMs) <= CLOCKS_DIFFER_MS) return { ...row, status: 'ok' };
  return { ...row, status: 'warn', fix: 'synchronise both clocks by NTP' };
}

async function schemaRows({ service, migrations }: DatabaseQuestion, client: pg.Client): Promise<Row[]> {
  const name = `Migrations, ${service}`;
  const needed = `the ${migrations.length} of this version`;
  const { rows: tables } = await client.query<{ there: boolean }>(
    `SELECT to_regclass('schema_migrations') IS NOT NULL AS there`,
  );
  if (tables[0]?.there !== true) {
    return [{ name, status: 'warn', found: 'none yet', needed, fix: 'the first start of a node makes them' }];
  }
  const { rows } = await client.query<{ name: string }>('SELECT name FROM schema_migrations');
  const applied = new Set(rows.map((row) => row.name));
  const missing = migrations.filter((migration) => !applied.has(migration.name));
  const unknown = [...applied].filter((one) => !migrations.some((migration) => migration.name === one));
  if (missing.length > 0) {
    const found = `${missing.length} missing: ${missing.map((migration) => migration.name).join(', ')}`;
    return [{ name, status: 'warn', found, needed, fix: 'start a node of this version: it makes them' }];
  }
  const row: Row =
    unknown.length > 0
      ? {
          name,
          status: 'warn',
          found: `of a newer version, too: ${unknown.join(', ')}`,
          needed,
          fix: 'update this clone',
        }
      : { name, status: 'ok', found: `all ${migrations.length}`, needed };
  return [row, await laneRow(service, client)];
}

/** Lanes that no relay holds: what waits in them is not published. */
async function laneRow(service: string, client: pg.Client): Promise<Row> {
  const name = `Lanes, ${service}`;
  const { rows: settings } = await client.query<{ lanes: number; outbox: number }>(
    `SELECT lanes, 'outbox'::regclass::oid::int AS outbox FROM outbox_settings`,
  );
  const [setting] = settings;
  if (setting === undefined) {
    return { name, status: 'ok', found: 'no relay has been here yet', needed: 'each held by a relay' };
  }
  const { rows } = await client.query<{ lock: number; members: number }>(LOCKS.text, [setting.outbox]);
  const relays = rows.find(({ lock }) => lock === MEMBER_LOCK)?.members ?? 0;
  const held = rows.filter(({ lock }) => lock < MEMBER_LOCK).length;
  const row = {
    name,
    found: `${held} of ${setting.lanes} held, by ${relays} relay${relays === 1 ? '' : 's'}`,
    needed: 'each held by a relay',
  };
  if (held === setting.lanes) return { ...row, status: 'ok' };
  const fix =
    relays === 0
      ? `start a node of ${service}`
      : 'ask again in some seconds; if they stay, look at the log of the nodes';
  return { ...row, status: 'warn', fix };
}
