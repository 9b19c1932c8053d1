import type { Migration } from '../database/migration.ts';

/**
 * The table of idempotency keys, for the list of a service whose writes take them.
 *
 * - `fingerprint` is the SHA-256 of the request's validated values, `answer` what its action answered, as JSON text: kept as
 *   text and not as jsonb, so that a replay is the first answer to the last character.
 * - `attempt` is the request that wrote the row: it finds its own answer when its COMMIT got none.
 * - Rows go in bulk when they expire: vacuum by rows, before a tenth of a large table is dead.
 */
export const idempotencyKeyMigrations: readonly Migration[] = [
  {
    name: 'idempotency-keys-0001',
    up: `
      CREATE TABLE idempotency_keys (
        scope       text        COLLATE "C" NOT NULL,
        key         text        COLLATE "C" NOT NULL,
        fingerprint bytea       NOT NULL,
        attempt     uuid        NOT NULL,
        answer      text        NOT NULL,
        created_at  timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (scope, key)
      ) WITH (
        autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000,
        autovacuum_analyze_scale_factor = 0.02
      );
      CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);`,
  },
];
