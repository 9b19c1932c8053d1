import { SeededRandom } from '../../shop/random.ts';
import type { FaultContext, FaultKind, FaultRecord } from './fault.ts';
import { firstWindows, fits, kindsFor, nextWindow, quietAfterMs } from './schedule.ts';
import { pause } from './until.ts';

export interface RunFaultsOptions extends Omit<FaultContext, 'random'> {
  readonly kinds: readonly FaultKind[];
  readonly durationMs: number;
  readonly seed: number;
  readonly onRecord: (record: FaultRecord) => void;
}

/**
 * Injects faults until the time is over: first each kind once, then mixed, up to three at a time where they do not touch
 * the same part; quiet between them. What has not hit anything is tried again first. All is healed when it returns.
 *
 * @returns what was injected, in order of beginning
 */
export async function runFaults(options: RunFaultsOptions): Promise<readonly FaultRecord[]> {
  const { durationMs, signal } = options;
  const context: FaultContext = { ...options, random: new SeededRandom(options.seed) };
  const kinds = kindsFor(durationMs, options.kinds);
  const records: FaultRecord[] = [];
  const endsAt = performance.now() + durationMs;
  const first = firstWindows(context, kinds, durationMs);
  try {
    while (!signal.aborted) {
      const leftMs = endsAt - performance.now();
      const planned = first.shift();
      if (planned !== undefined && !fits(planned, leftMs)) continue;
      const window = planned ?? nextWindow(context, kinds, records, leftMs);
      if (window === null) break;
      const beganAt = performance.now();
      records.push(...(await Promise.all(window.map((kind) => runOne(kind, context, options.onRecord)))));
      await pause(quietAfterMs(performance.now() - beganAt), signal);
    }
  } finally {
    await heal(context);
  }
  return records.toSorted((a, b) => a.startedAtMs - b.startedAtMs);
}

async function runOne(
  kind: FaultKind,
  context: FaultContext,
  onRecord: (record: FaultRecord) => void,
): Promise<FaultRecord> {
  const before = { kind: kind.name, startedAtMs: Date.now(), ordersInFlight: context.ordersInFlight() };
  const outcome = await kind.run(context).catch((error: unknown) => ({
    target: 'unknown',
    hit: false,
    evidence: `the fault itself failed: ${String(error)}`,
  }));
  const record = { ...before, ...outcome, healedAtMs: Date.now() };
  onRecord(record);
  return record;
}

/** Whatever a fault may have left: servers run, every link is whole, every clock is right, every node runs. */
async function heal({ cluster }: FaultContext): Promise<void> {
  const { postgres, kafka } = cluster.servers;
  postgres.disk?.empty();
  for (const server of [postgres, kafka]) {
    await server.signal('SIGCONT');
    await server.start();
  }
  await Promise.all(
    cluster.nodes.map(async (node) => {
      await node.links.postgres.heal();
      await node.links.kafka.heal();
      node.stepClock(0);
      await node.kill('SIGCONT');
      await node.start();
    }),
  );
}
