import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClusterRecord } from '../start/cluster-state.ts';
import { Cluster } from '../start/cluster.ts';
import { dataFolderAt } from '../start/data-folder.ts';
import { freePort } from '../start/free-port.ts';
import { readStartOptions } from '../start/options.ts';
import { shelterOf } from '../start/postgres-home.ts';
import { preflight } from '../start/preflight.ts';
import { Progress, type ProgressStream } from '../start/progress.ts';
import type { Door } from './fuzz-case.ts';

/** A whole system with which nobody else works. */
export interface OwnSystem {
  readonly host: string;
  readonly ports: Readonly<Record<Door, number>>;
  readonly brokers: string;
  readonly ordersUrl: string;
  readonly paymentsUrl: string;
  /** Ends it and removes its data. */
  remove(): Promise<void>;
}

type Environment = Readonly<Record<string, string | undefined>>;

const HOST = '127.0.0.1';
/** Where whoever runs this has said where a system of theirs is: that one is left alone. */
const NAMES_A_SYSTEM = /^(KAFKA_|ORDERS_|PAYMENTS_|API_|AUTH|OPERATOR_|RATE_LIMIT|NAMESPACE$|NODE_ENV$|NODE_SLOT)/;

/**
 * Starts PostgreSQL, Kafka and the three nodes on free ports, with data in a temporary folder.
 *
 * @throws StartError of the first part that does not come up
 */
export async function startOwnSystem(outer: Environment, stream: ProgressStream): Promise<OwnSystem> {
  const path = mkdtempSync(join(tmpdir(), 'orders-payments-fuzz-'));
  // PostgreSQL's user has to get in when this runs as root.
  chmodSync(path, 0o755);
  const env = await environment(outer, path);
  const options = readStartOptions([], env);
  const folder = dataFolderAt(options.dataDir);
  const record = new ClusterRecord(options.dataDir);
  await record.claim();
  const cluster = new Cluster(options, folder, record, new Progress(stream, outer), env);
  const remove = async (): Promise<void> => {
    await cluster.stop();
    record.release();
    for (const data of [path, shelterOf(folder.postgres)]) {
      rmSync(data, { recursive: true, force: true, maxRetries: 5 });
    }
  };
  try {
    await preflight(options);
    const { apiPort, ordersPort, paymentsPort, ...addresses } = await cluster.start();
    return { ...addresses, host: HOST, ports: { api: apiPort, orders: ordersPort, payments: paymentsPort }, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function environment(outer: Environment, dataDir: string): Promise<NodeJS.ProcessEnv> {
  const kept = Object.entries(outer).filter(([name]) => !NAMES_A_SYSTEM.test(name));
  const ports = ['API_PORT', 'ORDERS_PORT', 'PAYMENTS_PORT', 'KAFKA_PORT', 'POSTGRES_PORT'];
  const free: [string, string][] = [];
  for (const name of ports) free.push([name, String(await freePort())]);
  return {
    ...Object.fromEntries(kept),
    ...Object.fromEntries(free),
    DATA_DIR: dataDir,
    HTTP_HOST: HOST,
    LOG_LEVEL: 'warn',
    AUTH: 'off',
  };
}
