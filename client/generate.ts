import { readFile, writeFile } from 'node:fs/promises';
import openapiTS, { astToString, type OpenAPI3 } from 'openapi-typescript';
import { defineCommand, runCommand } from '../terminal/command.js';
import { gatewayDocument } from './gateway-document.ts';

/** Writes the types of the client out of the OpenAPI document; with `--check` it says whether they are its types still. */

const SCHEMA_FILE = new URL('schema.d.ts', import.meta.url);
const HEADER = '// Made by "npm run client" out of the OpenAPI document: change that, never this.\n';

const COMMAND = defineCommand({
  name: 'npm run client',
  about: `Writes client/schema.d.ts, the types of the client, out of the OpenAPI document. "npm run client:check" is the same
with --check.`,
  options: { check: { type: 'flag', about: 'writes nothing, and says whether they are its types still' } },
  examples: ['npm run client', 'npm run client:check'],
  exitCodes: { 0: 'written; or they are its types', 1: 'they are not, or it could not be done' },
});

await runCommand(COMMAND, async ({ check }) => {
  const text = HEADER + astToString(await openapiTS(gatewayDocument() as OpenAPI3));
  if (!check) {
    await writeFile(SCHEMA_FILE, text);
  } else if ((await readFile(SCHEMA_FILE, 'utf8')) !== text) {
    process.stderr.write('client/schema.d.ts is not what the OpenAPI document says; run "npm run client".\n');
    return 1;
  }
  return 0;
});
