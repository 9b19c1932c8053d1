import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { startSystem, type System } from '../test/support/own-system.ts';
import { requestsBy, scrape } from '../test/support/scrape.ts';
import { closedLoop, openLoop, type LoadResult, type LoadTarget } from './overload/load.ts';
import { MemorySampler, slopeOfSecondHalf, sparkline, type MemoryCurve } from './overload/memory.ts';

/**
 * Offers the system three times the orders that it can carry, and looks whether memory stays flat, whether every 201
 * becomes final, and whether clients and /metrics count the same answers.
 */
const USAGE = `npm run bench:overload -- [options]
  --seconds N   how long the overload lasts (60)
  --times N     how many times the rate that is carried (3)`;

const DEFAULT_SECONDS = 60;
const DEFAULT_TIMES = 3;
/** As many as keep every batch on the way filled: with 64 it was latency that bounded the rate. */
const CLOSED_LOOP_IN_FLIGHT = 256;
const WARM_UP_MS = 5000;
const MEASURE_MS = 10_000;
/** Enough for orders of one batch to be about different accounts. */
const USERS = 500;
/** The first seconds fill caches and the young generation. */
const SETTLED_AFTER_S = 10;
/** What garbage collection moves within half a minute. */
const FLAT_MB_PER_MINUTE = 20;
const FINAL_LIMIT_MS = 300_000;
const FINAL_PAUSE_MS = 500;

function readOptions(): { seconds: number; times: number } {
  const { values } = parseArgs({
    options: { seconds: { type: 'string' }, times: { type: 'string' }, help: { type: 'boolean', default: false } },
  });
  if (values.help) {
    console.log(USAGE);
    process.exit(0);
  }
  const seconds = Number(values.seconds ?? DEFAULT_SECONDS);
  const times = Number(values.times ?? DEFAULT_TIMES);
  if (!(seconds > 0 && times > 0)) throw new Error(USAGE);
  return { seconds, times };
}

async function openAccounts(system: System): Promise<LoadTarget> {
  const users = Array.from({ length: USERS }, (_, index) => `customer-${index}`);
  await Promise.all(
    users.map(async (userId) => {
      await system.call('POST', '/api/payments/accounts', { userId });
      await system.call('POST', '/api/payments/accounts/deposit', { userId, amount: '9999999.99' });
    }),
  );
  return { port: system.nodes.api.port, users };
}

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

interface Settled {
  readonly elapsedMs: number;
  /** Orders that were answered 201 and are not in the database, or not final. */
  readonly notFinal: number;
}

async function untilFinal(system: System, created: readonly string[]): Promise<Settled> {
  const client = new Client({ connectionString: system.urlOf('orders') });
  await client.connect();
  const startedAtMs = performance.now();
  try {
    for (;;) {
      const { rows } = await client.query<{ final: number }>(
        `SELECT count(*)::int AS final FROM orders WHERE order_id = ANY($1::uuid[]) AND status <> 'NEW'`,
        [created],
      );
      const notFinal = created.length - (rows[0]?.final ?? 0);
      const elapsedMs = performance.now() - startedAtMs;
      if (notFinal === 0 || elapsedMs > FINAL_LIMIT_MS) return { elapsedMs: Math.round(elapsedMs), notFinal };
      await sleep(FINAL_PAUSE_MS);
    }
  } finally {
    await client.end();
  }
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN);
}

function perSecond(count: number, { elapsedMs }: LoadResult): number {
  return Math.round(count / (elapsedMs / 1000));
}

function memoryRow(curve: MemoryCurve): Record<string, string | number> {
  return {
    node: curve.node,
    [`MB at ${SETTLED_AFTER_S} s`]: curve.residentMb[SETTLED_AFTER_S] ?? Number.NaN,
    'MB at the end': curve.residentMb.at(-1) ?? Number.NaN,
    'MB at most': Math.max(...curve.residentMb),
    'MB/min, second half': Math.round(slopeOfSecondHalf(curve) * 10) / 10,
    curve: sparkline(curve),
  };
}

async function measure({ seconds, times }: { seconds: number; times: number }): Promise<boolean> {
  const system = await startSystem();
  try {
    const target = await openAccounts(system);
    const warmUp = await closedLoop(target, CLOSED_LOOP_IN_FLIGHT, WARM_UP_MS);
    const carried = await closedLoop(target, CLOSED_LOOP_IN_FLIGHT, MEASURE_MS);
    const carriedPerSecond = perSecond(carried.created.length, carried);
    console.log(`Carried, ${CLOSED_LOOP_IN_FLIGHT} in flight: ${carriedPerSecond} orders/s.`);

    const { nodes } = system;
    const before = await counted(system);
    const memory = new MemorySampler({ api: nodes.api.pid, orders: nodes.orders.pid, payments: nodes.payments.pid });
    memory.start();
    const overload = await openLoop(target, carriedPerSecond * times, seconds * 1000);
    const curves = memory.stop();
    const byMetrics = difference(await counted(system), before);
    const created = [warmUp, carried, overload].flatMap((load) => load.created);
    const settled = await untilFinal(system, created);

    const offeredPerSecond = perSecond(overload.sent, overload);
    console.log(
      `Offered for ${seconds} s: ${offeredPerSecond} orders/s (${overload.unsent} more were due and not sent), answered 201: ${perSecond(overload.created.length, overload)}/s; median ${quantile(overload.latenciesMs, 0.5)} ms, p99 ${quantile(overload.latenciesMs, 0.99)} ms.`,
    );
    console.table({ 'as clients saw them': overload.byStatus, 'as /metrics counted them': byMetrics });
    console.table(curves.map(memoryRow));
    console.log(
      `${created.length} answered 201; ${settled.notFinal} not final ${settled.elapsedMs} ms after the load.`,
    );

    const agree = JSON.stringify(sorted(overload.byStatus)) === JSON.stringify(sorted(byMetrics));
    const flat = curves.every((curve) => slopeOfSecondHalf(curve) < FLAT_MB_PER_MINUTE);
    console.log(`Counts agree: ${agree}. Memory flat (under ${FLAT_MB_PER_MINUTE} MB/min): ${flat}.`);
    save({
      at: new Date().toISOString(),
      cores: cpus().length,
      node: process.version,
      seconds,
      carriedPerSecond,
      offeredPerSecond,
      overload: { ...overload, created: overload.created.length, latenciesMs: undefined },
      byMetrics,
      settled,
      memory: curves,
    });
    return agree && flat && settled.notFinal === 0;
  } finally {
    await system.stop();
  }
}

function sorted(counts: Readonly<Record<string, number>>): [string, number][] {
  return Object.entries(counts).sort(([a], [b]) => a.localeCompare(b));
}

function save(result: { readonly at: string } & Readonly<Record<string, unknown>>): void {
  const folder = join('bench', 'results');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `overload-${result.at.replaceAll(':', '-')}.json`);
  writeFileSync(file, `${JSON.stringify(result, undefined, 2)}\n`);
  console.log(`Written to ${file}`);
}

if (!(await measure(readOptions()))) process.exitCode = 1;
