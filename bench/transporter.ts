import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ownKafka, type OwnKafka } from '../test/support/own-cluster.ts';
import { startPair, type Pair } from './transporter/pair.ts';
import { installPeers } from './transporter/peers.ts';
import type { Variant } from './transporter/node.ts';
import {
  levelRow,
  LEVEL_HEADER,
  outageRow,
  OUTAGE_HEADER,
  printTable,
  summarise,
  type Level,
  type Outage,
} from './transporter/report.ts';

/**
 * Measures calls over Kafka, ours beside Moleculer's stock transporter: rate, latency, lost calls and stalls at several
 * numbers of calls in flight, and how long calls stay away after Kafka was killed and started again 20 s later.
 */
const USAGE = `npm run bench:transporter -- [options]
  --quick            5 000 calls a level instead of 100 000, and Kafka away for 5 s instead of 20
  --calls N          calls a level
  --in-flight N      this level only (default: 1, 4, 16 and 64)
  --only ours|stock  one transporter only
  --no-outage        leave Kafka alive
  --no-levels        only the outage`;

const CALLS = 100_000;
const QUICK_CALLS = 5000;
const LEVELS = [1, 4, 16, 64];
/** The two take turns, so that a slow minute of the machine hits both. */
const TURNS = 4;
const WARM_UP_CALLS = 2000;
/** A turn is cut here: a transporter that stalls on and on must not hold up the rest. */
const TURN_TIME_LIMIT_MS = 120_000;
const AWAY_MS = 20_000;
const QUICK_AWAY_MS = 5000;
/** After Kafka's return; who does not come back by then is deaf. */
const COME_BACK_LIMIT_MS = 90_000;

interface Options {
  readonly calls: number;
  readonly levels: readonly number[];
  readonly variants: readonly Variant[];
  readonly awayMs: number | null;
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      calls: { type: 'string' },
      'in-flight': { type: 'string' },
      only: { type: 'string' },
      'no-outage': { type: 'boolean', default: false },
      'no-levels': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    process.exit(0);
  }
  if (values.only !== undefined && values.only !== 'ours' && values.only !== 'stock') throw new Error(USAGE);
  const levels = values['in-flight'] === undefined ? LEVELS : [Number(values['in-flight'])];
  const calls = Number(values.calls ?? (values.quick ? QUICK_CALLS : CALLS));
  if (![calls, ...levels].every((number) => Number.isInteger(number) && number > 0)) throw new Error(USAGE);
  return {
    calls,
    levels: values['no-levels'] ? [] : levels,
    variants: values.only === undefined ? ['ours', 'stock'] : [values.only],
    awayMs: values['no-outage'] ? null : values.quick ? QUICK_AWAY_MS : AWAY_MS,
  };
}

function showProgress(text: string): void {
  if (process.stdout.isTTY) process.stdout.write(`\r\x1b[K${text}`);
}

async function measureLevel(pairs: readonly Pair[], inFlight: number, calls: number): Promise<Level[]> {
  const turns = new Map(pairs.map(({ variant }) => [variant, [] as Awaited<ReturnType<Pair['run']>>[]]));
  for (const pair of pairs) {
    await pair.run({ inFlight, calls: WARM_UP_CALLS, timeLimitMs: TURN_TIME_LIMIT_MS }, () => undefined);
  }
  for (let turn = 1; turn <= TURNS; turn += 1) {
    // Neither always comes first.
    for (const pair of turn % 2 === 1 ? pairs : pairs.toReversed()) {
      const share = Math.ceil(calls / TURNS);
      const what = `${inFlight} in flight, ${pair.variant}, turn ${turn} of ${TURNS}`;
      const result = await pair.run({ inFlight, calls: share, timeLimitMs: TURN_TIME_LIMIT_MS }, (answered) => {
        showProgress(`${what}: ${answered} of ${share}`);
      });
      showProgress('');
      turns.get(pair.variant)?.push(result);
      console.log(`  ${what}: ${Math.round(result.latenciesMs.length / (result.elapsedMs / 1000))} calls/s`);
    }
  }
  return pairs.map(({ variant }) => summarise(variant, inFlight, turns.get(variant) ?? []));
}

async function measureOutage(pairs: readonly Pair[], kafka: OwnKafka, awayMs: number): Promise<Outage[]> {
  const probes = Promise.all(pairs.map((pair) => pair.probe(awayMs + COME_BACK_LIMIT_MS)));
  await kafka.kill();
  console.log(`  Kafka killed; it comes back in ${awayMs / 1000} s.`);
  await sleep(awayMs);
  const startedAtMs = Date.now();
  await kafka.start();
  const kafkaAnsweredAfterMs = Date.now() - startedAtMs;
  console.log(`  Kafka answers again ${kafkaAnsweredAfterMs} ms after its start; waiting for calls.`);
  const results = await probes;
  return pairs.map(({ variant }, index) => {
    const result = results[index];
    if (result === undefined) throw new Error('Every pair is probed.');
    const backAfterMs = result.workingAtMs === null ? null : result.workingAtMs - startedAtMs - kafkaAnsweredAfterMs;
    return { variant, ...result, kafkaAnsweredAfterMs, backAfterMs };
  });
}

async function measure(options: Options): Promise<void> {
  // It goes away with this process, however that ends.
  const kafka = await ownKafka();
  const pairs: Pair[] = [];
  try {
    for (const variant of options.variants) pairs.push(await startPair(variant, kafka.brokers));
    const levels: Level[] = [];
    for (const inFlight of options.levels) levels.push(...(await measureLevel(pairs, inFlight, options.calls)));
    const outages = options.awayMs === null ? [] : await measureOutage(pairs, kafka, options.awayMs);
    printTable(LEVEL_HEADER, levels.map(levelRow));
    printTable(OUTAGE_HEADER, outages.map(outageRow));
    save({ at: new Date().toISOString(), cores: cpus().length, node: process.version, options, levels, outages });
  } finally {
    for (const pair of pairs) pair.end();
    await kafka.remove();
  }
}

function save(result: { readonly at: string } & Readonly<Record<string, unknown>>): void {
  const folder = join('bench', 'results');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `transporter-${result.at.replaceAll(':', '-')}.json`);
  writeFileSync(file, `${JSON.stringify(result, undefined, 2)}\n`);
  console.log(`\nWritten to ${file}`);
}

const options = readOptions();
if (options.variants.includes('stock')) installPeers();
await measure(options);
