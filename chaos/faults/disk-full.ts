import { readFileSync, statSync } from 'node:fs';
import type { FaultKind } from './fault.ts';
import { pause, until, untilOrdersAreInFlight } from './until.ts';

/** Tables grow by pages of 8 KiB: at a few orders a second the next one is soon due. */
const REFUSED_TIMEOUT_MS = 30_000;
const FULL_FOR_MS = 2000;

/** The file system under PostgreSQL's data shrinks to what is on it, and gets its size back. */
export const diskFull: FaultKind = {
  name: 'disk-full',
  what: "the file system of PostgreSQL's data has no byte left, until PostgreSQL has been refused some",
  touches: ['postgres', 'api', 'orders', 'payments'],
  usualS: 12,
  run: async (context) => {
    const { postgres } = context.cluster.servers;
    const { disk } = postgres;
    if (disk === null) {
      return {
        target: 'postgres',
        hit: false,
        isNotPossibleHere: true,
        evidence: 'not possible here: this user may not mount a file system',
      };
    }
    const isBusy = await untilOrdersAreInFlight(context);
    const inFlight = context.ordersInFlight();
    const from = statSync(postgres.logFile).size;
    const refusals = (): number =>
      readFileSync(postgres.logFile).subarray(from).toString().split('No space left on device').length - 1;
    try {
      disk.fill();
      await until(() => refusals() > 0, REFUSED_TIMEOUT_MS, context.signal);
      await pause(FULL_FOR_MS, context.signal);
    } finally {
      disk.empty();
      // Without a byte for its write-ahead log it ends itself.
      await postgres.start();
    }
    return {
      target: 'postgres',
      hit: isBusy && refusals() > 0,
      evidence: `PostgreSQL said ${refusals()} times that no space is left, with ${inFlight} orders in flight`,
    };
  },
};
