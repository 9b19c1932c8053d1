import { databaseProxy, type DatabaseProxy } from './database-proxy.ts';

export interface StallingProxy extends DatabaseProxy {
  /** From now on takes nothing from the server any more, as a node does that is stopped: the kernel's buffers fill up. */
  stall(): void;
}

/** Stands between one session and PostgreSQL. */
export async function stallingProxy(databaseUrl: string): Promise<StallingProxy> {
  let isStalled = false;
  const proxy = await databaseProxy(databaseUrl, (client, database) => {
    for (const socket of [client, database]) socket.on('error', () => undefined);
    client.pipe(database);
    database.on('data', (chunk) => {
      client.write(chunk);
      if (isStalled) database.pause();
    });
  });
  return {
    ...proxy,
    stall: () => {
      isStalled = true;
    },
  };
}
