import type { Transport } from '../calls/node.ts';
import { startPair, type Pair } from '../calls/pair.ts';
import type { Benchmark, Figures, Variant } from '../harness/benchmark.ts';
import { installPeers } from '../harness/peers.ts';

const LEVELS = [1, 4, 16, 64, 256];
/** Of each level: the stock transporter falls silent once in some thousands of messages. */
const [DURATION_MS, QUICK_DURATION_MS] = [10_000, 500];
const [WARM_UP_MS, QUICK_WARM_UP_MS] = [3000, 500];
const WARM_UP_IN_FLIGHT = 64;

const KINDS: Readonly<Record<Transport, Variant['kind']>> = { ours: 'product', stock: 'peer', tcp: 'peer' };
const CHARTED = 'calls/s at 64';

/** A caller and a callee in a process each. A time of silence counts: the last calls of a level are waited for. */
export const calls: Benchmark = {
  name: 'calls',
  title: 'Calls between two nodes, by how many are in flight: our transporter, stock Kafka, stock TCP',
  charted: CHARTED,
  wanted: [
    { figure: CHARTED, of: 'ours', toThatOf: 'stock', atLeast: 2.5 },
    { figure: 'stalls', of: 'ours', atMost: 0, inEveryRound: true },
  ],
  open: async ({ quick, places }) => {
    installPeers();
    const durationMs = quick ? QUICK_DURATION_MS : DURATION_MS;
    const kafka = await places.kafka();
    const pairs: Pair[] = [];
    const close = async (): Promise<void> => {
      for (const pair of pairs) pair.end();
      await kafka.stop();
    };
    try {
      for (const transport of Object.keys(KINDS) as Transport[]) {
        const pair = await startPair(transport, kafka.brokers);
        pairs.push(pair);
        await pair.run(WARM_UP_IN_FLIGHT, quick ? QUICK_WARM_UP_MS : WARM_UP_MS);
      }
      const variants = pairs.map((pair): Variant => {
        const { transport } = pair;
        return { name: transport, kind: KINDS[transport], run: () => measure(pair, durationMs) };
      });
      return { variants, close };
    } catch (error) {
      await close();
      throw error;
    }
  },
};

async function measure(pair: Pair, durationMs: number): Promise<Figures> {
  const figures: Record<string, number> = {};
  let [stalls, lost] = [0, 0];
  for (const inFlight of LEVELS) {
    const level = await pair.run(inFlight, durationMs);
    figures[`calls/s at ${inFlight}`] = level.answered / (level.elapsedMs / 1000);
    figures[`p99 ms at ${inFlight}`] = level.latencyMs.p99;
    stalls += level.stalls;
    lost += level.lost;
  }
  return { ...figures, stalls, lost };
}
