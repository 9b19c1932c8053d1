import { findSystem } from './find-system.ts';
import { HELP, readShopOptions, ShopError } from './options.ts';
import { playDay } from './play-day.ts';
import { report } from './report.ts';
import { verdict } from './verdict.ts';

/**
 * `npm run shop`: a day of a shop on the running system.
 *
 * @returns the exit code: 0 when everything was as promised
 */
async function main(): Promise<number> {
  const options = readShopOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(`${HELP}\n`);
    return 0;
  }
  const system = await findSystem(process.env, options.api);
  const { users, orders, inFlight, seed } = options;
  process.stdout.write(`\n  ${users} customers place ${orders} orders at ${system.apiUrl}\n\n`);
  const day = await playDay({ system, users, orders, inFlight, seed, stream: process.stdout, env: process.env });
  process.stdout.write(`${report(day)}\n`);
  return verdict(day).length === 0 ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(
      error instanceof ShopError ? `\n  ${error.message}\n\n` : `${String((error as Error).stack)}\n`,
    );
    process.exit(1);
  },
);
