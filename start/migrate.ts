import { migrateDatabases } from '../deploy/migrate-databases.ts';
import { readRunningCluster } from './cluster-state.ts';
import { dataDirOf } from './options.ts';

/** `npm run migrate`: on the databases that the environment names, otherwise on those of the cluster that runs here. */
async function environment(): Promise<NodeJS.ProcessEnv> {
  const addresses = (await readRunningCluster(dataDirOf(process.env)))?.addresses;
  if (addresses === undefined) return process.env;
  return { ORDERS_DATABASE_URL: addresses.ordersUrl, PAYMENTS_DATABASE_URL: addresses.paymentsUrl, ...process.env };
}

process.exitCode = await migrateDatabases(process.argv.slice(2), await environment(), {
  out: (line) => {
    console.log(line);
  },
  error: (line) => {
    console.error(`\n  ${line}\n`);
  },
});
