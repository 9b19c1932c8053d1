import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import type { Scheduler } from '../../../simulator/scheduler.ts';

/**
 * Lets a simulated world run beside a test: what is ready happens at once, and what waits for a moment happens when as
 * much time has passed for the test, so that a limit of four seconds is one for both.
 *
 * @returns stops it
 */
export function runBeside(scheduler: Scheduler): () => Promise<void> {
  let isOver = false;
  const beganAt = performance.now();
  const run = async (): Promise<void> => {
    while (!isOver) {
      if (scheduler.nextAtMs > performance.now() - beganAt) {
        await sleep(1);
        continue;
      }
      scheduler.step();
      await setImmediate();
    }
  };
  const running = run();
  return () => {
    isOver = true;
    return running;
  };
}
