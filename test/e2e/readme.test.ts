import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { projectRoot } from '../../start/project-root.ts';
import { systemOfThisFile } from '../support/running-system.ts';
import { blocksOf, runAll, shape } from '../support/walkthrough.ts';

const running = systemOfThisFile();

const blocks = blocksOf('README.md');

test('every command block of the README is of a kind that is run here or elsewhere', () => {
  const known = ['sh', 'sh start', 'sh test', 'sh shop', 'sh repl', 'json', 'ts', 'console', 'mermaid'];
  expect(blocks.map(({ info }) => info).filter((info) => !known.includes(info))).toEqual([]);
});

test('the start command is what started this system', () => {
  expect(blocks.find(({ info }) => info === 'sh start')?.text).toBe('npm ci && npm start');
  expect(running.system.output()).toContain('Ready in');
});

test('the test command is what CI runs', () => {
  expect(blocks.find(({ info }) => info === 'sh test')?.text).toBe('npm ci && npm test');
  expect(readFileSync('.ci/run', 'utf8')).toMatch(/step npm ci[\s\S]*step npm test/);
});

test('the calls of the walk-through, one after the other, give the answers that stand below them', async () => {
  const scripts = blocks.filter(({ info }) => info === 'sh');
  const answers = blocks.filter(({ info }) => info === 'json');
  expect(answers).toHaveLength(scripts.length);
  const outputs = await runAll(
    running.place,
    scripts.map(({ text }) => text),
  );
  expect(outputs.map(shape)).toEqual(answers.map(({ text }) => shape(text)));
}, 60_000);

test('commands that are piped into the REPL are answered', async () => {
  const [output] = await runAll(running.place, [blocks.find(({ info }) => info === 'sh repl')?.text ?? '']);
  expect(output).toContain("balance: '60.05'");
}, 60_000);

test('the lines with the client place an order', async () => {
  const lines =
    blocks.find(({ info }) => info === 'ts')?.text.replace('http://localhost:8080', running.place.urls.api) ?? '';
  const script = `import { apiClient } from './client/client.ts';\n${lines}\nconsole.log(data.status, error);`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module-typescript', '-e', script], {
    cwd: projectRoot(),
  });
  expect(stdout.trim()).toBe('NEW undefined');
}, 60_000);
