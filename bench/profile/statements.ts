import type { OwnPostgres } from '../../test/support/own-cluster.ts';
import { withClient } from '../harness/database.ts';

/** What PostgreSQL counted of one statement. */
export interface StatementCount {
  readonly database: string;
  readonly text: string;
  readonly calls: number;
  readonly rows: number;
  /** Of all calls. */
  readonly totalMs: number;
  readonly walBytes: number;
}

/** Loads `pg_stat_statements`, for which PostgreSQL has to begin anew. */
export async function countStatements(postgres: OwnPostgres): Promise<void> {
  await withClient(postgres.urlOf('postgres'), async (client) => {
    await client.query(`ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'`);
    await client.query(`ALTER SYSTEM SET pg_stat_statements.track_planning = on`);
  });
  await postgres.stop();
  await postgres.start();
  await withClient(postgres.urlOf('postgres'), async (client) => {
    await client.query('CREATE EXTENSION pg_stat_statements');
  });
}

/** Counts from 0 again. */
export async function resetStatements(postgres: OwnPostgres): Promise<void> {
  await withClient(postgres.urlOf('postgres'), async (client) => {
    await client.query('SELECT pg_stat_statements_reset()');
  });
}

/** @returns every statement since the reset, planning and execution together, the longest first */
export async function readStatements(postgres: OwnPostgres): Promise<StatementCount[]> {
  return withClient(postgres.urlOf('postgres'), async (client) => {
    const { rows } = await client.query<StatementCount>(
      `SELECT datname AS database, regexp_replace(query, '\\s+', ' ', 'g') AS text, calls::float8 AS calls, rows::float8 AS rows,
              total_exec_time + total_plan_time AS "totalMs", wal_bytes::float8 AS "walBytes"
         FROM pg_stat_statements JOIN pg_database ON pg_database.oid = dbid
        WHERE datname IN ('orders', 'payments')
        ORDER BY "totalMs" DESC`,
    );
    return rows;
  });
}
