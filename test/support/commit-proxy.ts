import { databaseProxy, type DatabaseProxy } from './database-proxy.ts';

/** Stands between a node and PostgreSQL, until the COMMIT comes that a test waits for. */
export interface CommitProxy extends DatabaseProxy {
  /** Resolves when that COMMIT was held back, or its answer; the connection is silent from then on. */
  readonly held: Promise<void>;
}

/** Long enough to find a text that comes in two pieces. */
const OVERLAP_BYTES = 64;

/**
 * Holds back the COMMIT of the first transaction that inserts into a table, or what the server answers to it.
 *
 * @param hold `request`: the COMMIT never reaches the server; `answer`: it does, and takes effect
 */
export async function commitProxy(
  databaseUrl: string,
  table: string,
  hold: 'request' | 'answer',
): Promise<CommitProxy> {
  let onHeld = (): void => undefined;
  const held = new Promise<void>((resolve) => (onHeld = resolve));
  let hasHeld = false;
  const proxy = await databaseProxy(databaseUrl, (client, database) => {
    const end = (): void => {
      client.destroy();
      database.destroy();
    };
    for (const socket of [client, database]) socket.on('error', end).on('close', end);
    let tail = Buffer.alloc(0);
    let hasInserted = false;
    let isSilent = false;
    client.on('data', (chunk: Buffer) => {
      const text = Buffer.concat([tail, chunk]);
      tail = text.subarray(-OVERLAP_BYTES);
      hasInserted ||= text.includes(`INSERT INTO ${table}`);
      if (hasInserted && !hasHeld && text.includes('COMMIT')) {
        hasHeld = true;
        isSilent = true;
        if (hold === 'answer') database.write(chunk);
        onHeld();
      } else if (!isSilent) database.write(chunk);
    });
    database.on('data', (chunk) => {
      if (!isSilent) client.write(chunk);
    });
  });
  return { ...proxy, held };
}
