import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { auditAndKeep } from '../../audit/audit-and-keep.ts';
import { eventTopics } from '../../events/topics.ts';
import { createKafka, TOPIC_RESOURCE } from '../../kafka/client.ts';
import { projectRoot } from '../../start/project-root.ts';
import { eventually as within } from '../support/eventually.ts';
import { startSystem, type System } from '../support/own-system.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { FOLDER, QUICK_RANGE, quickRules, startPrometheus, type Prometheus } from './support/running-prometheus.ts';
import { installPrometheus, type PrometheusTools } from './tools/prometheus.ts';
import { INSTALL_TIMEOUT_MS } from './tools/tool.ts';

jest.setTimeout(120_000);

const NODES = ['api', 'orders', 'payments'] as const;
const TOPIC = eventTopics('').orders.name;
/** Connections of a node, unless it is told otherwise. */
const DATABASE_POOL = 10;
/** What a topic takes by default. */
const TOPIC_LIMIT_BYTES = 1_048_588;
/** A relay that Kafka does not answer measures again when the request has timed out. */
const eventually = <T>(assertion: () => T | Promise<T>): Promise<T> =>
  within(assertion, { timeoutMs: 60_000, intervalMs: 250 });

let tools: PrometheusTools;
let system: System;
let prometheus: Prometheus;
const folder = temporaryFolder();

beforeAll(async () => {
  tools = await installPrometheus();
  system = await startSystem();
  const [api, orders, payments] = NODES.map((name) => system.nodes[name].port);
  prometheus = await startPrometheus(tools.server, { api: api ?? 0, orders: orders ?? 0, payments: payments ?? 0 });
}, INSTALL_TIMEOUT_MS);

afterAll(async () => {
  // Each may not have been started.
  await (prometheus as Prometheus | undefined)?.stop();
  await (system as System | undefined)?.stop();
  folder.remove();
}, 60_000);

const order = (userId = 'alice', amount = 1): Promise<unknown> =>
  system.call('POST', '/api/orders', { userId, amount });

/** So that every metric has a sample: an order of each kind, a page, a call that is refused. */
async function trade(): Promise<void> {
  await system.call('POST', '/api/payments/accounts', { userId: 'alice' });
  await system.call('POST', '/api/payments/accounts/deposit', { userId: 'alice', amount: 100 });
  await Promise.all([order(), order('alice', 1_000_000), order('nobody')]);
  await system.call('GET', '/api/orders?userId=alice');
}

async function sql(database: string, text: string): Promise<void> {
  const client = new Client({ connectionString: system.urlOf(database) });
  await client.connect();
  await client.query(text);
  await client.end();
}

function audit(): Promise<unknown> {
  const options = {
    ordersUrl: system.urlOf('orders'),
    paymentsUrl: system.urlOf('payments'),
    reportsUrl: system.urlOf('payments'),
    kafka: { brokers: [system.brokers], tls: null, sasl: null },
    namespace: '',
  };
  return auditAndKeep(options, false);
}

const kafka = () => createKafka({ brokers: [system.brokers], tls: null, sasl: null }, 'foreign', silentLogger);

async function setTopicLimit(bytes: number): Promise<void> {
  const admin = kafka().admin();
  await admin.connect();
  const configEntries = [{ name: 'max.message.bytes', value: String(bytes) }];
  await admin.alterConfigs({ validateOnly: false, resources: [{ type: TOPIC_RESOURCE, name: TOPIC, configEntries }] });
  await admin.disconnect();
}

/** Waits until these fire, whatever else does; `meanwhile` goes on until then. */
async function fires(names: readonly string[], meanwhile: () => Promise<unknown> = () => Promise.resolve()) {
  await eventually(async () => {
    await meanwhile();
    expect(await prometheus.firing()).toEqual(expect.arrayContaining([...names]));
  });
}

async function isQuiet(): Promise<void> {
  await eventually(async () => {
    expect(await prometheus.firing()).toEqual([]);
  });
}

