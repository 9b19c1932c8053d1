import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import type { Running } from '../../start/child.ts';
import { startKafka } from '../../start/embedded-kafka.ts';
import { createDatabaseIfMissing, startPostgres } from '../../start/embedded-postgres.ts';
import { freePort } from '../../start/free-port.ts';
import { shelterOf } from '../../start/postgres-home.ts';
import { chaosServer, type ChaosServer } from './chaos-server.ts';
import type { Guard } from './guard.ts';

const KAFKA_HEAP_MB = 384;
/** Holds the orders of half an hour with their write-ahead log, and can be filled in a moment. */
const POSTGRES_DISK_MB = 6144;

/** As whom the nodes connect: owner of their databases and nothing more, so that limits can be set for them alone. */
export const NODE_ROLE = 'node_under_test';

/** A file system that can be filled in a moment. */
export interface Disk {
  /** It has no byte left. @throws Error when the system refuses */
  fill(): void;
  /** It has its size again. */
  empty(): void;
}

/** Both databases, on one server. */
export interface PostgresUnderTest extends ChaosServer {
  readonly port: number;
  readonly ordersUrl: string;
  readonly paymentsUrl: string;
  readonly logFile: string;
  /** The file system of its own that its data lies on; null where none may be mounted. */
  readonly disk: Disk | null;
  remove(): void;
}

/**
 * Starts PostgreSQL with its data on a file system of its own, if this user may mount one: a disk that can be filled
 * without filling the machine's.
 */
export async function startPostgresUnderTest(folder: string, guard: Guard): Promise<PostgresUnderTest> {
  const place = join(folder, 'postgres');
  mkdirSync(place, { recursive: true, mode: 0o755 });
  const disk = mountDisk(place);
  if (disk !== null) guard.watchMount(place);
  const dataDir = join(place, 'data');
  const remove = (): void => {
    if (disk !== null) spawnSync('umount', [place]);
    rmSync(shelterOf(dataDir), { recursive: true, force: true });
    rmSync(place, { recursive: true, force: true });
  };
  const port = await freePort();
  const logFile = join(folder, 'logs', 'postgres.log');
  const startOnce = (): ReturnType<typeof startPostgres> =>
    startPostgres({ dataDir, port, logFile, onSpawn: watchedBy(guard) });
  try {
    const first = await startOnce();
    const [ordersUrl, paymentsUrl] = [first.urlOf('orders'), first.urlOf('payments')];
    await makeDatabases(first.urlOf('postgres'), [ordersUrl, paymentsUrl]);
    return { ...chaosServer(first, startOnce), port, ordersUrl, paymentsUrl, logFile, disk, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

async function makeDatabases(adminUrl: string, urls: readonly string[]): Promise<void> {
  for (const url of urls) await createDatabaseIfMissing(url);
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    await admin.query(`CREATE ROLE ${NODE_ROLE} LOGIN`);
    for (const url of urls) {
      const name = decodeURIComponent(new URL(url).pathname.slice(1));
      await admin.query(`ALTER DATABASE ${admin.escapeIdentifier(name)} OWNER TO ${NODE_ROLE}`);
    }
  } finally {
    await admin.end();
  }
}

/** @returns null where this user may not mount one */
function mountDisk(place: string): Disk | null {
  const mount = (options: string): boolean =>
    spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', place]).status === 0;
  const whole = `size=${POSTGRES_DISK_MB}m`;
  if (!mount(`${whole},mode=1777`)) return null;
  return {
    fill: () => {
      const { blocks, bfree, bsize } = statfsSync(place);
      // A file system may not become smaller than what is on it, and that grows all the time: a page more.
      for (const spare of [0, 4, 64, 512]) {
        if (mount(`remount,size=${(blocks - bfree + spare) * bsize}`)) return;
      }
      throw new Error('The file system could not be shrunk to what is on it.');
    },
    empty: () => {
      if (!mount(`remount,${whole}`)) throw new Error('The file system did not get its size back.');
    },
  };
}

/** Kafka with a listener for each node: where it sends a client leads through that node's proxy. */
export interface KafkaUnderTest extends ChaosServer {
  /** `127.0.0.1:29092`, past every proxy. */
  readonly brokers: string;
  /** Its port for the proxy of a link. */
  readonly portOf: (link: string) => number;
}

/** @param proxyPorts where each link's proxy will listen, by the link's name (capital letters and digits) */
export async function startKafkaUnderTest(
  folder: string,
  guard: Guard,
  proxyPorts: ReadonlyMap<string, number>,
): Promise<KafkaUnderTest> {
  const [port, controllerPort] = [await freePort(), await freePort()];
  const ports = new Map<string, number>();
  for (const link of proxyPorts.keys()) ports.set(link, await freePort());
  const listeners = [...ports].map(([link, own]) => `${link}://127.0.0.1:${own}`);
  const advertised = [...proxyPorts].map(([link, proxy]) => `${link}://127.0.0.1:${proxy}`);
  const names = ['PLAINTEXT', 'CONTROLLER', ...ports.keys()];
  const startOnce = (): ReturnType<typeof startKafka> =>
    startKafka({
      dataDir: join(folder, 'kafka'),
      port,
      controllerPort,
      heapMb: KAFKA_HEAP_MB,
      shortLived: true,
      logFile: join(folder, 'logs', 'kafka.log'),
      onSpawn: watchedBy(guard),
      settings: {
        listeners: [`PLAINTEXT://127.0.0.1:${port}`, `CONTROLLER://127.0.0.1:${controllerPort}`, ...listeners].join(
          ',',
        ),
        'advertised.listeners': [`PLAINTEXT://127.0.0.1:${port}`, ...advertised].join(','),
        'listener.security.protocol.map': names.map((name) => `${name}:PLAINTEXT`).join(','),
        'inter.broker.listener.name': 'PLAINTEXT',
        // Threads for each listener: one is enough for one node's connections.
        'num.network.threads': '1',
      },
    });
  const first = await startOnce();
  return {
    ...chaosServer(first, startOnce),
    brokers: first.brokers,
    portOf: (link) => {
      const own = ports.get(link);
      if (own === undefined) throw new Error(`Kafka has no listener ${link}.`);
      return own;
    },
  };
}

function watchedBy(guard: Guard): (child: Running) => void {
  return (child) => {
    guard.watch(child.pid);
    void child.exited.then(() => {
      guard.forget(child.pid);
    });
  };
}
