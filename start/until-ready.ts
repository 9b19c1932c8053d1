import { setTimeout as sleep } from 'node:timers/promises';
import { describeExit, lastLines } from './child.ts';
import type { Child } from './child.ts';
import { StartError } from './start-error.ts';

// Small beside the seconds that a start takes; each look costs one connection.
const LOOK_EVERY_MS = 50;
const LINES_SHOWN = 8;

/**
 * Waits until `isReady` says yes.
 *
 * @param isReady an error that it throws counts as "not yet"; the last one is told when time is up.
 * @throws StartError when the child ends before, or is not ready after `timeoutMs`; with the last lines of its log.
 */
export async function untilReady(
  name: string,
  child: Child,
  isReady: () => Promise<boolean>,
  timeoutMs: number,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  let lastReason = '';
  const readyNow = (): Promise<boolean> =>
    isReady().catch((error: unknown) => {
      lastReason = error instanceof Error ? ` (${error.message})` : '';
      return false;
    });
  while (!(await readyNow())) {
    if (child.hasExited()) {
      throw new StartError(
        `${name} ended at its start (${describeExit(await child.exited)}).${logTail(child)}`,
        'did-not-start',
      );
    }
    if (performance.now() > deadline) {
      throw new StartError(
        `${name} did not answer within ${timeoutMs / 1000} s${lastReason}.${logTail(child)}`,
        'did-not-start',
      );
    }
    await sleep(LOOK_EVERY_MS);
  }
}

function logTail(child: Child): string {
  const lines = lastLines(child.logFile, LINES_SHOWN).map((line) => `\n    ${line}`);
  return ` Its log, ${child.logFile}, ends with:${lines.join('')}`;
}
