import { readFile, writeFile } from 'node:fs/promises';
import { defineCommand, runCommand } from '../terminal/command.js';
import { configurationPage, exampleFile } from './describe-settings.ts';

/** Writes what is made out of the settings; with `--check` it says whether it is made of them still. */

const FILES = [
  ['docs/configuration.md', configurationPage()],
  ['.env.example', exampleFile()],
] as const;

const COMMAND = defineCommand({
  name: 'npm run config:docs',
  about: `Writes docs/configuration.md and .env.example out of config/settings.ts. "npm run config:check" is the same with
--check.`,
  options: { check: { type: 'flag', about: 'writes nothing, and says whether they are made of it still' } },
  examples: ['npm run config:docs', 'npm run config:check'],
  exitCodes: { 0: 'written; or they are what they should be', 1: 'they are not, or it could not be done' },
});

await runCommand(COMMAND, async ({ check }) => {
  let code = 0;
  for (const [path, text] of FILES) {
    const file = new URL(`../${path}`, import.meta.url);
    if (!check) await writeFile(file, text);
    else if ((await readFile(file, 'utf8').catch(() => '')) !== text) {
      process.stderr.write(`${path} is not what config/settings.ts says; run "npm run config:docs".\n`);
      code = 1;
    }
  }
  return code;
});
