import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { projectRoot } from '../../start/project-root.ts';
import { readmeBlocks } from '../support/readme-blocks.ts';
import {
  cleanEnvironment,
  runSystem,
  systemPlace,
  type RunningSystem,
  type SystemPlace,
} from '../support/running-system.ts';

const run = promisify(execFile);
const ADDRESS = 'localhost:8080';

let place: SystemPlace;
let system: RunningSystem;

beforeAll(async () => {
  place = await systemPlace();
  system = await runSystem(place);
}, 180_000);

afterAll(async () => {
  await system.stop();
  place.remove();
}, 60_000);

/** Runs a script of the README as a user would, at this test's own port. */
async function shell(script: string): Promise<string> {
  const { stdout } = await run(
    'bash',
    ['-euo', 'pipefail', '-c', script.replaceAll(ADDRESS, new URL(place.urls.api).host)],
    {
      cwd: projectRoot(),
      env: { ...cleanEnvironment(), ...place.env },
      maxBuffer: 16 * 1024 * 1024,
    },
  );
  return stdout;
}

/** An answer without what differs from run to run. */
function shape(json: string): unknown {
  return JSON.parse(json, (key, value: unknown) =>
    ['orderId', 'createdAt', 'updatedAt', 'requestId'].includes(key) ? typeof value : value,
  );
}

const blocks = readmeBlocks();

test('every command block of the README is of a kind that is run here or elsewhere', () => {
  const known = ['sh', 'sh start', 'sh test', 'sh shop', 'sh repl', 'json', 'console', 'mermaid'];
  expect(blocks.map(({ info }) => info).filter((info) => !known.includes(info))).toEqual([]);
});

test('the start command is what started this system', () => {
  expect(blocks.find(({ info }) => info === 'sh start')?.text).toBe('npm ci && npm start');
  expect(system.output()).toContain('Ready in');
});

test('the test command is what CI runs', () => {
  expect(blocks.find(({ info }) => info === 'sh test')?.text).toBe('npm ci && npm test');
  expect(readFileSync('.ci/run', 'utf8')).toMatch(/step npm ci[\s\S]*step npm test/);
});

test('the calls of the walk-through, one after the other, give the answers that stand below them', async () => {
  const separator = '\u001e';
  const scripts = blocks.filter(({ info }) => info === 'sh');
  const answers = blocks.filter(({ info }) => info === 'json');
  expect(answers).toHaveLength(scripts.length);
  // One shell for all: later blocks use variables of earlier ones.
  const output = await shell(scripts.map(({ text }) => text).join(`\nprintf '${separator}'\n`));
  expect(output.split(separator).map(shape)).toEqual(answers.map(({ text }) => shape(text)));
}, 60_000);

test('commands that are piped into the REPL are answered', async () => {
  const output = await shell(blocks.find(({ info }) => info === 'sh repl')?.text ?? '');
  expect(output).toContain("balance: '60.05'");
}, 60_000);
