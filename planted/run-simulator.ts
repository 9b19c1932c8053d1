import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readVerdict, type Verdict } from './verdict.ts';

export interface SimulatorRun {
  /** Of a tree. */
  readonly folder: string;
  readonly seeds: number;
  readonly steps: number;
  readonly limitMs: number;
}

/** Runs a tree's simulator; it ends with its first violation. */
export async function runSimulator({ folder, seeds, steps, limitMs }: SimulatorRun): Promise<Verdict> {
  const args = ['simulator/simulator.ts', '--seeds', String(seeds), '--steps', String(steps), '--json'];
  const startedAtMs = performance.now();
  const limit = AbortSignal.timeout(limitMs);
  const child = spawn(process.execPath, args, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: limit,
    killSignal: 'SIGKILL',
  });
  let [output, errors] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  // Told also when it was aborted; 'close' follows.
  child.once('error', (error) => (errors += error.message));
  const [code] = (await once(child, 'close')) as [number | null];
  const tookMs = performance.now() - startedAtMs;
  if (limit.aborted && code === null) {
    return { kind: 'undecided', why: `it had not ended after ${limitMs} ms`, tookMs };
  }
  return { ...readVerdict(code, output, errors), tookMs };
}