describe('what is shipped for Prometheus', () => {
  test('promtool has nothing to say against configuration and rules, and each rule fires as its own test says', async () => {
    for (const args of [
      ['check', 'config', '--lint-fatal', join(FOLDER, 'prometheus.yml')],
      ['check', 'rules', '--lint-fatal', join(FOLDER, 'alerts.yml')],
      ['test', 'rules', join(FOLDER, 'alerts.test.yml')],
    ]) {
      const { code, stdout, stderr } = await tools.promtool(...args);
      expect({ args, code, said: `${stdout}${stderr}` }).toMatchObject({ code: 0 });
    }
  });

  test('a rule that is wrong is found by its test', async () => {
    const broken = readFileSync(join(FOLDER, 'alerts.yml'), 'utf8').replace(
      '(dead_letters)) > 0',
      '(dead_letters)) > 4',
    );
    writeFileSync(join(folder.path, 'alerts.yml'), broken);
    writeFileSync(join(folder.path, 'alerts.test.yml'), readFileSync(join(FOLDER, 'alerts.test.yml'), 'utf8'));
    const { code, stderr } = await tools.promtool('test', 'rules', join(folder.path, 'alerts.test.yml'));
    expect(code).toBe(1);
    expect(stderr).toContain('DeadLetters');
    expect(stderr).not.toContain('NoProgress');
  });

  test('the rules that are tried below are the same, but for their times', async () => {
    const quick = join(folder.path, 'quick.yml');
    writeFileSync(quick, quickRules());
    expect(await tools.promtool('check', 'rules', quick)).toMatchObject({ code: 0 });
  });
});

describe('the running system', () => {
  test('has no alert but for the audit that nobody has run, and none when it is run', async () => {
    await trade();
    await fires(['AuditNotRun']);
    expect(await prometheus.firing()).toEqual(['AuditNotRun']);
    await audit();
    await isQuiet();
  });

  test.each(NODES)('Prometheus has nothing to say against what %s shows', async (name) => {
    const response = await fetch(`http://127.0.0.1:${system.nodes[name].port}/metrics`);
    expect(response.status).toBe(200);
    const shown = await response.text();
    expect(shown).toMatch(/^http_requests_total\{/m);
    expect(await tools.checkMetrics(shown)).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test('it has something to say against a counter whose name does not end in _total', async () => {
    const { code, stderr, stdout } = await tools.checkMetrics(
      '# HELP orders Orders.\n# TYPE orders counter\norders 1\n',
    );
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain('_total');
  });

  test('each query of the dashboard has data', async () => {
    interface Panel {
      readonly title: string;
      readonly type: string;
      readonly targets?: readonly { readonly expr: string }[];
    }
    const file = join(projectRoot(), 'deploy', 'grafana', 'orders-payments.json');
    const { panels } = JSON.parse(readFileSync(file, 'utf8')) as { panels: Panel[] };
    const queries = panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr })));
    expect(queries.length).toBeGreaterThan(40);
    expect(panels.filter(({ type }) => type === 'row').map(({ title }) => title)).toEqual([
      ...['Orders', 'Outbox', 'Consumers', 'Dead letters', 'HTTP', 'Calls', 'Database', 'Node'],
    ]);
    await eventually(async () => {
      // Rates are of what goes on.
      await trade();
      const empty = [];
      for (const { title, expr } of queries) {
        const samples = await prometheus.query(
          expr.replaceAll('$__rate_interval', QUICK_RANGE).replaceAll('$service', '.*'),
        );
        if (!samples.some(({ value }) => Number.isFinite(value))) empty.push(`${title}: ${expr}`);
      }
      expect(empty).toEqual([]);
    });
  });
});

