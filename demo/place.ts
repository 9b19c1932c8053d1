import { ConfigError, loadConfig, type Config } from '../config/config.ts';
import { ShopClient } from '../shop/shop-client.ts';
import { readRunningCluster, type ClusterAddresses } from '../start/cluster-state.ts';
import { makeToken } from '../start/make-token.ts';
import { DemoError } from './options.ts';

/** The system that a demo is played on. */
export interface Place {
  readonly apiUrl: string;
  /** Where its servers are. */
  readonly config: Config;
  /** The data folder of the `npm start`, or demo, that keeps it running; null when nobody here does. */
  readonly supervisedIn: string | null;
  /** For callers who have to show one. */
  readonly token: string | undefined;
}

/** What a caller needs that acts for customers. */
const SCOPES = 'payments:deposit orders:any-user payments:any-user';

/** @param addresses of a system that is kept running from this data folder */
export async function supervisedPlace(
  env: NodeJS.ProcessEnv,
  addresses: ClusterAddresses,
  dataDir: string,
): Promise<Place> {
  const servers = {
    KAFKA_BROKERS: addresses.brokers,
    ORDERS_DATABASE_URL: addresses.ordersUrl,
    PAYMENTS_DATABASE_URL: addresses.paymentsUrl,
  };
  return placeAt({ ...env, ...servers }, addresses.apiPort, dataDir);
}

/**
 * The system that runs already.
 *
 * @param waitUntilReady for one that is just starting
 * @returns null where none does
 */
export async function runningPlace(
  env: NodeJS.ProcessEnv,
  dataDir: string,
  waitUntilReady: (isReady: () => Promise<ClusterAddresses | null>) => Promise<ClusterAddresses>,
): Promise<Place | null> {
  if ((await readRunningCluster(dataDir)) !== undefined) {
    const addresses = await waitUntilReady(async () => {
      const found = await readRunningCluster(dataDir);
      if (found === undefined) {
        throw new DemoError('The system that was just starting has ended: look at its terminal.');
      }
      const { addresses } = found;
      return addresses !== undefined && (await isReady(urlOf(addresses.apiPort))) ? addresses : null;
    });
    return supervisedPlace(env, addresses, dataDir);
  }
  const { apiPort } = configOf(env).http;
  return (await isReady(urlOf(apiPort))) ? placeAt(env, apiPort, null) : null;
}

async function placeAt(env: NodeJS.ProcessEnv, apiPort: number, supervisedIn: string | null): Promise<Place> {
  const config = configOf(env);
  const needsToken = config.access.auth?.mode === 'jwt';
  return {
    apiUrl: urlOf(apiPort),
    config,
    supervisedIn,
    token: needsToken ? await makeToken(['--sub', 'demo', '--scope', SCOPES], env) : undefined,
  };
}

function configOf(env: NodeJS.ProcessEnv): Config {
  try {
    return loadConfig(env);
  } catch (error) {
    throw error instanceof ConfigError ? new DemoError(error.message) : error;
  }
}

/** Whether a gateway of ours answers there, and can work. */
export async function isReady(url: string): Promise<boolean> {
  const client = new ShopClient(url, 1, READY_TIMEOUT_MS);
  const { status, body } = await client.get('/health/ready');
  client.close();
  return status === 200 && body.includes('"ready"');
}

const READY_TIMEOUT_MS = 2000;

function urlOf(port: number): string {
  return `http://localhost:${port}`;
}
