import { unknownVariables } from '../config/unknown-variables.ts';
import { runCommand } from '../terminal/command.js';
import { sizeOf } from './data-folder.ts';
import { COMMAND, readStartOptions } from './options.ts';
import { Progress } from './progress.ts';
import { runSystem } from './run-system.ts';
import { StartError } from './start-error.ts';
import { summary } from './summary.ts';

/** `npm start`: the whole system from one command. */
async function start(): Promise<number> {
  const options = readStartOptions(process.argv.slice(2), process.env);
  const progress = new Progress(process.stdout, process.env);
  for (const warning of unknownVariables(process.env)) progress.warn(warning);
  await runSystem(options, progress, process.env, async ({ addresses, folder, stopped }) => {
    const readyInMs = performance.now();
    const dataBytes = await sizeOf(folder);
    progress.say(summary(addresses, options.config.access, folder, dataBytes, readyInMs, process.cwd()));
    await stopped;
  });
  return 0;
}

await runCommand(COMMAND, start, { isForReader: (error) => error instanceof StartError });
