import { readRunningCluster } from './cluster-state.ts';
import { runnerEnvironment } from './node-process.ts';
import { dataDirOf } from './options.ts';
import { StartError } from './start-error.ts';

/**
 * The environment of the cluster that runs here, or of the one that ours names.
 *
 * @throws StartError when neither is known
 */
export async function clusterEnvironment(): Promise<NodeJS.ProcessEnv> {
  const env: NodeJS.ProcessEnv = { ...runnerEnvironment(process.env), LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'warn' };
  if ((env['KAFKA_BROKERS'] ?? '').trim() !== '') return env;
  const addresses = (await readRunningCluster(dataDirOf(env)))?.addresses;
  if (addresses === undefined) {
    throw new StartError(
      'No cluster runs here: start one by "npm start" in another terminal, or set KAFKA_BROKERS (and ORDERS_DATABASE_URL) to join one elsewhere.',
    );
  }
  return {
    ...env,
    KAFKA_BROKERS: addresses.brokers,
    ORDERS_DATABASE_URL: addresses.ordersUrl,
    PAYMENTS_DATABASE_URL: addresses.paymentsUrl,
  };
}
