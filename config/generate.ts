import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { configurationPage, exampleFile } from './describe-settings.ts';

/** Writes what is made out of the settings; with `--check` it says whether it is made of them still. */

const FILES = [
  ['docs/configuration.md', configurationPage()],
  ['.env.example', exampleFile()],
] as const;

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
for (const [path, text] of FILES) {
  const file = new URL(`../${path}`, import.meta.url);
  if (!values.check) await writeFile(file, text);
  else if ((await readFile(file, 'utf8').catch(() => '')) !== text) {
    process.stderr.write(`${path} is not what config/settings.ts says; run "npm run config:docs".\n`);
    process.exitCode = 1;
  }
}
