import { defineCommand, readArguments, runCommand, UsageError } from '../terminal/command.js';
import { backlogDeposits } from './benchmarks/backlog-deposits.ts';
import { backlogHot } from './benchmarks/backlog-hot.ts';
import { backlog } from './benchmarks/backlog.ts';
import { calls } from './benchmarks/calls.ts';
import { callsAfterOutage } from './benchmarks/calls-after-outage.ts';
import { clients } from './benchmarks/clients.ts';
import { createToFinal } from './benchmarks/create-to-final.ts';
import { growth } from './benchmarks/growth.ts';
import { halfRate } from './benchmarks/half-rate.ts';
import { inboxColumns } from './benchmarks/inbox-columns.ts';
import { memory } from './benchmarks/memory.ts';
import { nodes } from './benchmarks/nodes.ts';
import { reads } from './benchmarks/reads.ts';
import { relayBehindBacklog } from './benchmarks/relay-behind-backlog.ts';
import { relayHeldSnapshot } from './benchmarks/relay-held-snapshot.ts';
import { relay } from './benchmarks/relay.ts';
import { settledOrders } from './benchmarks/settled-orders.ts';
import { watched } from './benchmarks/watched.ts';
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
  inboxColumns,
  relay,
  relayBehindBacklog,
  relayHeldSnapshot,
  reads,
  calls,
  callsAfterOutage,
  growth,
  nodes,
  watched,
  memory,
];

const ROUNDS = 3;
const ROUNDS_MAX = 1000;

const COMMAND = defineCommand({
  name: 'npm run bench',
  about: `Measures in rounds of variants in turn, beside peers and floors, on systems of its own and free ports. Results go to
bench/results/.`,
  options: {
    quick: {
      type: 'flag',
      about: 'small sizes and one round, for a look: figures decide nothing; without those that show nothing so soon',
    },
    only: {
      type: 'text',
      takes: 'A,B',
      about: 'these benchmarks; what is no name chooses those whose name contains it (default: all)',
      default: '',
    },
    rounds: { type: 'whole', about: `of each benchmark (default: ${ROUNDS}; quick: 1)`, min: 1, max: ROUNDS_MAX },
    resume: { type: 'flag', about: 'goes on with the latest run, where it ended' },
    list: { type: 'flag', about: 'names the benchmarks' },
  },
  examples: ['npm run bench -- --list', 'npm run bench -- --quick --only relay', 'npm run bench -- --resume'],
  exitCodes: { 0: 'every bar was passed', 1: 'a bar was missed, or a benchmark failed' },
});

interface Options {
  readonly chosen: readonly Benchmark[];
  readonly store: RunStore;
}

function readOptions(): Options | null {
  const { quick, only, rounds, resume, list } = readArguments(COMMAND, process.argv.slice(2));
  const chosen = choose(only.split(',')).filter(({ needsMinutes }) => !(quick && only === '' && needsMinutes));
  if (list) {
    console.log(chosen.map(({ name, title }) => `${name.padEnd(24)}${title}`).join('\n'));
    return null;
  }
  if (chosen.length === 0) throw new UsageError(`No benchmark has "${only}" in its name; --list names them.`);
  const store = resume ? RunStore.latest() : RunStore.begin({ quick, rounds: rounds ?? (quick ? 1 : ROUNDS) });
  if (store === null) throw new UsageError('There is no run to go on with: leave --resume out.');
  return { chosen, store };
}

function choose(asked: readonly string[]): readonly Benchmark[] {
  const names = new Set(BENCHMARKS.map(({ name }) => name));
  return BENCHMARKS.filter(({ name }) => asked.some((text) => (names.has(text) ? name === text : name.includes(text))));
}

/** @returns whether every bar was passed */
async function bench({ chosen, store }: Options): Promise<boolean> {
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
  return isGood;
}

await runCommand(COMMAND, async () => {
  const options = readOptions();
  return options === null || (await bench(options)) ? 0 : 1;
});
