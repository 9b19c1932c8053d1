import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import openapiTS, { astToString, type OpenAPI3 } from 'openapi-typescript';
import { gatewayDocument } from './gateway-document.ts';

/** Writes the types of the client out of the OpenAPI document; with `--check` it says whether they are its types still. */

const SCHEMA_FILE = new URL('schema.d.ts', import.meta.url);
const HEADER = '// Made by "npm run client" out of the OpenAPI document: change that, never this.\n';

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
const text = HEADER + astToString(await openapiTS(gatewayDocument() as OpenAPI3));
if (!values.check) {
  await writeFile(SCHEMA_FILE, text);
} else if ((await readFile(SCHEMA_FILE, 'utf8')) !== text) {
  process.stderr.write('client/schema.d.ts is not what the OpenAPI document says; run "npm run client".\n');
  process.exitCode = 1;
}
