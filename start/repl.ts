import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { stripVTControlCharacters } from 'node:util';
import { isColoured } from '../terminal/colours.js';
import { defineCommand, runCommand } from '../terminal/command.js';
import { clusterEnvironment } from './cluster-environment.ts';
import { runnerArguments } from './node-process.ts';
import { projectRoot } from './project-root.ts';
import { StartError } from './start-error.ts';

const COMMAND = defineCommand({
  name: 'npm run repl',
  about: `Joins the running cluster as a node without services, and takes commands: "help" lists them. Commands can be piped in,
too: each is run when the one before has answered.`,
  options: {},
  notes: `It joins the cluster that "npm start" runs here, or the one that KAFKA_BROKERS and ORDERS_DATABASE_URL name.`,
  examples: ['npm run repl', `echo 'call payments.balance --userId alice' | npm run -s repl`],
  exitCodes: { 0: 'left by "quit", or at the end of what was piped in', 1: 'no cluster could be joined' },
});

// What Moleculer's REPL writes when it is ready for a command; the words before the dollar are its delimiter.
const PROMPT = /(?:^|\n)[^\n]{0,40}\$ $/;

/**
 * `npm run repl`: a Moleculer REPL in the running cluster, as a node without services. Commands that are piped in are
 * run one after the other, each when the one before has answered: the REPL alone would run them all at once, and stop at
 * the end of its input without waiting for an answer.
 *
 * @returns the exit code.
 */
async function repl(): Promise<number> {
  const env = await clusterEnvironment();
  const piped = !process.stdin.isTTY;
  const child = spawn(process.execPath, runnerArguments('--repl'), {
    cwd: projectRoot(),
    env,
    stdio: piped ? ['pipe', 'pipe', 'inherit'] : 'inherit',
  });
  // Ctrl-C belongs to the REPL, which ends itself at the second one.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  const exited = new Promise<number>((resolve) => {
    child.once('exit', (code) => {
      resolve(code ?? 1);
    });
  });
  if (piped) await feed(child, exited);
  return await exited;
}

/** Passes on each line of our input when the REPL has come back with its prompt. */
async function feed(child: ChildProcess, exited: Promise<number>): Promise<void> {
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) throw new Error('Both are pipes.');
  // It may end before it has read everything; its exit code tells.
  stdin.on('error', () => undefined);
  let tail = '';
  let prompted = (): void => undefined;
  // Moleculer's REPL colours its answers wherever they go.
  const isPlain = !isColoured(process.stdout, process.env);
  stdout.on('data', (bytes: Buffer) => {
    process.stdout.write(isPlain ? stripVTControlCharacters(bytes.toString()) : bytes);
    tail = (tail + bytes.toString()).slice(-100);
    if (PROMPT.test(tail)) prompted();
  });
  const nextPrompt = (): Promise<unknown> =>
    Promise.race([
      exited,
      new Promise<void>((resolve) => {
        prompted = resolve;
      }),
    ]);
  await nextPrompt();
  for await (const line of createInterface({ input: process.stdin })) {
    if (child.exitCode !== null || line.trim() === '') continue;
    process.stdout.write(`${line}\n`);
    tail = '';
    const answered = nextPrompt();
    stdin.write(`${line}\n`);
    await answered;
  }
  stdin.end();
}

await runCommand(COMMAND, repl, { isForReader: (error) => error instanceof StartError });
