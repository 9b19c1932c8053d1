import { ConfigError, loadConfig } from '../config/config.ts';
import { readRunningCluster } from '../start/cluster-state.ts';
import { dataDirOf } from '../start/options.ts';
import { ShopError } from './options.ts';
import type { System } from './play-day.ts';
import { ShopClient } from './shop-client.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Finds the system: the one that the environment names, or the one that `npm start` runs here, or the one that
 * `docker compose up` runs on its usual ports.
 *
 * @param api the gateway, where somebody named it
 * @throws ShopError when no gateway answers there, or the system is not ready
 */
export async function findSystem(env: Environment, api: string | undefined): Promise<System> {
  const system = await locate(env);
  const found = api === undefined ? system : { ...system, apiUrl: api };
  await assertReady(found.apiUrl);
  return found;
}

async function locate(env: Environment): Promise<System> {
  if ((env['ORDERS_DATABASE_URL'] ?? '').trim() === '') {
    const addresses = (await readRunningCluster(dataDirOf(env)))?.addresses;
    if (addresses !== undefined) {
      const { apiPort, ordersUrl, paymentsUrl } = addresses;
      return { apiUrl: `http://localhost:${apiPort}`, ordersUrl, paymentsUrl };
    }
  }
  try {
    const { http, orders, payments } = loadConfig(env);
    // Direct: a pooler may refuse the settings of a read-only session.
    const urls = { ordersUrl: orders.directUrl, paymentsUrl: payments.directUrl };
    return { apiUrl: `http://localhost:${http.apiPort}`, ...urls };
  } catch (error) {
    throw error instanceof ConfigError ? new ShopError(error.message) : error;
  }
}

async function assertReady(apiUrl: string): Promise<void> {
  const client = new ShopClient(apiUrl, 1);
  try {
    const answer = await client.get('/health/ready');
    if (answer.status === 0) {
      throw new ShopError(
        `Nothing answers at ${apiUrl} (${answer.body}): start the system by "npm start" in another terminal, or name its gateway by --api.`,
      );
    }
    if (answer.status !== 200) {
      throw new ShopError(
        `The system at ${apiUrl} is not ready; /health/ready answers ${answer.status}: ${answer.body}`,
      );
    }
  } finally {
    client.close();
  }
}
