import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, readRunningCluster } from '../start/cluster-state.ts';
import { isReady, type Place } from './place.ts';

/** A node that was killed, and was started again. */
export interface Crash {
  readonly pid: number;
  /** Of the one that was started in its place; null when it was not back in time. */
  readonly nextPid: number | null;
  /** `performance.now()` */
  readonly killedAt: number;
  readonly backAt: number;
}

const BACK_WITHIN_MS = 120_000;
const LOOK_EVERY_MS = 100;

/** Why the payments node is left alone; null where it may be killed. */
export function whyNoCrash({ supervisedIn, config }: Place, isLeftOut: boolean): string | null {
  if (isLeftOut) return '--no-crash was given';
  if (config.environment === 'production') return 'this is production (NODE_ENV)';
  return supervisedIn === null ? 'nobody here would start it again' : null;
}

/**
 * Kills the payments node as a power cut would, and waits until another one works in its place.
 *
 * @param onKilled called at once
 * @returns null where it may not be killed: it is another user's
 */
export async function crashPayments({ supervisedIn }: Place, onKilled: (pid: number) => void): Promise<Crash | null> {
  if (supervisedIn === null) return null;
  const pid = await paymentsPid(supervisedIn);
  if (pid === null) return null;
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    return null;
  }
  const killedAt = performance.now();
  onKilled(pid);
  while (performance.now() - killedAt < BACK_WITHIN_MS) {
    await sleep(LOOK_EVERY_MS);
    const nextPid = await paymentsPid(supervisedIn);
    const port = (await readRunningCluster(supervisedIn))?.addresses?.paymentsPort;
    if (nextPid !== null && nextPid !== pid && port !== undefined && (await isReady(`http://localhost:${port}`))) {
      return { pid, nextPid, killedAt, backAt: performance.now() };
    }
  }
  return { pid, nextPid: null, killedAt, backAt: performance.now() };
}

async function paymentsPid(dataDir: string): Promise<number | null> {
  const cluster = await readRunningCluster(dataDir);
  return cluster?.children.findLast((child) => child.name === 'payments' && isAlive(child))?.pid ?? null;
}
