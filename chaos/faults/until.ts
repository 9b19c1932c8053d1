import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultContext } from './fault.ts';

const LOOK_EVERY_MS = 100;
/** With a load there is nearly always work in flight; without one a fault does not wait for ever. */
const IN_FLIGHT_TIMEOUT_MS = 15_000;

/**
 * Looks again and again until a condition holds.
 *
 * @param condition one that throws counts as false: what it asks may be away
 * @returns whether it held before the time was over or the signal came
 */
export async function until(
  condition: () => boolean | Promise<boolean>,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    if (await holds(condition)) return true;
    if (signal.aborted || performance.now() >= deadline) return false;
    await sleep(LOOK_EVERY_MS);
  }
}

async function holds(condition: () => boolean | Promise<boolean>): Promise<boolean> {
  try {
    return await condition();
  } catch {
    return false;
  }
}

/** Waits, or until the signal comes. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}

/** A fault that meets nothing shows nothing: waits until orders are on their way. */
export function untilOrdersAreInFlight({ ordersInFlight, signal }: FaultContext): Promise<boolean> {
  return until(() => ordersInFlight() > 0, IN_FLIGHT_TIMEOUT_MS, signal);
}

/** Waits until requests are on their way. */
export function untilRequestsAreInFlight({ requestsInFlight, signal }: FaultContext): Promise<boolean> {
  return until(() => requestsInFlight() > 0, IN_FLIGHT_TIMEOUT_MS, signal);
}
