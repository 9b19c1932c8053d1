import { Client } from 'pg';
import { Umzug, type UmzugStorage } from 'umzug';
import { CONNECT_TIMEOUT_MS } from './session-limits.ts';
import type { Migration } from './migration.ts';

/** Any number that nothing else in these databases locks; spells "MIGR". */
const MIGRATION_LOCK = 0x4d494752;

/** What a database has of the steps that there are. */
export interface SchemaState {
  readonly applied: readonly { readonly name: string; readonly at: Date }[];
  /** In the order in which they will be applied. */
  readonly pending: readonly string[];
  /** Applied, and no step of this version: a newer one was here. */
  readonly unknown: readonly string[];
}

/**
 * Brings a database to the newest schema. All pending steps are one transaction under an advisory lock: of several
 * nodes that start at once, one does the work, the others wait for it and find nothing left; a crash leaves nothing half done.
 *
 * @param url connection URL; no pooler in between is needed, but none hurts
 * @param migrations every step there is, in order
 * @param isRehearsal everything is done, and taken back
 * @returns the names of the steps that were applied now
 * @throws Error of PostgreSQL, after which the schema is as it was
 */
export async function migrate(url: string, migrations: readonly Migration[], isRehearsal = false): Promise<string[]> {
  return withClient(url, async (client) => {
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    await client.query(
      'CREATE TABLE IF NOT EXISTS schema_migrations (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())',
    );
    const umzug = new Umzug({
      migrations: migrations.map(({ name, up }) => ({ name, up: () => client.query(up) })),
      storage: new TableStorage(client),
      logger: undefined,
    });
    const applied = await umzug.up();
    await client.query(isRehearsal ? 'ROLLBACK' : 'COMMIT');
    return applied.map(({ name }) => name);
  });
}

/**
 * Reads how far a database is; changes nothing and waits for nobody who migrates.
 *
 * @throws Error of PostgreSQL
 */
export async function readSchemaState(url: string, migrations: readonly Migration[]): Promise<SchemaState> {
  return withClient(url, async (client) => {
    const { rows: tables } = await client.query<{ name: string | null }>(
      "SELECT to_regclass('schema_migrations') AS name",
    );
    const isNew = (tables[0]?.name ?? null) === null;
    if (isNew) return { applied: [], pending: migrations.map(({ name }) => name), unknown: [] };
    const { rows } = await client.query<{ name: string; at: Date }>(
      'SELECT name, applied_at AS at FROM schema_migrations ORDER BY applied_at, name',
    );
    const isApplied = new Set(rows.map(({ name }) => name));
    const isOurs = new Set(migrations.map(({ name }) => name));
    return {
      applied: rows,
      pending: migrations.flatMap(({ name }) => (isApplied.has(name) ? [] : [name])),
      unknown: rows.flatMap(({ name }) => (isOurs.has(name) ? [] : [name])),
    };
  });
}

async function withClient<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  // A connection that breaks between two statements is reported by the next one.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

/** umzug's record of what ran, written on the same connection and so in the same transaction as the steps. */
class TableStorage implements UmzugStorage {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  async logMigration({ name }: { name: string }): Promise<void> {
    await this.#client.query('INSERT INTO schema_migrations (name) VALUES ($1)', [name]);
  }

  async unlogMigration({ name }: { name: string }): Promise<void> {
    await this.#client.query('DELETE FROM schema_migrations WHERE name = $1', [name]);
  }

  async executed(): Promise<string[]> {
    const { rows } = await this.#client.query<{ name: string }>('SELECT name FROM schema_migrations ORDER BY name');
    return rows.map(({ name }) => name);
  }
}
