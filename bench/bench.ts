import { parseArgs } from 'node:util';
import { backlogDeposits } from './benchmarks/backlog-deposits.ts';
import { backlogHot } from './benchmarks/backlog-hot.ts';
import { backlog } from './benchmarks/backlog.ts';
import { calls } from './benchmarks/calls.ts';
import { callsAfterOutage } from './benchmarks/calls-after-outage.ts';
import { clients } from './benchmarks/clients.ts';
import { createToFinal } from './benchmarks/create-to-final.ts';
import { growth } from './benchmarks/growth.ts';
import { halfRate } from './benchmarks/half-rate.ts';
import { memory } from './benchmarks/memory.ts';
import { nodes } from './benchmarks/nodes.ts';
import { reads } from './benchmarks/reads.ts';
import { relayBehindBacklog } from './benchmarks/relay-behind-backlog.ts';
import { relayHeldSnapshot } from './benchmarks/relay-held-snapshot.ts';
import { relay } from './benchmarks/relay.ts';
import { settledOrders } from './benchmarks/settled-orders.ts';
import type { Benchmark } from './harness/benchmark.ts';
import { drawChart } from './harness/chart.ts';
import { Places } from './harness/places.ts';
import { reportOf } from './harness/report.ts';
import { RunStore } from './harness/run-store.ts';
import { runBenchmark } from './harness/run-benchmark.ts';
import { summarise } from './harness/summary.ts';

/** Runs the benchmarks: rounds of variants in turn, medians beside their floors and peers, and the bars that they have to pass. */
const BENCHMARKS: readonly Benchmark[] = [
  settledOrders,
  clients,
  createToFinal,
  halfRate,
  backlog,
  backlogHot,
  backlogDeposits,
  relay,
  relayBehindBacklog,
  relayHeldSnapshot,
  reads,
  calls,
  callsAfterOutage,
  growth,
  nodes,
  memory,
];

const USAGE = `npm run bench -- [options]
  --quick         small sizes and one round, for a look: figures decide nothing; without those that show nothing so soon
  --only A,B      these benchmarks; what is no name chooses those whose name contains it
  --rounds N      of each benchmark (3; quick: 1)
  --resume        goes on with the latest run, where it ended
  --list          names the benchmarks
Exit code 1: a bar was missed, or a benchmark failed. Results: bench/results/`;

const ROUNDS = 3;

interface Options {
  readonly chosen: readonly Benchmark[];
  readonly store: RunStore;
}

function readOptions(): Options | null {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      rounds: { type: 'string' },
      resume: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const { quick, only, resume } = values;
  const chosen = choose(only.split(',')).filter(({ needsMinutes }) => !(quick && only === '' && needsMinutes));
  if (values.help || values.list) {
    console.log(values.help ? USAGE : chosen.map(({ name, title }) => `${name.padEnd(24)}${title}`).join('\n'));
    return null;
  }
  const rounds = Number(values.rounds ?? (quick ? 1 : ROUNDS));
  if (!(Number.isInteger(rounds) && rounds > 0)) throw new Error(`--rounds takes a whole number above 0.\n\n${USAGE}`);
  if (chosen.length === 0) throw new Error(`No benchmark has "${only}" in its name; --list names them.`);
  const store = resume ? RunStore.latest() : RunStore.begin({ quick, rounds });
  if (store === null) throw new Error('There is no run to go on with: leave --resume out.');
  return { chosen, store };
}

function choose(asked: readonly string[]): readonly Benchmark[] {
  const names = new Set(BENCHMARKS.map(({ name }) => name));
  return BENCHMARKS.filter(({ name }) => asked.some((text) => (names.has(text) ? name === text : name.includes(text))));
}

async function bench({ chosen, store }: Options): Promise<void> {
  const { quick } = store.run;
  const places = new Places(quick);
  const tell = (line: string): void => {
    console.log(line);
  };
  let isGood = true;
  for (const benchmark of chosen) {
    const { name } = benchmark;
    try {
      await runBenchmark(benchmark, { store, places, tell });
    } catch (error) {
      // The others can still be measured.
      console.error(`${name} failed:`, error);
      isGood = false;
    }
  }
  await places.close();
  const summaries = chosen.map((benchmark) => summarise(benchmark, store.measurementsOf(benchmark.name)));
  for (const summary of summaries) {
    store.write(`-${summary.name}.svg`, drawChart(summary));
    console.log(reportOf(summary));
    if (!quick && summary.judged.some(({ met }) => !met)) isGood = false;
  }
  console.log(
    `\nWritten to ${store.write('-summary.json', `${JSON.stringify({ ...store.run, summaries }, undefined, 2)}\n`)}`,
  );
  if (!isGood) process.exitCode = 1;
}

const options = readOptions();
if (options !== null) await bench(options);
