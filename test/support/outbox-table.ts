import { Client } from 'pg';
import { migrate } from '../../mixins/database/migrate.ts';
import { outboxMigrations } from '../../mixins/outbox/migrations.ts';
import { freshDatabase } from './database.ts';

export interface OutboxTable {
  readonly url: string;
  /** A session of the test's own. */
  readonly client: Client;
  /** Writes rows past the mixin: ids rise with the names' order. A name is the partition key. */
  add(lane: number, keys: readonly string[], payload?: string): Promise<void>;
  /** Writes many rows quickly, `key-0` … `key-(keys − 1)` in turn. */
  fill(lane: number, rows: number, keys?: number): Promise<void>;
  /** Partition keys of the rows that wait, by id. */
  keysWaiting(): Promise<string[]>;
  drop(): Promise<void>;
}

const INSERT = `
  INSERT INTO outbox (event_id, aggregate_type, aggregate_id, aggregate_version, partition_key, lane, type, payload, headers)
  SELECT gen_random_uuid(), 'meter', key, 1, key, $1, 'meter.read', $3::json, '{"dataschema":"meter.read/1"}'
  FROM unnest($2::text[]) WITH ORDINALITY AS row (key, position) ORDER BY position`;

/** A fresh database with nothing but the outbox's tables. */
export async function outboxTable(): Promise<OutboxTable> {
  const database = await freshDatabase();
  await migrate(database.url, outboxMigrations);
  const client = new Client({ connectionString: database.url });
  // The database is dropped under it at the end.
  client.on('error', () => undefined);
  await client.connect();
  const add = async (lane: number, keys: readonly string[], payload = '{}'): Promise<void> => {
    await client.query(INSERT, [lane, keys, payload]);
  };
  return {
    url: database.url,
    client,
    add,
    fill: (lane, rows, keys = 100) =>
      add(
        lane,
        Array.from({ length: rows }, (_, index) => `key-${index % keys}`),
      ),
    keysWaiting: async () => {
      const { rows } = await client.query<{ partition_key: string }>('SELECT partition_key FROM outbox ORDER BY id');
      return rows.map((row) => row.partition_key);
    },
    drop: async () => {
      await client.end();
      await database.drop();
    },
  };
}
