import { defineCommand, runCommand } from '../terminal/command.js';
import { startFleet } from '../test/support/fleet.ts';
import { systemOf } from '../test/support/own-system.ts';
import { columns } from './harness/report.ts';
import { settleLoad, type SettledLoad } from './load/settle.ts';
import { openAccounts } from './load/shop.ts';
import { KafkaRequests } from './profile/kafka-requests.ts';
import { INSPECTABLE, NodeProfiler, type CpuProfile } from './profile/node-profiler.ts';
import { selfTimes } from './profile/self-times.ts';
import { countStatements, readStatements, resetStatements, type StatementCount } from './profile/statements.ts';

/** Where the time of an order goes: V8's profiles of the nodes, PostgreSQL's statements, Kafka's requests, under one load. */
const COMMAND = defineCommand({
  name: 'npm run bench:profile',
  about: `Shows where the time of an order goes, on a system of its own under load: V8's profiles of the nodes, PostgreSQL's statements,
Kafka's requests.`,
  options: {
    clients: { type: 'whole', about: 'each with one order under way', min: 1, max: 10_000, default: 256 },
    seconds: {
      type: 'number',
      about: 'of the load that is looked at; one of the same length comes before it',
      min: 1,
      max: 3600,
      default: 10,
    },
  },
  examples: ['npm run bench:profile', 'npm run bench:profile -- --clients 64 --seconds 5'],
  exitCodes: { 0: 'measured', 1: 'it could not be done' },
});

const SHOWN = 16;
const TEXT_SHOWN = 100;

async function profile(clients: number, durationMs: number): Promise<void> {
  const environment = INSPECTABLE;
  const fleet = await startFleet(
    { api: 1, orders: 1, payments: 1 },
    { environment, isForLong: true, startNodes: false },
  );
  try {
    await countStatements(fleet.postgres);
    await Promise.all(fleet.nodes.map((node) => node.start()));
    const system = systemOf(fleet);
    const shop = await openAccounts(system);
    await settleLoad(system, shop, { clients, durationMs });
    const kafka = await KafkaRequests.open(fleet.kafka.pid());
    const before = await kafka.counts();
    await resetStatements(fleet.postgres);
    const profilers = await Promise.all(fleet.nodes.map((node) => NodeProfiler.start(node)));
    const load = await settleLoad(system, shop, { clients, durationMs });
    const profiles = await Promise.all(profilers.map((each) => each.stop()));
    const after = await kafka.counts();
    const orders = load.created.length;
    tellLoad(load);
    tellKafka(before, after, orders);
    tellStatements(await readStatements(fleet.postgres), orders);
    fleet.nodes.forEach(({ name }, index) => {
      const ofNode = profiles[index];
      if (ofNode !== undefined) tellNode(name, ofNode, orders);
    });
  } finally {
    await fleet.stop();
  }
}

function tellLoad({ perSecond, created, processorMicroseconds }: SettledLoad): void {
  console.log(`${created.length} orders, ${Math.round(perSecond)}/s while profilers look on\n`);
  const parts = Object.entries(processorMicroseconds).map(([part, each]) => [part, each.toFixed(0)]);
  tell(['processor time', 'µs an order'], parts);
}

function tellKafka(before: Record<string, number>, after: Record<string, number>, orders: number): void {
  const rows = Object.entries(after).map(([name, count]) => {
    const counted = count - (before[name] ?? 0);
    return [name, String(counted), (counted / orders).toFixed(3)];
  });
  tell(['Kafka', 'times', 'an order'], rows);
}

function tellStatements(statements: readonly StatementCount[], orders: number): void {
  const rows = statements
    .slice(0, SHOWN)
    .map(({ database, text, calls, totalMs }) => [
      database,
      String(calls),
      (orders / calls).toFixed(0),
      ((totalMs * 1000) / orders).toFixed(1),
      (totalMs / calls).toFixed(2),
      text.trim().slice(0, TEXT_SHOWN),
    ]);
  tell(['PostgreSQL', 'calls', 'orders a call', 'µs an order', 'ms a call', ''], rows);
}

function tellNode(name: string, ofNode: CpuProfile, orders: number): void {
  const rows = selfTimes(ofNode)
    .slice(0, SHOWN)
    .map(([place, microseconds]) => [place, (microseconds / orders).toFixed(1)]);
  tell([name, 'µs an order'], rows);
}

function tell(head: readonly string[], rows: readonly (readonly string[])[]): void {
  console.log(`${columns([head, ...rows]).join('\n')}\n`);
}

await runCommand(COMMAND, async ({ clients, seconds }) => {
  await profile(clients, seconds * 1000);
  return 0;
});
