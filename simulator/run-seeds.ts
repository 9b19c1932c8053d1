import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { SeedResult } from './run-seed.ts';
import type { Share } from './worker.ts';

/** More threads than seeds can keep busy are not worth their start. */
const SEEDS_PER_THREAD_MIN = 20;

/**
 * Plays seeds on all cores, until one shows a violation.
 *
 * @param first the first seed; the others follow it
 */
export async function runSeeds(first: number, seeds: number, steps: number): Promise<SeedResult[]> {
  const stride = Math.max(1, Math.min(availableParallelism(), Math.floor(seeds / SEEDS_PER_THREAD_MIN)));
  const results: SeedResult[] = [];
  const workers = Array.from({ length: stride }, (_, offset) => {
    const share: Share = { first, seeds, stride, offset, steps };
    return new Worker(new URL('worker.ts', import.meta.url), { workerData: share });
  });
  await Promise.all(
    workers.map(
      (worker) =>
        new Promise<void>((resolve, reject) => {
          worker.on('message', (result: SeedResult) => {
            results.push(result);
            if (result.violation !== null) for (const each of workers) void each.terminate();
          });
          worker.on('error', reject);
          worker.on('exit', () => {
            resolve();
          });
        }),
    ),
  );
  return results.sort((one, other) => one.seed - other.seed);
}
