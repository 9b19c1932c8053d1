import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import pg from 'pg';
import type { AuditReport } from '../../audit/report.ts';
import { freePort } from '../../start/free-port.ts';
import { projectRoot } from '../../start/project-root.ts';
import { fillOrders, fillPayments, migrateBoth } from '../support/audited-databases.ts';
import { freshDatabase, testKafkaBrokers, type FreshDatabase } from '../support/database.ts';

const COMMAND_TIMEOUT_MS = 60_000;
const SIZE = { accounts: 10, orders: 50, hotPercent: 0 };

let databases: readonly [FreshDatabase, FreshDatabase];
let payments: pg.Client;
let environment: Readonly<Record<string, string>>;

beforeAll(async () => {
  databases = [await freshDatabase(), await freshDatabase()];
  const [{ url: ordersUrl }, { url: paymentsUrl }] = databases;
  await migrateBoth(ordersUrl, paymentsUrl);
  const orders = new pg.Client(ordersUrl);
  payments = new pg.Client(paymentsUrl);
  await Promise.all([orders.connect(), payments.connect()]);
  await Promise.all([fillOrders(orders, SIZE), fillPayments(payments, SIZE)]);
  await orders.end();
  environment = {
    KAFKA_BROKERS: testKafkaBrokers(),
    ORDERS_DATABASE_URL: ordersUrl,
    PAYMENTS_DATABASE_URL: paymentsUrl,
    NAMESPACE: 'auditcommand',
  };
});

afterAll(async () => {
  await payments.end();
  await Promise.all(databases.map((database) => database.drop()));
});

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `npm run audit:ledger -- …`, without npm in between. */
async function auditLedger(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const child = spawn(process.execPath, ['start/audit-ledger.ts', ...args], {
    cwd: projectRoot(),
    env: { ...process.env, ...environment, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: COMMAND_TIMEOUT_MS,
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { code, stdout, stderr };
}

test(
  'the command exits with 0 when nothing is wrong, and says so without colours in a pipe',
  async () => {
    const { code, stdout, stderr } = await auditLedger([]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('Nothing is wrong');
    expect(stdout).not.toContain('\u001b');
  },
  COMMAND_TIMEOUT_MS,
);

test(
  'the command exits with 1 when something is, and names it; --json is the report, and nothing else',
  async () => {
    await payments.query(`UPDATE accounts SET balance = balance + 1 WHERE user_id = 'user-00000007'`);
    try {
      const { code, stdout } = await auditLedger(['--json']);
      const report = JSON.parse(stdout) as AuditReport;
      expect(code).toBe(1);
      expect(report).toMatchObject({ mode: 'full', violationCount: 1, unanswered: [], counted: { orders: 50 } });
      expect(report.violations).toMatchObject([{ invariant: 'I1', ids: { userId: 'user-00000007' } }]);
    } finally {
      await payments.query(`UPDATE accounts SET balance = balance - 1 WHERE user_id = 'user-00000007'`);
    }
  },
  COMMAND_TIMEOUT_MS,
);

test(
  'the command exits with 2 and a sentence when it cannot be done',
  async () => {
    const nowhere = `postgres://postgres:secret@127.0.0.1:${await freePort()}/payments`;
    for (const [args, env, sentence] of [
      [[], { PAYMENTS_DATABASE_URL: nowhere }, /^\s*The payments database cannot be reached: .+\s*$/],
      [[], { PAYMENTS_DATABASE_URL: 'mysql://x' }, /^\s*PAYMENTS_DATABASE_URL is no PostgreSQL URL.+\s*$/],
      [['--jsn'], {}, /^\s*Unknown option '--jsn'.+ shows what there is\.\s*$/],
    ] as const) {
      const { code, stdout, stderr } = await auditLedger(args, env);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(sentence);
      expect(stderr).not.toContain('secret');
    }
  },
  COMMAND_TIMEOUT_MS,
);

test(
  'with --incremental the command begins where the last report without a violation ends',
  async () => {
    await auditLedger([]);
    const { code, stdout } = await auditLedger(['--incremental', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ mode: 'incremental', violationCount: 0, counted: { orders: 0 } });
  },
  COMMAND_TIMEOUT_MS,
);
