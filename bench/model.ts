import { defineCommand, runCommand } from '../terminal/command.js';
import { BATCH, CLIENTS, clients, clientsOf, WAL } from './benchmarks/clients.ts';
import { columns } from './harness/report.ts';
import { round } from './harness/run-benchmark.ts';
import { RunStore } from './harness/run-store.ts';
import { summarise } from './harness/summary.ts';
import { PART, PER_SECOND } from './load/settle.ts';
import { fit, predict, sum, type Point } from './model/model.ts';
import { sizeFor } from './model/scale.ts';

const COMMAND = defineCommand({
  name: 'npm run bench:model',
  about: `Fits the model of docs/scaling.md on two points of the latest run of the benchmark "clients", holds it against the other
ones, and says what larger loads would take. It measures nothing itself.`,
  options: {},
  examples: ['npm run bench -- --only clients && npm run bench:model'],
  exitCodes: { 0: 'told', 1: 'there is no run to fit it on' },
});

const TIMES = [1, 10, 100, 1000];
const A_MILLION = 1_000_000;

function pointOf(figures: Readonly<Record<string, { readonly median: number }>>, count: number): Point {
  const median = (name: string): number => figures[name]?.median ?? Number.NaN;
  const parts = Object.keys(figures).filter((name) => name.endsWith(PART));
  return {
    clients: count,
    perSecond: median(PER_SECOND),
    demandS: Object.fromEntries(parts.map((name) => [name.slice(0, -PART.length), median(name) / 1e6])),
    batch: median(BATCH),
  };
}

function tell(head: readonly string[], rows: readonly (readonly (string | number)[])[]): void {
  const cells = rows.map((row) => row.map((cell) => (typeof cell === 'number' ? round(cell) : cell)));
  console.log(`${columns([head, ...cells]).join('\n')}\n`);
}

/** What of a point the model was not fitted on. */
function checkOf(point: Point, full: Point, alone: Point): string {
  if (point === full) return 'fitted';
  return point === alone ? 'rate checked' : 'checked';
}

function tellModel(): number {
  const run = RunStore.latestWith(clients.name);
  if (run === null) throw new Error('There is no run of the benchmark `clients`: npm run bench -- --only clients');
  const { variants } = summarise(clients, run.measurementsOf(clients.name));
  const figuresOf = (count: number): Parameters<typeof pointOf>[0] =>
    variants.find(({ variant }) => variant === clientsOf(count))?.figures ?? {};
  const points = CLIENTS.map((count) => pointOf(figuresOf(count), count));
  const [alone, full] = [points[0], points.at(-1)];
  if (alone === undefined || full === undefined) throw new Error('The run has no points.');

  const model = fit(alone, full);
  console.log(`Run of ${run.run.startedAt}, commit ${run.run.commit}, ${run.run.cores} cores.\n`);
  tell(
    ['part', 'µs an order', 'µs a step'],
    Object.entries(model.perOrderS).map(([part, each]) => [part, each * 1e6, (model.perStepS[part] ?? 0) * 1e6]),
  );
  console.log(`${round(model.cores)} cores; of N orders under way N^${round(model.exponent)} share a step\n`);
  tell(
    ['clients', 'orders/s', 'predicted', 'off by', 'a step', 'predicted', 'µs/order', 'predicted', ''],
    points.map((point) => {
      const said = predict(model, point.clients);
      const off = `${Math.round((said.perSecond / point.perSecond - 1) * 100)} %`;
      return [
        ...[String(point.clients), point.perSecond, said.perSecond, off, point.batch, said.batch],
        ...[sum(point.demandS) * 1e6, said.demandS * 1e6, checkOf(point, full, alone)],
      ];
    }),
  );
  const demand = { perOrderS: model.perOrderS, walBytes: figuresOf(full.clients)[WAL]?.median ?? Number.NaN };
  console.log(`${round(demand.walBytes)} bytes of WAL an order\n`);
  const sizes = [...TIMES.map((times) => full.perSecond * times), A_MILLION].map((perSecond) =>
    sizeFor(demand, perSecond),
  );
  tell(
    ['orders/s', 'gateways', 'orders', 'payments', 'shards', 'brokers', 'partitions', 'cores', 'dollars/month'],
    sizes.map((size) => [
      ...[size.perSecond, size.gateways, size.orders, size.payments, size.shards, size.brokers],
      ...[size.partitions, size.cores, size.dollarsPerMonth],
    ]),
  );
  for (const { perSecond, breaks } of sizes) {
    console.log(`${round(perSecond)}/s: ${breaks.length === 0 ? 'as it ships' : breaks.join('; ')}`);
  }
  return 0;
}

await runCommand(COMMAND, tellModel);
