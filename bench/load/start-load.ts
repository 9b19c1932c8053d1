import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { LoadPlan, LoadReply, LoadResult } from './load.ts';

const PROCESS = fileURLToPath(new URL('load-process.ts', import.meta.url));

/** A load that has begun. */
export interface RunningLoad {
  /** Rejects when the load's process ends without one; it has written why to the standard error output. */
  readonly result: Promise<LoadResult>;
  /** Ends it before its time. */
  end(): void;
}

/**
 * Begins a load in a process of its own, and waits until its first request is due.
 *
 * @throws Error when that process ends before
 */
export async function beginLoad(plan: LoadPlan): Promise<RunningLoad> {
  const child = fork(PROCESS);
  const begun = Promise.withResolvers<undefined>();
  const result = Promise.withResolvers<LoadResult>();
  child.on('message', (reply: LoadReply) => {
    if (reply === 'begun') begun.resolve(undefined);
    else result.resolve(reply);
  });
  child.once('exit', (code) => {
    const error = new Error(`The load ended with code ${String(code)} and without a result.`);
    begun.reject(error);
    result.reject(error);
  });
  // Whoever waits for the beginning hears of it there.
  result.promise.catch(() => undefined);
  child.send(plan);
  await begun.promise;
  return { result: result.promise, end: () => child.send('end') };
}

/** Runs a load in a process of its own, to its end. */
export async function startLoad(plan: LoadPlan): Promise<LoadResult> {
  return (await beginLoad(plan)).result;
}
