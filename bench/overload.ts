import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { defineCommand, runCommand } from '../terminal/command.js';
import { startSystem, type System } from '../test/support/own-system.ts';
import { requestsBy, scrape } from '../test/support/scrape.ts';
import type { LoadResult } from './load/load.ts';
import { openAccounts, untilFinal } from './load/shop.ts';
import { growthOf } from './overload/memory-growth.ts';
import { MemorySampler, sparkline, type MemoryCurve } from './overload/memory.ts';
import { startLoad } from './load/start-load.ts';
import { judgeOverload } from './overload/verdict.ts';

/**
 * Offers the system three times the orders that it can carry, and looks whether memory stays flat, whether every 201
 * becomes final, and whether clients and /metrics count the same answers.
 */
/** A third of it is warm-up, and each other third longer than garbage collection's slowest saw. */
const DEFAULT_SECONDS = 120;
const DEFAULT_TIMES = 3;
/** As many as keep every batch on the way filled: with 64 it was latency that bounded the rate. */
const CLOSED_LOOP_IN_FLIGHT = 256;
const WARM_UP_MS = 5000;
const MEASURE_MS = 10_000;

const COMMAND = defineCommand({
  name: 'npm run bench:overload',
  about: `Offers a system of its own more orders than it can carry, and looks whether memory stays flat, whether every 201 becomes
final, and whether clients and /metrics count the same answers. Results go to bench/results/.`,
  options: {
    seconds: { type: 'number', about: 'how long the overload lasts', min: 1, max: 86_400, default: DEFAULT_SECONDS },
    times: {
      type: 'number',
      about: 'how many times the rate that is carried',
      min: 0.1,
      max: 100,
      default: DEFAULT_TIMES,
    },
  },
  examples: ['npm run bench:overload', 'npm run bench:overload -- --seconds 30 --times 2'],
  exitCodes: { 0: 'all of it holds', 1: 'something does not, or it could not be done' },
});

/** @returns how many answers to POST /api/orders the gateway has counted, by status */
async function counted(system: System): Promise<Record<string, number>> {
  const prefix = 'POST /api/orders ';
  return Object.fromEntries(
    Object.entries(requestsBy(await scrape(system.nodes.api.port)))
      .filter(([labels]) => labels.startsWith(prefix))
      .map(([labels, count]) => [labels.slice(prefix.length), count]),
  );
}

function difference(after: Record<string, number>, before: Record<string, number>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(after)
      .map(([status, count]): [string, number] => [status, count - (before[status] ?? 0)])
      .filter(([, count]) => count > 0),
  );
}

function perSecond(count: number, { elapsedMs }: Pick<LoadResult, 'elapsedMs'>): number {
  return Math.round(count / (elapsedMs / 1000));
}

function memoryRow(curve: MemoryCurve): Record<string, string | number> {
  const { node, middleMb, lastMb } = growthOf(curve);
  return {
    node,
    'MB, middle third': middleMb,
    'MB, last third': lastMb,
    'MB at most': Math.max(...curve.residentMb),
    curve: sparkline(curve),
  };
}

/** @returns whether everything holds that this bench is about */
async function measure({ seconds, times }: { seconds: number; times: number }): Promise<boolean> {
  const system = await startSystem();
  try {
    const target = await openAccounts(system);
    const closedLoop = { ...target, pace: { inFlight: CLOSED_LOOP_IN_FLIGHT } };
    const warmUp = await startLoad({ ...closedLoop, durationMs: WARM_UP_MS });
    const carried = await startLoad({ ...closedLoop, durationMs: MEASURE_MS });
    const carriedPerSecond = perSecond(carried.created.length, carried);
    console.log(`Carried, ${CLOSED_LOOP_IN_FLIGHT} in flight: ${carriedPerSecond} orders/s.`);

    const { nodes } = system;
    const before = await counted(system);
    const memory = new MemorySampler({
      api: nodes.api.pid(),
      orders: nodes.orders.pid(),
      payments: nodes.payments.pid(),
    });
    memory.start();
    const pace = { perSecond: carriedPerSecond * times };
    const {
      created,
      createdDueAtMs: _due,
      ...overload
    } = await startLoad({ ...target, pace, durationMs: seconds * 1000 });
    const curves = memory.stop();
    const byMetrics = difference(await counted(system), before);
    const allCreated = [...warmUp.created, ...carried.created, ...created];
    const settled = await untilFinal(system, allCreated);

    const offeredPerSecond = perSecond(overload.sent, overload);
    const reachedTimes = offeredPerSecond / carriedPerSecond;
    console.log(
      `Offered for ${seconds} s: ${offeredPerSecond} orders/s, ${reachedTimes.toFixed(2)} times that (${overload.unsent} more were due and not sent); answered 201: ${perSecond(created.length, overload)}/s. ${overload.unansweredAtEnd} were not answered yet when the load ended.`,
    );
    console.table({ 'as clients saw them': overload.byStatus, 'as /metrics counted them': byMetrics });
    console.log('Milliseconds from when an order was due until its answer:');
    console.table(overload.latencyMs);
    console.table(curves.map(memoryRow));
    console.log(
      `${allCreated.length} answered 201; ${settled.notFinal} not final ${settled.elapsedMs} ms after the load.`,
    );
    const failures = judgeOverload({
      times,
      reachedTimes,
      byClients: overload.byStatus,
      byMetrics,
      memory: curves.map(growthOf),
      notFinal: settled.notFinal,
    });
    for (const failure of failures) console.log(`FAILED: ${failure}`);
    if (failures.length === 0) {
      console.log('Memory is flat, every 201 became final, and clients and /metrics counted the same answers.');
    }
    save({
      at: new Date().toISOString(),
      cores: cpus().length,
      node: process.version,
      seconds,
      carriedPerSecond,
      offeredPerSecond,
      overload,
      byMetrics,
      settled,
      memory: curves,
      failures,
    });
    return failures.length === 0;
  } finally {
    await system.stop();
  }
}

function save(result: { readonly at: string } & Readonly<Record<string, unknown>>): void {
  const folder = join('bench', 'results');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `overload-${result.at.replaceAll(':', '-')}.json`);
  writeFileSync(file, `${JSON.stringify(result, undefined, 2)}\n`);
  console.log(`Written to ${file}`);
}

await runCommand(COMMAND, async (options) => ((await measure(options)) ? 0 : 1));
