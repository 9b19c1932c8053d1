import { once } from 'node:events';
import net from 'node:net';

export interface DatabaseProxy {
  /** The database's URL, by way of the proxy. */
  readonly url: string;
  /** New sessions go to this URL's server; those that there are stay where they are. */
  moveTo(databaseUrl: string): void;
  close(): void;
}

/**
 * Stands between sessions and PostgreSQL.
 *
 * @param join connects the two sides of a session, and takes their errors
 */
export async function databaseProxy(
  databaseUrl: string,
  join: (client: net.Socket, database: net.Socket) => void,
): Promise<DatabaseProxy> {
  let target = new URL(databaseUrl);
  const sockets: net.Socket[] = [];
  const server = net.createServer((client) => {
    const database = net.connect({ host: target.hostname, port: Number(target.port) });
    sockets.push(client, database);
    join(client, database);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as net.AddressInfo).port);
  return {
    url: url.href,
    moveTo: (newUrl) => {
      target = new URL(newUrl);
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
