import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { LoadPlan, LoadResult } from './load.ts';

const PROCESS = fileURLToPath(new URL('load-process.ts', import.meta.url));

/**
 * Runs a load in a process of its own.
 *
 * @throws Error when that process ends without a result; it has written why to the standard error output
 */
export async function startLoad(plan: LoadPlan): Promise<LoadResult> {
  const child = fork(PROCESS);
  child.send(plan);
  const exited = once(child, 'exit').then(([code]) => {
    throw new Error(`The load ended with code ${String(code)} and without a result.`);
  });
  const [result] = (await Promise.race([once(child, 'message'), exited])) as [LoadResult];
  exited.catch(() => undefined);
  return result;
}
