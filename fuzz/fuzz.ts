import { writeFileSync } from 'node:fs';
import { StartError } from '../start/start-error.ts';
import { onStopSignals } from '../start/stop-signals.ts';
import { FuzzError, HELP, readFuzzOptions } from './options.ts';
import { startOwnSystem } from './own-system.ts';
import { play } from './play.ts';
import { figuresJson, report } from './report.ts';

/**
 * `npm run fuzz`: generated requests and random amounts for a system of its own.
 *
 * @returns the exit code: 0 when nothing contradicts the contract
 */
async function main(): Promise<number> {
  const options = readFuzzOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(`${HELP}\n`);
    return 0;
  }
  const { inputs, amounts, seed, json } = options;
  process.stdout.write(`\n  ${inputs} generated requests and ${amounts} random amounts, seed ${seed}\n\n`);
  const signals = onStopSignals(() => undefined);
  const system = await startOwnSystem(process.env, process.stdout);
  try {
    const played = await Promise.race([
      play({ ...options, system, stream: process.stdout, env: process.env }),
      signals.first,
    ]);
    if (played === 'stop') throw new FuzzError('Stopped.');
    process.stdout.write(`${report(played)}\n`);
    if (json !== undefined) writeFileSync(json, `${figuresJson(played)}\n`);
    return played.violations.count === 0 ? 0 : 1;
  } finally {
    await system.remove();
  }
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    const isForReader = error instanceof FuzzError || error instanceof StartError;
    process.stderr.write(isForReader ? `\n  ${error.message}\n\n` : `${String((error as Error).stack)}\n`);
    process.exit(1);
  },
);
