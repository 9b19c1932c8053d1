import type { ServiceBroker } from 'moleculer';
import pg from 'pg';
import { uuidv7 } from 'uuidv7';
import { runAudit, type AuditMark, type AuditReport } from '../../audit/run-audit.ts';
import { describeReport } from '../../audit/describe-report.ts';
import type { AuditAnswer } from '../../audit/report.ts';
import { loadConfig } from '../../config/config.ts';
import { auditService } from '../../services/audit.service.ts';
import { freePort } from '../../start/free-port.ts';
import { eventually } from '../support/eventually.ts';
import { shopCluster, type ShopCluster } from '../support/shop-cluster.ts';

const USERS = Array.from({ length: 20 }, (_, index) => `user-${index}`);
const SETTLED_WITHIN = { timeoutMs: 60_000, intervalMs: 100 };
const START_TIMEOUT_MS = 120_000;

let cluster: ShopCluster;
let ordersNode: ServiceBroker;
let paymentsNode: ServiceBroker;
let orders: pg.Client;
let payments: pg.Client;

beforeAll(async () => {
  cluster = await shopCluster();
  ordersNode = await cluster.start('orders');
  paymentsNode = await cluster.start('payments');
  orders = new pg.Client(cluster.config.orders.url);
  payments = new pg.Client(cluster.config.payments.url);
  await Promise.all([orders.connect(), payments.connect()]);
  for (const userId of USERS) {
    await paymentsNode.call('payments.openAccount', { userId });
    await paymentsNode.call('payments.deposit', { userId, amount: '1000.00' });
  }
}, START_TIMEOUT_MS);

afterAll(async () => {
  await Promise.all([orders.end(), payments.end()]);
  await cluster.end();
}, START_TIMEOUT_MS);

function audit(since: AuditMark | null = null, kafka = cluster.config.kafka): Promise<AuditReport> {
  const { config } = cluster;
  return runAudit({
    ordersUrl: config.orders.directUrl,
    paymentsUrl: config.payments.directUrl,
    kafka,
    namespace: config.namespace,
    since,
  });
}

async function order(userId: string, amount = '1.01'): Promise<string> {
  return (await ordersNode.call<{ orderId: string }, object>('orders.create', { userId, amount })).orderId;
}

async function untilAllFinal(): Promise<void> {
  await eventually(async () => {
    const { rows } = await orders.query(`SELECT order_id FROM orders WHERE status = 'NEW'`);
    expect(rows).toEqual([]);
  }, SETTLED_WITHIN);
}

/** An order that was written without its event, as no transaction of ours does. */
async function orderWithoutEvent(): Promise<string> {
  const orderId = uuidv7();
  await orders.query(
    `INSERT INTO orders (order_id, user_id, amount, status, version, created_at, updated_at)
     VALUES ($1, 'user-1', 100, 'NEW', 1, now(), now())`,
    [orderId],
  );
  return orderId;
}

test('audits back to back, full and incremental, raise no alarm while orders and deposits come in', async () => {
  let isOver = false;
  let posted = 0;
  const post = async (first: number): Promise<void> => {
    for (let turn = first; !isOver; turn += 1) {
      const userId = USERS[turn % USERS.length] ?? '';
      // Every fifth is by somebody without an account; every seventh costs more than there is.
      await order(turn % 5 === 0 ? 'stranger' : userId, turn % 7 === 0 ? '999999.99' : '0.01');
      if (turn % 3 === 0) await paymentsNode.call('payments.deposit', { userId, amount: '0.07' });
      posted += 1;
    }
  };
  const load = Array.from({ length: 8 }, (_, index) => post(index));
  const reports: AuditReport[] = [];
  let mark: AuditMark | null = null;
  try {
    for (let round = 0; round < 6; round += 1) {
      const report: AuditReport = await audit(round % 2 === 0 ? null : mark);
      ({ mark } = report);
      reports.push(report);
    }
  } finally {
    isOver = true;
    await Promise.all(load);
  }
  expect(reports.flatMap(({ violations }) => violations)).toEqual([]);
  expect(reports.flatMap(({ unanswered }) => unanswered)).toEqual([]);
  // It looked at orders on their way, and went on seeing new ones.
  expect(reports.some(({ counted }) => Number(counted['orders not final']) > 0)).toBe(true);
  expect(posted).toBeGreaterThan(100);
  await untilAllFinal();
  expect((await audit()).violations).toEqual([]);
}, 120_000);

