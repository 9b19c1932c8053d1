import { once } from 'node:events';
import net from 'node:net';

export interface StallingProxy {
  /** The database's URL, by way of the proxy. */
  readonly url: string;
  /** From now on takes nothing from the server any more, as a node does that is stopped: the kernel's buffers fill up. */
  stall(): void;
  close(): void;
}

/** Stands between one session and PostgreSQL. */
export async function stallingProxy(databaseUrl: string): Promise<StallingProxy> {
  const target = new URL(databaseUrl);
  const sockets: net.Socket[] = [];
  let isStalled = false;
  const server = net.createServer((client) => {
    const database = net.connect({ host: target.hostname, port: Number(target.port) });
    sockets.push(client, database);
    for (const socket of [client, database]) socket.on('error', () => undefined);
    client.pipe(database);
    database.on('data', (chunk) => {
      client.write(chunk);
      if (isStalled) database.pause();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as net.AddressInfo).port);
  return {
    url: url.href,
    stall: () => {
      isStalled = true;
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