describe('an alert that is caused', () => {
  test('accounts that somebody locks: a consumer is behind, and nothing becomes final; then all is well again', async () => {
    const somebody = new Client({ connectionString: system.urlOf('payments') });
    await somebody.connect();
    await somebody.query('BEGIN; LOCK TABLE accounts IN ACCESS EXCLUSIVE MODE');
    await fires(['ConsumerLagAge', 'NoProgress', 'OrdersNewTooLong'], () => order());
    await somebody.query('ROLLBACK');
    await somebody.end();
    await isQuiet();
  });

  test('bytes in the topic that are no event: a dead letter, until it is discarded', async () => {
    const producer = kafka().producer();
    await producer.connect();
    await producer.send({ topic: TOPIC, messages: [{ key: 'alice', value: 'no event' }] });
    await producer.disconnect();
    await fires(['DeadLetters']);
    await sql('payments', 'DELETE FROM dead_letters');
    await isQuiet();
  });

  test('a topic that takes less than an event has: it is parked', async () => {
    await setTopicLimit(100);
    await order();
    await fires(['OutboxParkedEvents']);
    await setTopicLimit(TOPIC_LIMIT_BYTES);
    await sql(
      'orders',
      `WITH gone AS (DELETE FROM outbox_parked RETURNING aggregate_id)
      DELETE FROM orders WHERE order_id::text IN (SELECT aggregate_id FROM gone)`,
    );
    await isQuiet();
  });

  test('money that somebody makes: the next audit finds it, and the one after the repair does not', async () => {
    await sql('payments', `UPDATE accounts SET balance = balance + 1 WHERE user_id = 'alice'`);
    await audit();
    await fires(['AuditViolation']);
    await sql('payments', `UPDATE accounts SET balance = balance - 1 WHERE user_id = 'alice'`);
    await audit();
    await isQuiet();
  });

  test('a report of an audit that cannot be kept', async () => {
    await sql('payments', 'ALTER TABLE audit_reports RENAME TO hidden');
    const begun = await fetch(`http://127.0.0.1:${system.nodes.api.port}/console/api/audit`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-console': '1' },
      body: '{}',
    });
    expect(begun.status).toBe(200);
    await fires(['AuditFailed']);
    await sql('payments', 'ALTER TABLE hidden RENAME TO audit_reports');
    await isQuiet();
  });

  test('a column that somebody renames: requests end with errors of ours', async () => {
    await sql('payments', 'ALTER TABLE accounts RENAME COLUMN version TO hidden');
    await fires(['HttpErrors'], async () => {
      expect(await system.call('GET', '/api/payments/accounts/alice')).toMatchObject({ status: 500 });
    });
    await sql('payments', 'ALTER TABLE accounts RENAME COLUMN hidden TO version');
    await isQuiet();
  });

  test('orders that somebody locks, while many list theirs: transactions wait for a connection', async () => {
    const somebody = new Client({ connectionString: system.urlOf('orders') });
    await somebody.connect();
    await somebody.query('BEGIN; LOCK TABLE orders IN ACCESS EXCLUSIVE MODE');
    const over = new AbortController();
    const lists = Array.from({ length: 2 * DATABASE_POOL }, async () => {
      while (!over.signal.aborted) await system.call('GET', '/api/orders?userId=alice');
    });
    await fires(['PoolExhausted']);
    over.abort();
    await somebody.query('ROLLBACK');
    await somebody.end();
    await Promise.all(lists);
    await isQuiet();
  });

  test('a relay that has lost its session, and gets no other: nobody holds a lane', async () => {
    await sql('postgres', 'ALTER DATABASE orders ALLOW_CONNECTIONS false');
    await sql(
      'postgres',
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'orders' AND application_name = 'outbox-relay'`,
    );
    await fires(['OutboxNotRelayed']);
    await sql('postgres', 'ALTER DATABASE orders ALLOW_CONNECTIONS true');
    await isQuiet();
  });

  test('a Kafka that stands still: events wait in the outbox, and nobody consumes', async () => {
    process.kill(system.servers.kafka, 'SIGSTOP');
    try {
      // At its own door: the gateway’s calls go over Kafka.
      await fetch(`http://127.0.0.1:${system.nodes.orders.port}/api/orders`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ userId: 'alice', amount: 1 }),
      });
      await fires(['ConsumerIdle', 'OutboxBacklogAge']);
    } finally {
      process.kill(system.servers.kafka, 'SIGCONT');
    }
    await isQuiet();
  });

  test('a payments node that stops: it is down, and clients are told to come back', async () => {
    await system.nodes.payments.stop();
    await fires(['HttpUnavailable', 'NodeDown'], () => system.call('GET', '/api/payments/accounts/alice'));
  });
});