test('orders that wait in the topic for a consumer that is away are on their way', async () => {
  await cluster.stop(paymentsNode);
  const waiting = await Promise.all(USERS.map((userId) => order(userId)));
  await eventually(async () => {
    expect((await orders.query('SELECT FROM outbox')).rowCount).toBe(0);
  }, SETTLED_WITHIN);
  const report = await audit();
  expect(report.violations).toEqual([]);
  expect(report.counted).toMatchObject({ 'orders not final': waiting.length });
  paymentsNode = await cluster.start('payments');
  await untilAllFinal();
  expect(await audit()).toMatchObject({ violations: [], unanswered: [] });
}, 120_000);

test('the action answers soon with the report, which is kept; audit.last shows it', async () => {
  paymentsNode.createService(auditService(cluster.config));
  await ordersNode.waitForServices('audit');
  expect(await ordersNode.call('audit.last')).toEqual({
    nodeId: paymentsNode.nodeID,
    running: null,
    failure: null,
    report: null,
  });
  await ordersNode.call('audit.run');
  const last = await eventually(async () => {
    const answer: AuditAnswer = await ordersNode.call('audit.last');
    expect(answer.running).toBeNull();
    return answer;
  }, SETTLED_WITHIN);
  expect(last.report).toMatchObject({ mode: 'full', violationCount: 0 });
  await ordersNode.call('audit.run', { incremental: true });
  await eventually(async () => {
    const answer: AuditAnswer = await ordersNode.call('audit.last');
    expect(answer).toMatchObject({ running: null, report: { mode: 'incremental', violationCount: 0 } });
  }, SETTLED_WITHIN);
}, 120_000);

test('an audit begins by itself when the last one is too old, whoever asked for that; two nodes begin one', async () => {
  await payments.query('TRUNCATE audit_reports');
  const schedules = { ...cluster.config, auditIntervalS: 1 };
  const services = [ordersNode, paymentsNode].map((node) =>
    node.createService({ ...auditService(schedules), name: 'scheduledAudit' }),
  );
  const reportsBy = async (condition: string): Promise<number> =>
    (await payments.query(`SELECT FROM audit_reports WHERE ${condition}`)).rowCount ?? 0;
  await eventually(async () => {
    expect(await reportsBy('violations = 0')).toBeGreaterThan(2);
  }, SETTLED_WITHIN);
  expect(await reportsBy(`report ->> 'mode' = 'incremental'`)).toBeGreaterThan(1);
  const { rows } = await payments.query<{ apart: boolean }>(
    `SELECT bool_and(started_at - before >= interval '1 s') AS apart
       FROM (SELECT started_at, lag(started_at) OVER (ORDER BY started_at) AS before FROM audit_reports) AS reports
      WHERE before IS NOT NULL`,
  );
  expect(rows).toEqual([{ apart: true }]);
  for (const service of services) await service.broker.destroyService(service);
}, 120_000);

