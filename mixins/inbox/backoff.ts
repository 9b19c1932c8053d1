/** Pauses between attempts at something that fails for a reason that may pass: doubled up to the maximum. */
const MIN_MS = 50;
const MAX_MS = 3000;

/**
 * Waits before another attempt, but not beyond the signal.
 *
 * @param failures in a row, at least 1
 */
export async function pauseAfter(failures: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, Math.min(MIN_MS * 2 ** (failures - 1), MAX_MS));
    signal.addEventListener('abort', end);
  });
}

/** Waits for something, but not longer than a limit. */
export async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, limit]).finally(() => {
    clearTimeout(timer);
  });
}
