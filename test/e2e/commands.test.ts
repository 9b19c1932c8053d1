import { spawn } from 'node:child_process';
import { ownPrograms, type OwnProgram } from '../support/own-programs.ts';
import { cleanEnvironment } from '../support/running-system.ts';
import { projectRoot } from '../../start/project-root.ts';

const AT_ONCE = 2;
const TIMEOUT_MS = 180_000;

interface Said {
  readonly script: string;
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run({ script }: OwnProgram, option: string): Promise<Said> {
  return new Promise((resolve) => {
    const child = spawn('npm', ['run', '-s', script, '--', option], { cwd: projectRoot(), env: cleanEnvironment() });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (bytes: Buffer) => (stdout += bytes.toString()));
    child.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString()));
    child.once('close', (code) => {
      resolve({ script, code, stdout, stderr });
    });
  });
}

async function runAll(option: string): Promise<Said[]> {
  const said: Said[] = [];
  const next = ownPrograms().values();
  const work = async (): Promise<void> => {
    for (const program of next) said.push(await run(program, option));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return said;
}

test(
  'every script of ours answers --help with usage, options, examples and exit codes',
  async () => {
    for (const { script, code, stdout } of await runAll('--help')) {
      expect({ script, code }).toEqual({ script, code: 0 });
      expect(stdout).toMatch(/^npm (start|run) .*-- \[options\]\n\n {2}\S/);
      for (const heading of ['Options', 'Examples', 'Exit codes']) expect(stdout).toContain(`\n${heading}\n  `);
      expect(stdout).toMatch(/\n {2}--help +show this\n/);
      expect(stdout).not.toMatch(/[\x1b\r]/);
    }
  },
  TIMEOUT_MS,
);

test(
  'every script of ours refuses an option that it does not know with a sentence, and 2',
  async () => {
    for (const { script, code, stdout, stderr } of await runAll('--no-such-option')) {
      expect({ script, code, stdout }).toEqual({ script, code: 2, stdout: '' });
      expect(stderr).toMatch(/^\n {2}Unknown option '--no-such-option': "npm .* --help" shows what there is\.\n\n$/);
    }
  },
  TIMEOUT_MS,
);
