import { execFile } from 'node:child_process';
import { cp, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts';

/** One line of the contract is changed in a copy of what the contract, its document and its client are made of. */

const ROOMS = [
  'client',
  'contract',
  'events',
  'health',
  'http',
  'metrics',
  'money',
  'problems',
  'terminal',
  'types',
  'package.json',
];
const VALUES = 'contract/values.ts';
const LINE = 'const DESCRIPTION_MAX_CODE_POINTS = 1000;';

/** Prints what the copy's validation takes, and what its document says. */
const PROBE = `
import { gatewayDocument } from './client/gateway-document.ts';
import { createOrderInput } from './contract/inputs.ts';
const refusalOf = (characters) => {
  try {
    createOrderInput.parse({ userId: 'alice', amount: '1', description: 'x'.repeat(characters) });
    return null;
  } catch (error) {
    return error.data.errors[0].detail;
  }
};
const { CreateOrderInput } = gatewayDocument().components.schemas;
const [{ maxLength }] = CreateOrderInput.properties.description.anyOf;
console.log(JSON.stringify({ with900: refusalOf(900), with901: refusalOf(901), maxLength }));
`;

let copy: TemporaryFolder;

beforeAll(async () => {
  copy = temporaryFolder();
  for (const room of ROOMS) await cp(join(process.cwd(), room), join(copy.path, room), { recursive: true });
  await symlink(join(process.cwd(), 'node_modules'), join(copy.path, 'node_modules'));
  await writeFile(join(copy.path, 'probe.ts'), PROBE);
});

afterAll(() => {
  copy.remove();
});

async function node(...script: string[]): Promise<{ readonly stdout: string; readonly stderr: string }> {
  return promisify(execFile)(process.execPath, script, { cwd: copy.path });
}

async function probe(): Promise<unknown> {
  return JSON.parse((await node('probe.ts')).stdout);
}

function clientTypes(): Promise<string> {
  return readFile(join(copy.path, 'client/schema.d.ts'), 'utf8');
}

test('a maximum that is changed in one line changes validation, document and client', async () => {
  expect(await probe()).toEqual({ with900: null, with901: null, maxLength: 1000 });
  await node('client/generate.ts', '--check');
  expect(await clientTypes()).toContain('at most 1000 characters');

  const values = await readFile(join(copy.path, VALUES), 'utf8');
  expect(values.split(LINE)).toHaveLength(2);
  await writeFile(join(copy.path, VALUES), values.replace(LINE, LINE.replace('1000', '900')));

  const refusal = 'A description has at most 900 characters.';
  expect(await probe()).toEqual({ with900: null, with901: refusal, maxLength: 900 });
  // Until it is made anew, the check says so.
  await expect(node('client/generate.ts', '--check')).rejects.toThrow('run "npm run client"');
  await node('client/generate.ts');
  await node('client/generate.ts', '--check');
  expect(await clientTypes()).toContain('at most 900 characters');
  expect(await clientTypes()).not.toContain('at most 1000 characters');
});
