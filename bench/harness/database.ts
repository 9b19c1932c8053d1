import { Client } from 'pg';

/** Connects a client for some work, and lets go of it whatever comes of that. */
export async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** What has been left to do (dead rows, dirty pages) is done before a measurement, rather than during one. */
export async function calmDown(client: Client): Promise<void> {
  await client.query('VACUUM (ANALYZE)');
  await client.query('CHECKPOINT');
}
