import { systemClock, type Clock } from './clock.ts';

/** Pauses between attempts at something that fails for a reason that may pass: doubled up to the maximum. */
const MIN_MS = 50;
const MAX_MS = 3000;

/**
 * Waits before another attempt, but not beyond the signal.
 *
 * @param failures in a row, at least 1
 */
export function pauseAfter(failures: number, signal: AbortSignal, clock: Clock = systemClock): Promise<void> {
  return clock.pause(Math.min(MIN_MS * 2 ** (failures - 1), MAX_MS), signal);
}

/** Waits for something, but not longer than a limit. */
export async function atMost(ms: number, work: Promise<unknown>, clock: Clock = systemClock): Promise<void> {
  const isOver = new AbortController();
  await Promise.race([work, clock.pause(ms, isOver.signal)]).finally(() => {
    isOver.abort();
  });
}
