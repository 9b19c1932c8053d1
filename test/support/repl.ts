import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { projectRoot } from '../../start/project-root.ts';

const TIMEOUT_MS = 50_000;

/**
 * Types lines into a REPL of its own, as a person does.
 *
 * @param brokers of the cluster that it joins
 * @returns what it said
 */
export async function typeIntoRepl(brokers: string, ...lines: string[]): Promise<string> {
  const env = { ...process.env, NO_COLOR: '1', KAFKA_BROKERS: brokers, NODE_SLOT: '9', NAMESPACE: '' };
  const child = spawn(process.execPath, ['start/repl.ts'], {
    cwd: projectRoot(),
    env,
    stdio: 'pipe',
    timeout: TIMEOUT_MS,
  });
  child.stdin.end(lines.map((line) => `${line}\n`).join(''));
  return text(child.stdout);
}
