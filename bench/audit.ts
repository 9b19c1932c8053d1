import { Client } from 'pg';
import { runAudit, type AuditMark, type AuditReport } from '../audit/run-audit.ts';
import { loadConfig } from '../config/config.ts';
import { defineCommand, readArguments, runCommand } from '../terminal/command.js';
import { createDatabaseIfMissing } from '../start/embedded-postgres.ts';
import { fillOrders, fillPayments, migrateBoth } from '../test/support/audited-databases.ts';
import { ownPostgres, type OwnPostgres } from '../test/support/own-cluster.ts';

/**
 * Fills two databases with what a flawless system would have written, and audits them: how long it takes, what it needs,
 * and how long a snapshot is open. And what the index costs that the audit needs.
 */
const COUNT_MAX = 1_000_000_000;

const COMMAND = defineCommand({
  name: 'npm run bench:audit',
  about: `Fills two databases of its own with what a flawless system would have written, and audits them: how long it takes, what it
needs, how long a snapshot is open, and what the audit's index costs.`,
  options: {
    orders: {
      type: 'whole',
      about: 'orders, each with its decision and six of seven with a ledger entry',
      min: 1,
      max: COUNT_MAX,
      default: 4_000_000,
    },
    accounts: { type: 'whole', about: 'accounts, each with a deposit', min: 1, max: COUNT_MAX, default: 500_000 },
    hot: { type: 'whole', about: 'of a hundred orders, so many are of one account', min: 0, max: 100, default: 5 },
  },
  examples: ['npm run bench:audit', 'npm run bench:audit -- --orders 100000 --accounts 10000'],
  exitCodes: { 0: 'measured', 1: 'it could not be done' },
});

const MEMORY_EVERY_MS = 100;
/** Entries of one write, as a full batch of the consumer has them; enough of them to fill several pages of the index. */
const BATCH_ENTRIES = 500;
const BATCHES = 400;

function readOptions() {
  const { orders, accounts, hot } = readArguments(COMMAND, process.argv.slice(2));
  return { orders, accounts, hotPercent: hot };
}

interface Measured {
  readonly report: AuditReport;
  readonly peakMb: number;
  readonly startMb: number;
}

async function measure(postgres: OwnPostgres, since: AuditMark | null): Promise<Measured> {
  const megabytes = (): number => Math.round(process.memoryUsage().rss / 1024 ** 2);
  const startMb = megabytes();
  let peakMb = startMb;
  const sampler = setInterval(() => (peakMb = Math.max(peakMb, megabytes())), MEMORY_EVERY_MS);
  try {
    const report = await runAudit({
      ordersUrl: postgres.urlOf('orders'),
      paymentsUrl: postgres.urlOf('payments'),
      kafka: loadConfig({}).kafka,
      namespace: 'bench',
      since,
    });
    return { report, startMb, peakMb };
  } finally {
    clearInterval(sampler);
  }
}

function print(title: string, { report, peakMb, startMb }: Measured): void {
  console.log(`\n  ${title}`);
  console.log(`    ${(report.tookMs / 1000).toFixed(1)} s, ${JSON.stringify(report.counted)}`);
  console.log(`    memory of the process: ${startMb} MB before, ${peakMb} MB at most`);
  console.log(`    longest snapshot: ${report.longestSnapshotMs} ms; violations: ${report.violationCount}`);
  for (const violation of report.violations) console.log(`      ${violation.invariant} ${violation.what}`);
}

async function fill(postgres: OwnPostgres): Promise<void> {
  const size = readOptions();
  for (const name of ['orders', 'payments']) await createDatabaseIfMissing(postgres.urlOf(name));
  await migrateBoth(postgres.urlOf('orders'), postgres.urlOf('payments'));
  for (const [name, write] of [
    ['payments', fillPayments],
    ['orders', fillOrders],
  ] as const) {
    const client = new Client(postgres.urlOf(name));
    await client.connect();
    await client.query(`SET synchronous_commit = off; SET work_mem = '256MB'`);
    await write(client, size);
    await client.query('VACUUM (ANALYZE)');
    await client.end();
  }
}

/** Batches of ledger entries, alternately into a table with the index and into one without: milliseconds for a batch. */
async function measureIndex(postgres: OwnPostgres): Promise<void> {
  const client = new Client(postgres.urlOf('payments'));
  await client.connect();
  const tables = { 'with the index': 'entries_indexed', 'without it': 'entries_plain' };
  const tookMs = { 'with the index': 0, 'without it': 0 };
  await client.query(`CREATE TABLE entries_indexed (LIKE ledger_entries INCLUDING ALL)`);
  await client.query(`CREATE TABLE entries_plain (LIKE ledger_entries INCLUDING ALL)`);
  await client.query(`DROP INDEX entries_plain_order_id_idx`);
  for (let batch = 0; batch < BATCHES; batch += 1) {
    for (const kind of ['with the index', 'without it'] as const) {
      const startedAt = performance.now();
      await client.query(
        `INSERT INTO ${tables[kind]}
         SELECT 'user-' || i, ${batch + 1}, gen_random_uuid(), 'payment', -1, 1, uuidv7(), now()
           FROM generate_series(1, ${BATCH_ENTRIES}) AS i`,
      );
      tookMs[kind] += performance.now() - startedAt;
    }
  }
  console.log('\n  A batch of 500 ledger entries');
  for (const [kind, ms] of Object.entries(tookMs)) console.log(`    ${kind}: ${(ms / BATCHES).toFixed(2)} ms`);
  await client.end();
}

async function main(): Promise<number> {
  const postgres = await ownPostgres();
  try {
    const startedAt = performance.now();
    await fill(postgres);
    console.log(`  filled in ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
    const full = await measure(postgres, null);
    print('Full', full);
    print('Incremental, with nothing changed', await measure(postgres, full.report.mark));
    await measureIndex(postgres);
    return 0;
  } finally {
    await postgres.remove();
  }
}

await runCommand(COMMAND, main);
