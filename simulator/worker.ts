import { parentPort, workerData } from 'node:worker_threads';
import { runSeed } from './run-seed.ts';

/** A thread's share of the seeds: `first`, then every `stride`-th, as many as `seeds` in all threads. */
export interface Share {
  readonly first: number;
  readonly seeds: number;
  readonly stride: number;
  readonly offset: number;
  readonly steps: number;
}

const { first, seeds, stride, offset, steps } = workerData as Share;
for (let index = offset; index < seeds; index += stride) {
  const result = await runSeed(first + index, steps);
  parentPort?.postMessage(result);
  if (result.violation !== null) break;
}
