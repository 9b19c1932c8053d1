import pg from 'pg';

const ANSWER_TIMEOUT_MS = 2000;

/**
 * Whether the database that this URL names answers a query.
 *
 * @throws the driver's error when it does not.
 */
export async function databaseAnswers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: ANSWER_TIMEOUT_MS });
  // A server that goes down between two messages raises an error event besides rejecting.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } finally {
    await client.end();
  }
}
