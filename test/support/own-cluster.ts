import { join } from 'node:path';
import { startKafka } from '../../start/embedded-kafka.ts';
import type { RunningKafka } from '../../start/embedded-kafka.ts';
import { startPostgres } from '../../start/embedded-postgres.ts';
import type { RunningPostgres } from '../../start/embedded-postgres.ts';
import { freePort } from '../../start/free-port.ts';
import { temporaryFolder } from './temporary-folder.ts';
import type { TemporaryFolder } from './temporary-folder.ts';

// A test writes a few megabytes; two Kafkas of the product's heap at once would crowd a small machine.
const TEST_HEAP_MB = 256;

/** A server of a test's own, that it may stop, kill, pause and start again: its address and its data stay the same. */
interface OwnServer<Running> {
  /** The one that runs now, or ran last: its pid, for SIGSTOP and SIGCONT. */
  current(): Running;
  /** Ends in good order; nothing happens when it has ended. */
  stop(): Promise<void>;
  /** As by a power cut. */
  kill(): Promise<void>;
  /** Starts it again after `stop` or `kill`, and waits until it answers. */
  start(): Promise<void>;
  /** Kills it and removes its data. For `afterAll`. */
  remove(): Promise<void>;
}

export interface OwnKafka extends OwnServer<RunningKafka> {
  readonly brokers: string;
}

export interface OwnPostgres extends OwnServer<RunningPostgres> {
  urlOf(database: string): string;
}

/** Starts a Kafka that no other test uses. */
export async function ownKafka(): Promise<OwnKafka> {
  const folder = temporaryFolder();
  const [port, controllerPort] = [await freePort(), await freePort()];
  const server = await ownServer(folder, () =>
    startKafka({
      dataDir: join(folder.path, 'kafka'),
      port,
      controllerPort,
      logFile: join(folder.path, 'kafka.log'),
      heapMb: TEST_HEAP_MB,
    }),
  );
  return { ...server, brokers: server.current().brokers };
}

/** Starts a PostgreSQL that no other test uses. */
export async function ownPostgres(): Promise<OwnPostgres> {
  const folder = temporaryFolder();
  const port = await freePort();
  const server = await ownServer(folder, () =>
    startPostgres({ dataDir: folder.postgresDir, port, logFile: join(folder.path, 'postgres.log') }),
  );
  return { ...server, urlOf: (database) => server.current().urlOf(database) };
}

async function ownServer<Running extends RunningKafka | RunningPostgres>(
  folder: TemporaryFolder,
  startServer: () => Promise<Running>,
): Promise<OwnServer<Running>> {
  let running: Running;
  // A run that is cut short (Ctrl-C, a time-out of jest's) leaves neither a process nor a folder.
  const atExit = (): void => {
    running.signal('SIGKILL');
    folder.remove();
  };
  try {
    running = await startServer();
  } catch (error) {
    folder.remove();
    throw error;
  }
  process.once('exit', atExit);
  return {
    current: () => running,
    stop: () => running.stop(),
    kill: () => running.kill(),
    start: async () => {
      running = await startServer();
    },
    remove: async () => {
      process.off('exit', atExit);
      await running.kill();
      folder.remove();
    },
  };
}
