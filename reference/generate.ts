import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { stringify } from 'yaml';
import { asyncApiDocument } from '../http/asyncapi/document.ts';
import { problemsPage } from './problems-page.ts';
import { restPage } from './rest-page.ts';

/** Writes the pages of docs/ that are made from code; with `--check` it says which of them are not what the code says. */

const PAGES: Readonly<Record<string, () => string>> = {
  'asyncapi.yaml': () =>
    `# Made by "npm run docs" out of events/: change those, never this.\n${stringify(asyncApiDocument(''), { lineWidth: 120, aliasDuplicateObjects: false })}`,
  'problems.md': problemsPage,
  'rest.md': restPage,
};

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
for (const [name, make] of Object.entries(PAGES)) {
  const file = new URL(`../docs/${name}`, import.meta.url);
  if (!values.check) {
    await writeFile(file, make());
  } else if ((await readFile(file, 'utf8').catch(() => '')) !== make()) {
    process.stderr.write(`docs/${name} is not what the code says; run "npm run docs".\n`);
    process.exitCode = 1;
  }
}
