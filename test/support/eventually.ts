import { setTimeout as sleep } from 'node:timers/promises';

const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_INTERVAL_MS = 25;

/**
 * Repeats an assertion until it holds.
 *
 * @param assertion throws (or rejects) while it does not hold, as `expect` does.
 * @returns what the assertion returned.
 * @throws the assertion's last error, when it still does not hold after `timeoutMs`.
 */
export async function eventually<T>(
  assertion: () => T | Promise<T>,
  { timeoutMs = DEFAULT_TIMEOUT_MS, intervalMs = DEFAULT_INTERVAL_MS } = {},
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await assertion();
    } catch (error) {
      if (performance.now() >= deadline) throw error;
    }
    await sleep(intervalMs);
  }
}
