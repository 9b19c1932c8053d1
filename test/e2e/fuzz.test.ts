import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../start/project-root.ts';
import { cleanEnvironment } from '../support/running-system.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const TIMEOUT_MS = 300_000;

function runFuzz(...args: string[]) {
  return spawnSync(process.execPath, ['start/on-node-24.js', 'fuzz/fuzz.ts', ...args], {
    cwd: projectRoot(),
    env: { ...cleanEnvironment(), NO_COLOR: '1' },
    encoding: 'utf8',
  });
}

test(
  'npm run fuzz starts a system, finds nothing that contradicts the contract, says what it saw, and leaves nothing behind',
  () => {
    const folder = temporaryFolder();
    const file = join(folder.path, 'figures.json');
    const run = runFuzz('--inputs', '2000', '--amounts', '300', '--seed', '1', '--in-flight', '16', '--json', file);
    const figures = JSON.parse(readFileSync(file, 'utf8')) as {
      inputs: { sent: number; comparisons: number };
      amounts: { compared: number };
      violations: { count: number; first: unknown[] };
    };
    folder.remove();
    expect(figures.violations).toEqual({ count: 0, first: [] });
    expect(figures.inputs).toMatchObject({ sent: 2000, comparisons: 2 });
    expect(figures.amounts.compared).toBe(300);
    expect(run.stderr).toBe('');
    expect(run.stdout).toContain('Nothing contradicts the contract.');
    expect(run.status).toBe(0);
  },
  TIMEOUT_MS,
);

test.each([
  [['--inputs', 'many'], '--inputs is "many"'],
  [['--seed', '-1'], '"npm run fuzz -- --help" shows what there is'],
  [['--nonsense'], '"npm run fuzz -- --help" shows what there is'],
])('npm run fuzz with %j says in one sentence what cannot be used', (args, sentence) => {
  const run = runFuzz(...args);
  expect(run.stderr).toContain(sentence);
  expect(run.stderr).not.toMatch(/\.ts:\d/);
  expect(run.status).toBe(2);
});
