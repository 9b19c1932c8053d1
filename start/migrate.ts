import { ConfigError } from '../config/config.ts';
import { COMMAND, migrateDatabases, STREAMS } from '../deploy/migrate-databases.ts';
import { runCommand } from '../terminal/command.js';
import { readRunningCluster } from './cluster-state.ts';
import { dataDirOf } from './options.ts';

/** `npm run migrate`: on the databases that the environment names, otherwise on those of the cluster that runs here. */
async function environment(): Promise<NodeJS.ProcessEnv> {
  const addresses = (await readRunningCluster(dataDirOf(process.env)))?.addresses;
  if (addresses === undefined) return process.env;
  return { ORDERS_DATABASE_URL: addresses.ordersUrl, PAYMENTS_DATABASE_URL: addresses.paymentsUrl, ...process.env };
}

await runCommand(COMMAND, async (options) => migrateDatabases(options, await environment(), STREAMS), {
  isForReader: (error) => error instanceof ConfigError,
  failureCode: 2,
});
