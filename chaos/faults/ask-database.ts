import pg from 'pg';

const CONNECT_TIMEOUT_MS = 3000;
const STATEMENT_TIMEOUT_MS = 10_000;

/** @returns a session past the links; `end` it */
export async function openSession(url: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    application_name: 'chaos',
  });
  // A server that goes down raises an error event besides rejecting.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** Asks one thing on a session of its own. */
export async function ask<Row extends pg.QueryResultRow>(
  url: string,
  sql: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  const session = await openSession(url);
  try {
    return (await session.query<Row>(sql, [...values])).rows;
  } finally {
    await session.end().catch(() => undefined);
  }
}