describe('an order that is not final', () => {
  afterEach(async () => {
    await orders.query(`DELETE FROM orders WHERE status = 'NEW'`);
    await orders.query('DELETE FROM outbox_parked');
    await payments.query('DELETE FROM dead_letters');
  });

  test('and whose event is nowhere is named, also by an incremental audit', async () => {
    const { mark } = await audit();
    const orderId = await orderWithoutEvent();
    const violation = { invariant: 'I8', check: 'undecided', ids: { orderId } };
    expect((await audit()).violations).toEqual([expect.objectContaining(violation)]);
    expect((await audit(mark)).violations).toEqual([expect.objectContaining(violation)]);
  });

  test('is not lost while its event is a dead letter, or parked in the outbox', async () => {
    const [letter, parked] = [await orderWithoutEvent(), await orderWithoutEvent()];
    await payments.query(
      `INSERT INTO dead_letters (consumer, topic, partition, "offset", headers, kafka_time, aggregate_type, aggregate_id, reason, error, node)
       VALUES ('payments.pay', 't', 0, 0, '{}', now(), 'order', $1, 'refused', 'by this test', 'n')`,
      [letter],
    );
    await orders.query(
      `INSERT INTO outbox_parked (id, event_id, aggregate_type, aggregate_id, aggregate_version, partition_key, lane, type, payload, headers, created_at, bytes, reason, error)
       VALUES (1, gen_random_uuid(), 'order', $1, 1, 'user-1', 3, 'order.created', '{}', '{}', now(), 1, 'refused', 'by this test')`,
      [parked],
    );
    const report = await audit();
    expect(report.violations).toEqual([]);
    expect(report.counted).toMatchObject({ 'dead letters': 1, 'events parked in an outbox': 1 });
    await payments.query('DELETE FROM dead_letters');
    expect((await audit()).violations).toEqual([expect.objectContaining({ ids: { orderId: letter } })]);
  });

  test('whose event nobody could read is found in the bytes of its dead letter', async () => {
    const orderId = await orderWithoutEvent();
    await payments.query(
      `INSERT INTO dead_letters (consumer, topic, partition, "offset", value, headers, kafka_time, reason, error, node)
       VALUES ('payments.pay', 't', 0, 0, convert_to($1, 'UTF8'), '{}', now(), 'undecodable', 'by this test', 'n')`,
      [`{"orderId":"${orderId}"`],
    );
    expect((await audit()).violations).toEqual([]);
  });

  test.each([
    ['consumer', `order/`, 'aggregate'],
    ['consumer', '', 'event_id'],
    ['relay', `order/`, 'aggregate'],
  ] as const)('whose event a person discarded (%s, known by %s%s) is listed with who and why', async (side, of, by) => {
    const [discarded, lost] = [await orderWithoutEvent(), await orderWithoutEvent()];
    const database = side === 'consumer' ? payments : orders;
    await database.query(
      `WITH act AS (INSERT INTO dead_letter_acts (side, what, dry_run, by_whom, why, selection, node)
                    VALUES ($2, 'discard', false, 'olga', 'sent twice', '{}', 'n') RETURNING id)
       INSERT INTO dead_letter_act_letters (act_id, letter_id, consumer, place, ${by}, outcome)
       SELECT id, letter, $3, 'p', $1, outcome
         FROM act, (VALUES (1, 'discarded'), (2, 'refused-again')) AS had (letter, outcome)`,
      [of + discarded, side, side === 'consumer' ? 'payments.pay' : null],
    );
    const report = await audit();
    expect(report.violations).toEqual([expect.objectContaining({ check: 'undecided', ids: { orderId: lost } })]);
    expect(report.counted).toMatchObject({ 'orders whose event was discarded': 1 });
    expect(report.discarded).toMatchObject([{ orderId: discarded, side, by: 'olga', why: 'sent twice' }]);
    expect(describeReport(report, { coloured: false })).toContain(`DISCARDED Order ${discarded} stays NEW: olga`);
  });

  test('whose event was only tried again, or discarded at another consumer, is lost', async () => {
    const orderId = await orderWithoutEvent();
    await payments.query(
      `WITH act AS (INSERT INTO dead_letter_acts (side, what, dry_run, by_whom, why, selection, node)
                    VALUES ('consumer', 'discard', false, 'olga', 'why', '{}', 'n') RETURNING id)
       INSERT INTO dead_letter_act_letters (act_id, letter_id, consumer, place, aggregate, outcome)
       SELECT id, letter, consumer, 'p', $1, outcome
         FROM act, (VALUES (1, 'payments.pay', 'refused-again'), (2, 'payments.other', 'discarded')) AS had (letter, consumer, outcome)`,
      [`order/${orderId}`],
    );
    expect(await audit()).toMatchObject({ violations: [{ check: 'undecided', ids: { orderId } }], discarded: [] });
  });

  test('which payments decided, and whose decision was never told, is named', async () => {
    const orderId = await orderWithoutEvent();
    await payments.query(`INSERT INTO payments VALUES ($1, 'user-1', 100, 'rejected', 'insufficient-funds', now())`, [
      orderId,
    ]);
    expect((await audit()).violations).toEqual([
      expect.objectContaining({ invariant: 'I8', check: 'unsettled', ids: { orderId } }),
    ]);
    await payments.query('DELETE FROM payments WHERE order_id = $1', [orderId]);
  });

  test('cannot be judged while Kafka is away, and everything else is', async () => {
    await orderWithoutEvent();
    const { kafka } = loadConfig({ KAFKA_BROKERS: `127.0.0.1:${await freePort()}` });
    const report = await audit(null, kafka);
    expect(report.violations).toEqual([]);
    expect(report.unanswered).toEqual([expect.stringContaining('Kafka did not say')]);
    expect(Number(report.counted['decisions'])).toBeGreaterThan(100);
  });
});
