import { execFile } from 'node:child_process';
import { join } from 'node:path';
import type { Report } from '../../simulator/report.ts';

const ROOT = join(__dirname, '../..');
/** Many times what a thousand seeds take on a quiet machine. */
const TIMEOUT_MS = 900_000;

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function simulator(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(
      join(ROOT, 'node_modules/.bin/node'),
      ['simulator/simulator.ts', ...args],
      { cwd: ROOT, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, stdout, stderr });
      },
    );
  });
}

test(
  'a thousand seeds of a thousand steps violate nothing, every order becomes final, and every fault has struck',
  async () => {
    const { code, stdout } = await simulator('--seeds', '1000', '--steps', '1000', '--json');
    const report = JSON.parse(stdout) as Report;
    expect(report).toMatchObject({ seeds: 1000, violation: null, missing: [] });
    expect(report.steps).toBeGreaterThanOrEqual(1_000_000);
    expect(code).toBe(0);
  },
  TIMEOUT_MS,
);

test('a seed plays the same each time, step by step, and another seed plays something else', async () => {
  const [one, again, other] = await Promise.all(['7', '7', '8'].map((seed) => simulator('--seed', seed, '--trace')));
  expect(one?.stdout.split('\n').length).toBeGreaterThan(1000);
  // The last lines tell how long it took.
  const stepsOf = (ended: Ended | undefined): string[] =>
    (ended?.stdout ?? '').split('\n').filter((line) => /^\d+ \d+ ms /.test(line));
  expect(stepsOf(one)).toEqual(stepsOf(again));
  expect(stepsOf(one)).not.toEqual(stepsOf(other));
});

test('a command line that cannot be used is answered with one sentence', async () => {
  const { code, stderr } = await simulator('--seeds', 'many');
  expect(code).toBe(2);
  expect(stderr.trim()).toBe('--seeds is "many"; it has to be a whole number from 1 to 10000000.');
});
