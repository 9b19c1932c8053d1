import { defineCommand, runCommand } from '../terminal/command.js';
import { startFleet } from '../test/support/fleet.ts';
import { systemOf, type System } from '../test/support/own-system.ts';
import { columns } from './harness/report.ts';
import { microsecondsOfEach, partTimes, type PartTimes } from './load/part-times.ts';
import { settleLoad, type ClosedLoop } from './load/settle.ts';
import { openAccounts } from './load/shop.ts';
import { startLoad } from './load/start-load.ts';
import { KafkaRequests } from './profile/kafka-requests.ts';
import { INSPECTABLE, NodeProfiler, type CpuProfile } from './profile/node-profiler.ts';
import { selfTimes } from './profile/self-times.ts';
import { countStatements, readStatements, resetStatements, type StatementCount } from './profile/statements.ts';

/** Where the time of an order or of a read goes: V8's profiles of the nodes, PostgreSQL's statements, Kafka's requests, under one load. */
const COMMAND = defineCommand({
  name: 'npm run bench:profile',
  about: `Shows where the time of an order goes, or of a read, on a system of its own under load: V8's profiles of the nodes, PostgreSQL's
statements, Kafka's requests.`,
  options: {
    clients: { type: 'whole', about: 'each with one order or read under way', min: 1, max: 10_000, default: 256 },
    seconds: {
      type: 'number',
      about: 'of the load that is looked at; one of the same length comes before it',
      min: 1,
      max: 3600,
      default: 10,
    },
    reads: { type: 'flag', about: 'of one order after the other at the gateway, rather than orders' },
  },
  examples: [
    'npm run bench:profile',
    'npm run bench:profile -- --reads --clients 64',
    'npm run bench:profile -- --clients 64 --seconds 5',
  ],
  exitCodes: { 0: 'measured', 1: 'it could not be done' },
});

const SHOWN = 16;
const TEXT_SHOWN = 100;
const ORDERS_READ = 1000;

/** A load that profilers look at. */
interface Load {
  readonly count: number;
  readonly perSecond: number;
  readonly processorMicroseconds: PartTimes;
}

async function profile(each: 'order' | 'read', clients: number, durationMs: number): Promise<void> {
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
    const first = await settleLoad(system, shop, { clients, durationMs });
    const load = async (): Promise<Load> => {
      if (each === 'read') return readLoad(system, first.created, { clients, durationMs });
      const settled = await settleLoad(system, shop, { clients, durationMs });
      return { ...settled, count: settled.created.length };
    };
    if (each === 'read') await load();
    const kafka = await KafkaRequests.open(fleet.kafka.pid());
    const before = await kafka.counts();
    await resetStatements(fleet.postgres);
    const profilers = await Promise.all(fleet.nodes.map((node) => NodeProfiler.start(node)));
    const loaded = await load();
    const profiles = await Promise.all(profilers.map((profiler) => profiler.stop()));
    const after = await kafka.counts();
    tellLoad(each, loaded);
    tellKafka(each, before, after, loaded.count);
    tellStatements(each, await readStatements(fleet.postgres), loaded.count);
    fleet.nodes.forEach(({ name }, index) => {
      const ofNode = profiles[index];
      if (ofNode !== undefined) tellNode(each, name, ofNode, loaded.count);
    });
  } finally {
    await fleet.stop();
  }
}

async function readLoad(
  system: System,
  orderIds: readonly string[],
  { clients, durationMs }: ClosedLoop,
): Promise<Load> {
  const requests = orderIds.slice(0, ORDERS_READ).map((id) => ({ method: 'GET', path: `/api/orders/${id}` }) as const);
  const before = partTimes(system);
  const { port } = system.nodes.api;
  const { byStatus, elapsedMs } = await startLoad({ port, requests, durationMs, pace: { inFlight: clients } });
  const count = byStatus['200'] ?? 0;
  return {
    count,
    perSecond: count / (elapsedMs / 1000),
    processorMicroseconds: microsecondsOfEach(system, before, count),
  };
}

function tellLoad(each: string, { count, perSecond, processorMicroseconds }: Load): void {
  console.log(`${count} ${each}s, ${Math.round(perSecond)}/s while profilers look on\n`);
  const parts = Object.entries(processorMicroseconds).map(([part, ofEach]) => [part, ofEach.toFixed(0)]);
  tell(['processor time', `µs of each ${each}`], parts);
}

function tellKafka(each: string, before: Record<string, number>, after: Record<string, number>, times: number): void {
  const rows = Object.entries(after).map(([name, count]) => {
    const counted = count - (before[name] ?? 0);
    return [name, String(counted), (counted / times).toFixed(3)];
  });
  tell(['Kafka', 'times', `of each ${each}`], rows);
}

function tellStatements(each: string, statements: readonly StatementCount[], times: number): void {
  const rows = statements
    .slice(0, SHOWN)
    .map(({ database, text, calls, totalMs }) => [
      database,
      String(calls),
      (times / calls).toFixed(0),
      ((totalMs * 1000) / times).toFixed(1),
      (totalMs / calls).toFixed(2),
      text.trim().slice(0, TEXT_SHOWN),
    ]);
  tell(['PostgreSQL', 'calls', `${each}s a call`, `µs of each ${each}`, 'ms a call', ''], rows);
}

function tellNode(each: string, name: string, ofNode: CpuProfile, times: number): void {
  const rows = selfTimes(ofNode)
    .slice(0, SHOWN)
    .map(([place, microseconds]) => [place, (microseconds / times).toFixed(1)]);
  tell([name, `µs of each ${each}`], rows);
}

function tell(head: readonly string[], rows: readonly (readonly string[])[]): void {
  console.log(`${columns([head, ...rows]).join('\n')}\n`);
}

await runCommand(COMMAND, async ({ clients, seconds, reads }) => {
  await profile(reads ? 'read' : 'order', clients, seconds * 1000);
  return 0;
});
