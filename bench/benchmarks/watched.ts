import { setTimeout as sleep } from 'node:timers/promises';
import { scrape } from '../../test/support/scrape.ts';
import type { System } from '../../test/support/own-system.ts';
import type { Benchmark, Figures, Variant } from '../harness/benchmark.ts';
import { startSpanSink, type SpanSink } from '../harness/span-sink.ts';
import { openSystems } from '../load/open-systems.ts';
import { PER_SECOND, settleLoad } from '../load/settle.ts';
import { openAccounts, type Shop } from '../load/shop.ts';

const CLIENTS = 256;
const [DURATION_MS, QUICK_DURATION_MS] = [10_000, 2000];
const [WARM_UP_MS, QUICK_WARM_UP_MS] = [15_000, 1000];
/** Prometheus asks every 15 seconds by default: what this shows is a worst case. */
const SCRAPE_INTERVAL_MS = 1000;
const QUIET = 'nobody looks';

/** What it costs to be seen: metrics that are scraped, and traces that are sent. The collector's share is in it: it runs on the same cores. */
export const watched: Benchmark = {
  name: 'watched',
  title: `Settled orders a second, ${CLIENTS} clients, by who looks on`,
  charted: PER_SECOND,
  needsMinutes: true,
  wanted: [
    { figure: PER_SECOND, of: 'metrics each second', toThatOf: QUIET, atLeast: 0.9 },
    { figure: PER_SECOND, of: 'traces of 1 %', toThatOf: QUIET, atLeast: 0.9 },
  ],
  open: async ({ quick, places }) => {
    const sink = await startSpanSink();
    const durationMs = quick ? QUICK_DURATION_MS : DURATION_MS;
    const warm = async (system: System): Promise<Shop> => {
      const shop = await openAccounts(system);
      await settleLoad(system, shop, { clients: CLIENTS, durationMs: quick ? QUICK_WARM_UP_MS : WARM_UP_MS });
      return shop;
    };
    const traced = (name: string, share: number) => ({
      environment: {
        OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint,
        OTEL_TRACES_SAMPLER: 'traceidratio',
        OTEL_TRACES_SAMPLER_ARG: String(share),
      },
      prepare: async (system: System): Promise<readonly Variant[]> => {
        const shop = await warm(system);
        return [{ name, kind: 'product', run: () => measure(system, shop, durationMs, sink) }];
      },
    });
    const systems = await openSystems(places, [
      {
        prepare: async (system) => {
          const shop = await warm(system);
          return [
            { name: QUIET, kind: 'floor', run: () => measure(system, shop, durationMs, sink) },
            {
              name: 'metrics each second',
              kind: 'product',
              run: () => whileScraped(system, () => measure(system, shop, durationMs, sink)),
            },
          ];
        },
      },
      traced('traces of 1 %', 0.01),
      traced('all traces', 1),
    ]).catch(async (error: unknown) => {
      await sink.close();
      throw error;
    });
    return {
      variants: systems.variants,
      close: async () => {
        await systems.close();
        await sink.close();
      },
    };
  },
};

async function measure(system: System, shop: Shop, durationMs: number, sink: SpanSink): Promise<Figures> {
  sink.takeBytes();
  const { perSecond, created, processorMicroseconds } = await settleLoad(system, shop, {
    clients: CLIENTS,
    durationMs,
  });
  const { gateway, orders, payments } = processorMicroseconds;
  return {
    [PER_SECOND]: perSecond,
    'µs/order of the nodes': gateway + orders + payments,
    'bytes of spans/order': sink.takeBytes() / created.length,
  };
}

/** Asks each node for its metrics, all the while. */
async function whileScraped(system: System, work: () => Promise<Figures>): Promise<Figures> {
  const end = new AbortController();
  const scraping = (async () => {
    while (!end.signal.aborted) {
      await Promise.all(Object.values(system.nodes).map(({ port }) => scrape(port)));
      await sleep(SCRAPE_INTERVAL_MS, undefined, { signal: end.signal }).catch(() => undefined);
    }
  })();
  try {
    return await work();
  } finally {
    end.abort();
    await scraping;
  }
}
