import { setTimeout as sleep } from 'node:timers/promises';
import { ownKafka } from '../../test/support/own-cluster.ts';
import type { Transport } from '../calls/node.ts';
import { startPair, type Pair } from '../calls/pair.ts';
import type { Benchmark, Figures, Variant } from '../harness/benchmark.ts';
import { installPeers } from '../harness/peers.ts';
import { spreadOf } from '../harness/spread.ts';

interface Outage {
  readonly awayMs: number;
  /** After Kafka's return; who does not come back by then is deaf. */
  readonly limitMs: number;
}

const OUTAGE: Outage = { awayMs: 20_000, limitMs: 90_000 };
const QUICK_OUTAGE: Outage = { awayMs: 1000, limitMs: 5000 };

const UNTIL_CALLS_WORK = 'ms until calls work after Kafka answers';

/** Kafka is killed and started again, with all nodes on it: both transporters have the same outage. */
export const callsAfterOutage: Benchmark = {
  name: 'calls-after-outage',
  title: `Until calls work again after Kafka was away for ${OUTAGE.awayMs / 1000} s (${OUTAGE.limitMs}: not within the limit)`,
  charted: UNTIL_CALLS_WORK,
  needsMinutes: true,
  wanted: [],
  open: ({ quick }) => {
    installPeers();
    const outage = quick ? QUICK_OUTAGE : OUTAGE;
    // Of the outage that another variant's turn began.
    const waiting = new Map<Transport, Figures>();
    const variant = (name: Transport, kind: Variant['kind']): Variant => ({
      name,
      kind,
      run: async () => {
        if (!waiting.has(name)) for (const measured of await measure(outage)) waiting.set(...measured);
        const figures = waiting.get(name) ?? {};
        waiting.delete(name);
        return figures;
      },
    });
    return Promise.resolve({
      variants: [variant('ours', 'product'), variant('stock', 'peer')],
      close: () => Promise.resolve(),
    });
  },
};

/** On a Kafka and nodes of its own: who stays deaf must not stay so for the next. */
async function measure({ awayMs, limitMs }: Outage): Promise<readonly (readonly [Transport, Figures])[]> {
  const kafka = await ownKafka({ isForLong: true });
  const pairs: Pair[] = [];
  try {
    for (const transport of ['ours', 'stock'] as const) pairs.push(await startPair(transport, kafka.brokers));
    const probes = Promise.all(pairs.map((pair) => pair.probe(awayMs + limitMs)));
    await kafka.kill();
    await sleep(awayMs);
    await kafka.start();
    const answeredAtMs = Date.now();
    return (await probes).map(({ workingAtMs, errorsMs }, index) => [
      pairs[index]?.transport ?? 'ours',
      {
        [UNTIL_CALLS_WORK]: workingAtMs === null ? limitMs : workingAtMs - answeredAtMs,
        'failed meanwhile': errorsMs.length,
        'median ms until an error': spreadOf(errorsMs).median,
      },
    ]);
  } finally {
    for (const pair of pairs) pair.end();
    await kafka.remove();
  }
}
