import { readFile, writeFile } from 'node:fs/promises';
import { stringify } from 'yaml';
import { asyncApiDocument } from '../http/asyncapi/document.ts';
import { problemsPage } from './problems-page.ts';
import { restPage } from './rest-page.ts';
import { configurationPage, exampleFile } from './settings-pages.ts';
import { defineCommand, runCommand } from '../terminal/command.js';

/** Writes the pages of docs/ that are made from code, and .env.example; with `--check` it says which of them are not what the code says. */

const PAGES: Readonly<Record<string, () => string>> = {
  'asyncapi.yaml': () =>
    `# Made by "npm run docs" out of events/: change those, never this.\n${stringify(asyncApiDocument(''), { lineWidth: 120, aliasDuplicateObjects: false })}`,
  'configuration.md': configurationPage,
  '../.env.example': exampleFile,
  'problems.md': problemsPage,
  'rest.md': restPage,
};

const COMMAND = defineCommand({
  name: 'npm run docs',
  about:
    'Writes the pages of docs/ that are made from code, and .env.example. "npm run docs:check" is the same with --check.',
  options: { check: { type: 'flag', about: 'writes nothing, and says which of them are not what the code says' } },
  examples: ['npm run docs', 'npm run docs:check'],
  exitCodes: { 0: 'written; or they are what the code says', 1: 'one is not, or it could not be done' },
});

await runCommand(COMMAND, async ({ check }) => {
  let exitCode = 0;
  for (const [name, make] of Object.entries(PAGES)) {
    const file = new URL(`../docs/${name}`, import.meta.url);
    if (!check) {
      await writeFile(file, make());
    } else if ((await readFile(file, 'utf8').catch(() => '')) !== make()) {
      process.stderr.write(`docs/${name} is not what the code says; run "npm run docs".\n`);
      exitCode = 1;
    }
  }
  return exitCode;
});
