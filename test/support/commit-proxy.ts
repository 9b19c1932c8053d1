import { once } from 'node:events';
import net from 'node:net';

/** Stands between a node and PostgreSQL, until the COMMIT comes that a test waits for. */
export interface CommitProxy {
  /** The database's URL, by way of the proxy. */
  readonly url: string;
  /** Resolves when that COMMIT was held back, or its answer; the connection is silent from then on. */
  readonly held: Promise<void>;
  close(): void;
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
  const target = new URL(databaseUrl);
  const sockets: net.Socket[] = [];
  let onHeld = (): void => undefined;
  const held = new Promise<void>((resolve) => (onHeld = resolve));
  const server = net.createServer((client) => {
    const database = net.connect({ host: target.hostname, port: Number(target.port) });
    sockets.push(client, database);
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
      if (hasInserted && !isSilent && text.includes('COMMIT')) {
        isSilent = true;
        if (hold === 'answer') database.write(chunk);
        onHeld();
      } else if (!isSilent) database.write(chunk);
    });
    database.on('data', (chunk) => {
      if (!isSilent) client.write(chunk);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as net.AddressInfo).port);
  return {
    url: url.href,
    held,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
