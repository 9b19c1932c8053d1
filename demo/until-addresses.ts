import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterAddresses } from '../start/cluster-state.ts';
import { DemoError } from './options.ts';

/** The first start of a slow machine downloads Kafka meanwhile. */
const WITHIN_MS = 300_000;
const LOOK_EVERY_MS = 200;

/** @throws DemoError when the system is not ready in time */
export async function untilAddresses(find: () => Promise<ClusterAddresses | null>): Promise<ClusterAddresses> {
  const deadline = performance.now() + WITHIN_MS;
  for (;;) {
    const found = await find();
    if (found !== null) return found;
    if (performance.now() > deadline) {
      throw new DemoError(
        `The system was not ready within ${WITHIN_MS / 1000} s: look at the terminal of "npm start".`,
      );
    }
    await sleep(LOOK_EVERY_MS);
  }
}
