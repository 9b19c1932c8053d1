import { runCommand } from '../terminal/command.js';
import { COMMAND, readSimulatorOptions } from './options.ts';
import { makeReport, printReport } from './report.ts';
import { runSeed } from './run-seed.ts';
import { runSeeds } from './run-seeds.ts';

/** `npm run simulator`. */
async function main(): Promise<number> {
  const options = readSimulatorOptions(process.argv.slice(2));
  const beganAt = performance.now();
  const results = options.trace
    ? [
        await runSeed(options.seed, options.steps, (line) => {
          process.stdout.write(`${line}\n`);
        }),
      ]
    : await runSeeds(options.seed, options.seeds, options.steps);
  const report = makeReport(results, options.steps, performance.now() - beganAt);
  process.stdout.write(`${options.json ? JSON.stringify(report) : printReport(report)}\n`);
  return report.violation === null && report.missing.length === 0 ? 0 : 1;
}

await runCommand(COMMAND, main);
