import { setTimeout as sleep } from 'node:timers/promises';
import { ownKafka } from '../../test/support/own-cluster.ts';
import type { Transport } from '../calls/node.ts';
import { startPair } from '../calls/pair.ts';
import type { Benchmark, Figures } from '../harness/benchmark.ts';
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

/** Kafka is killed and started again. Each measurement has a Kafka and nodes of its own: who stays deaf must not stay so for the next. */
export const callsAfterOutage: Benchmark = {
  name: 'calls-after-outage',
  title: `Until calls work again after Kafka was away for ${OUTAGE.awayMs / 1000} s (${OUTAGE.limitMs}: not within the limit)`,
  charted: UNTIL_CALLS_WORK,
  wanted: [],
  open: ({ quick }) => {
    installPeers();
    const outage = quick ? QUICK_OUTAGE : OUTAGE;
    const variants = [
      { name: 'ours', kind: 'product', run: () => measure('ours', outage) },
      { name: 'stock', kind: 'peer', run: () => measure('stock', outage) },
    ] as const;
    return Promise.resolve({ variants, close: () => Promise.resolve() });
  },
};

async function measure(transport: Transport, { awayMs, limitMs }: Outage): Promise<Figures> {
  const kafka = await ownKafka({ isForLong: true });
  try {
    const pair = await startPair(transport, kafka.brokers);
    try {
      const [probe, answeredAtMs] = await Promise.all([
        pair.probe(awayMs + limitMs),
        (async () => {
          await kafka.kill();
          await sleep(awayMs);
          await kafka.start();
          return Date.now();
        })(),
      ]);
      return {
        [UNTIL_CALLS_WORK]: probe.workingAtMs === null ? limitMs : probe.workingAtMs - answeredAtMs,
        'failed meanwhile': probe.errorsMs.length,
        'median ms until an error': spreadOf(probe.errorsMs).median,
      };
    } finally {
      pair.end();
    }
  } finally {
    await kafka.remove();
  }
}
