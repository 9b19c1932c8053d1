import { runCommand } from '../terminal/command.js';
import { findSystem } from './find-system.ts';
import { COMMAND, readShopOptions, ShopError } from './options.ts';
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
  const system = await findSystem(process.env, options.api);
  const { users, orders, inFlight, seed } = options;
  process.stdout.write(`\n  ${users} customers place ${orders} orders at ${system.apiUrl}\n\n`);
  const day = await playDay({ system, users, orders, inFlight, seed, stream: process.stdout, env: process.env });
  process.stdout.write(`${report(day)}\n`);
  return verdict(day).length === 0 ? 0 : 1;
}

await runCommand(COMMAND, main, { isForReader: (error) => error instanceof ShopError });
