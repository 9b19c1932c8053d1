import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { runAudit, type AuditMark, type AuditReport } from '../audit/run-audit.ts';
import { loadConfig } from '../config/config.ts';
import { createDatabaseIfMissing } from '../start/embedded-postgres.ts';
import { fillOrders, fillPayments, migrateBoth } from '../test/support/audited-databases.ts';
import { ownPostgres, type OwnPostgres } from '../test/support/own-cluster.ts';

/**
 * Fills two databases with what a flawless system would have written, and audits them: how long it takes, what it needs,
 * and how long a snapshot is open. And what the index costs that the audit needs.
 */
const USAGE = `npm run bench:audit -- [options]
  --orders N     orders, each with its decision and six of seven with a ledger entry (4000000)
  --accounts N   accounts, each with a deposit (500000)
  --hot P        of a hundred orders, so many are of one account (5)`;

const MEMORY_EVERY_MS = 100;
/** Entries of one write, as a full batch of the consumer has them; enough of them to fill several pages of the index. */
const BATCH_ENTRIES = 500;
const BATCHES = 400;

function readOptions() {
  const { values } = parseArgs({
    options: {
      orders: { type: 'string', default: '4000000' },
      accounts: { type: 'string', default: '500000' },
      hot: { type: 'string', default: '5' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    process.exit(0);
  }
  return { orders: Number(values.orders), accounts: Number(values.accounts), hotPercent: Number(values.hot) };
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

async function main(): Promise<void> {
  const postgres = await ownPostgres();
  try {
    const startedAt = performance.now();
    await fill(postgres);
    console.log(`  filled in ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
    const full = await measure(postgres, null);
    print('Full', full);
    print('Incremental, with nothing changed', await measure(postgres, full.report.mark));
    await measureIndex(postgres);
  } finally {
    await postgres.remove();
  }
}

await main();
