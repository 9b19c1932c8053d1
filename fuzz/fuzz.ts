import { writeFileSync } from 'node:fs';
import { StartError } from '../start/start-error.ts';
import { onStopSignals } from '../start/stop-signals.ts';
import { runCommand } from '../terminal/command.js';
import { COMMAND, FuzzError, readFuzzOptions } from './options.ts';
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
  const { inputs, amounts, seed, json } = options;
  process.stdout.write(`\n  ${inputs} generated requests and ${amounts} random amounts, seed ${seed}\n\n`);
  const stop = stopSignals();
  const system = await startOwnSystem(process.env, process.stdout);
  try {
    const isStopping = (): boolean => stop.isAsked;
    const played = await Promise.race([
      play({ ...options, system, stream: process.stdout, env: process.env, isStopping }),
      stop.atOnce,
    ]);
    process.stdout.write(`${report(played)}\n`);
    if (json !== undefined) writeFileSync(json, `${figuresJson(played)}\n`);
    if (stop.isAsked) throw new FuzzError('Stopped before everything was sent; what was is above.');
    return played.violations.count === 0 ? 0 : 1;
  } finally {
    await system.remove();
  }
}

interface Stop {
  isAsked: boolean;
  /** Rejects. */
  readonly atOnce: Promise<never>;
}

/** The first Ctrl-C ends the run with its report, after the requests that are being compared; a second one at once. */
function stopSignals(): Stop {
  const atOnce = Promise.withResolvers<never>();
  // Nobody waits for it any more once the run has ended.
  atOnce.promise.catch(() => undefined);
  const stop: Stop = { isAsked: false, atOnce: atOnce.promise };
  const signals = onStopSignals(() => {
    atOnce.reject(new FuzzError('Stopped.'));
  });
  void signals.first.then(() => {
    stop.isAsked = true;
    process.stdout.write('\n  Stops after this batch, with a report; Ctrl-C again stops at once.\n');
  });
  return stop;
}

await runCommand(COMMAND, main, { isForReader: (error) => error instanceof FuzzError || error instanceof StartError });
