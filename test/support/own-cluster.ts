import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Running, StartHooks } from '../../start/child.ts';
import { startKafka } from '../../start/embedded-kafka.ts';
import { startPostgres } from '../../start/embedded-postgres.ts';
import { freePort } from '../../start/free-port.ts';
import { startGuard } from './guard.ts';
import { temporaryFolder } from './temporary-folder.ts';
import type { TemporaryFolder } from './temporary-folder.ts';

// A test writes a few megabytes; two Kafkas of the product's heap at once would crowd a small machine.
const TEST_HEAP_MB = 256;

/** A server of a test's own, that it may stop, kill, pause and start again: its address and its data stay the same. */
interface OwnServer {
  /** For SIGSTOP and SIGCONT. */
  pid(): number;
  /** Ends in good order; nothing happens when it has ended. */
  stop(): Promise<void>;
  /** As by a power cut. */
  kill(): Promise<void>;
  /** Starts it again after `stop` or `kill`, and waits until it answers. */
  start(): Promise<void>;
  /** Ends it and removes its data. For `afterAll`. */
  remove(): Promise<void>;
}

export interface OwnKafka extends OwnServer {
  readonly brokers: string;
}

export interface OwnPostgres extends OwnServer {
  readonly urlOf: (database: string) => string;
}

export interface OwnKafkaOptions {
  /** Where it sends its clients, when a proxy stands before it. */
  readonly advertisedPort?: number;
  /** As the product starts it: it takes longer to start, and less time for each request once it is warm. */
  readonly isForLong?: boolean;
}

/** Starts a Kafka that no other test uses. */
export async function ownKafka({ advertisedPort, isForLong = false }: OwnKafkaOptions = {}): Promise<OwnKafka> {
  const folder = temporaryFolder();
  const [port, controllerPort] = [await freePort(), await freePort()];
  const { server, first } = await ownServer(folder, (hooks) =>
    startKafka({
      dataDir: join(folder.path, 'kafka'),
      port,
      controllerPort,
      logFile: join(folder.path, 'kafka.log'),
      ...(!isForLong && { heapMb: TEST_HEAP_MB, shortLived: true }),
      ...(advertisedPort !== undefined && { advertisedPort }),
      ...hooks,
    }),
  );
  return { ...server, brokers: first.brokers };
}

/**
 * Starts a PostgreSQL that no other test uses.
 *
 * @param fill puts a server's data into the folder that it is given; an empty server is made unless told otherwise
 */
export async function ownPostgres(fill?: (dataDir: string) => Promise<void>): Promise<OwnPostgres> {
  const folder = temporaryFolder();
  const port = await freePort();
  const { server, first } = await ownServer(folder, async (hooks) => {
    if (!existsSync(folder.postgresDir)) await fill?.(folder.postgresDir);
    return startPostgres({ dataDir: folder.postgresDir, port, logFile: join(folder.path, 'postgres.log'), ...hooks });
  });
  return { ...server, urlOf: first.urlOf };
}

async function ownServer<Server extends Running>(
  folder: TemporaryFolder,
  startServer: (hooks: StartHooks) => Promise<Server>,
): Promise<{ server: OwnServer; first: Server }> {
  const guard = startGuard(folder.all);
  const start = (): Promise<Server> =>
    startServer({
      onSpawn: (child) => {
        guard.watch(child.pid);
      },
    });
  const tidyUp = (): void => {
    folder.remove();
    guard.dismiss();
  };
  const first = await start().catch((error: unknown) => {
    tidyUp();
    throw error;
  });
  let running = first;
  const server: OwnServer = {
    pid: () => running.pid,
    stop: async () => {
      await running.stop();
    },
    kill: async () => {
      await running.kill();
    },
    start: async () => {
      running = await start();
    },
    remove: async () => {
      // In good order: a killed PostgreSQL leaves its shared memory behind.
      await running.stop();
      tidyUp();
    },
  };
  return { server, first };
}
