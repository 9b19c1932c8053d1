import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { runAudit, type AuditMark, type AuditReport, type AuditViolation } from '../../audit/run-audit.ts';
import { loadConfig } from '../../config/config.ts';
import { dropConstraints, fillOrders, fillPayments, migrateBoth } from '../support/audited-databases.ts';
import { freshDatabase, testKafkaBrokers, type FreshDatabase } from '../support/database.ts';

/** The first account has more entries than a range has rows; others have a few. */
const SIZE = { accounts: 300, orders: 6000, hotPercent: 60 };
const HOT = 'user-00000000';
const ANN = 'user-00000061';

let databases: readonly [FreshDatabase, FreshDatabase];
let orders: pg.Client;
let payments: pg.Client;

beforeAll(async () => {
  databases = [await freshDatabase(), await freshDatabase()];
  await migrateBoth(databases[0].url, databases[1].url);
  [orders, payments] = [new pg.Client(databases[0].url), new pg.Client(databases[1].url)];
  await Promise.all([orders.connect(), payments.connect()]);
  await Promise.all([dropConstraints(orders), dropConstraints(payments)]);
});

afterAll(async () => {
  await Promise.all([orders.end(), payments.end()]);
  await Promise.all(databases.map((database) => database.drop()));
});

beforeEach(async () => {
  await orders.query('TRUNCATE orders, outbox, outbox_parked, inbox, dead_letters');
  await payments.query('TRUNCATE accounts, ledger_entries, payments, outbox, outbox_parked, inbox, dead_letters');
  await Promise.all([fillOrders(orders, SIZE), fillPayments(payments, SIZE)]);
});

function audit(since?: AuditMark): Promise<AuditReport> {
  const { kafka } = loadConfig({ KAFKA_BROKERS: testKafkaBrokers() });
  const [ordersUrl, paymentsUrl] = [databases[0].url, databases[1].url];
  return runAudit({ ordersUrl, paymentsUrl, kafka, namespace: `audit${randomBytes(4).toString('hex')}`, since });
}

test('what a flawless system has written contradicts nothing, and all of it is looked at', async () => {
  const report = await audit();
  expect(report.violations).toEqual([]);
  expect(report).toMatchObject({ mode: 'full', violationCount: 0, unanswered: [] });
  expect(report.counted).toMatchObject({
    accounts: 300,
    'ledger entries': 300 + 6000 - 857,
    orders: 6000,
    decisions: 6000,
  });
});

/** Some order of another account than the hot one, with this outcome. */
const one = (status: string): string =>
  `order_id = (SELECT order_id FROM payments WHERE status = '${status}' AND user_id = '${ANN}' ORDER BY order_id LIMIT 1)`;

interface Planted {
  readonly what: string;
  readonly orders?: string;
  readonly payments?: string;
  /** Each found violation, as `invariant userId version` or `invariant`, where the id is an order's. */
  readonly found: readonly string[];
}

test.each<Planted>([
  {
    what: 'a balance that is one unit off',
    payments: `UPDATE accounts SET balance = balance + 1 WHERE user_id = '${ANN}'`,
    found: [`I1 ${ANN}`],
  },
  {
    what: 'a balance of an account with very many entries that is one unit off',
    payments: `UPDATE accounts SET balance = balance - 1 WHERE user_id = '${HOT}'`,
    found: [`I1 ${HOT}`],
  },
  {
    what: 'a balance below zero, whose entries agree',
    payments: `UPDATE accounts SET balance = balance - 200000000000 WHERE user_id = '${ANN}';
               UPDATE ledger_entries SET amount = amount - 200000000000 WHERE user_id = '${ANN}' AND version = 1;
               UPDATE ledger_entries SET balance_after = balance_after - 200000000000 WHERE user_id = '${ANN}'`,
    found: [`I2 ${ANN}`, `I2 ${ANN} 1`, `I9 ${ANN} 1`],
  },
  {
    what: 'an entry whose balance does not follow from the one before',
    payments: `UPDATE ledger_entries SET balance_after = balance_after + 7 WHERE user_id = '${ANN}' AND version = 3`,
    found: [`I9 ${ANN} 3`],
  },
  {
    what: 'the same deep in a long history',
    payments: `UPDATE ledger_entries SET balance_after = balance_after + 7 WHERE user_id = '${HOT}' AND version = 2345`,
    found: [`I9 ${HOT} 2345`],
  },
  {
    what: 'a history with a gap',
    payments: `UPDATE ledger_entries SET version = version + 1 WHERE user_id = '${ANN}' AND version >= 4;
               UPDATE accounts SET version = version + 1 WHERE user_id = '${ANN}'`,
    found: [`I9 ${ANN} 5`],
  },
  {
    what: 'a long history with a gap',
    payments: `UPDATE ledger_entries SET version = version + 1 WHERE user_id = '${HOT}' AND version >= 2000;
               UPDATE accounts SET version = version + 1 WHERE user_id = '${HOT}'`,
    found: [`I9 ${HOT} 2001`],
  },
  {
    what: 'a version that was used twice',
    payments: `INSERT INTO ledger_entries SELECT * FROM ledger_entries WHERE user_id = '${ANN}' AND version = 1`,
    found: [`I1 ${ANN}`, `I9 ${ANN} 1`, `I9 ${ANN} 1`],
  },
  {
    what: 'an account that is behind its last entry',
    payments: `UPDATE accounts SET version = version - 1 WHERE user_id = '${ANN}'`,
    found: [`I9 ${ANN}`],
  },
  {
    what: 'entries of an account that does not exist',
    payments: `DELETE FROM accounts WHERE user_id = '${ANN}'`,
    found: [`I9 ${ANN}`],
  },
  {
    what: 'very many entries of an account that does not exist',
    payments: `DELETE FROM accounts WHERE user_id = '${HOT}'`,
    found: [`I9 ${HOT}`],
  },
  {
    what: 'a deposit that takes money, with all sums right',
    payments: `UPDATE ledger_entries SET kind = 'deposit', order_id = NULL WHERE user_id = '${ANN}' AND version = 2`,
    found: ['I1', `I9 ${ANN} 2`],
  },
  {
    what: 'an account with a balance and no history',
    payments: `INSERT INTO accounts (user_id, balance, opening_id) VALUES ('zoe', 5, gen_random_uuid())`,
    found: ['I1 zoe'],
  },
  {
    what: 'an order that was charged twice, with all sums right',
    payments: `INSERT INTO ledger_entries
                 SELECT e.user_id, a.version + 1, gen_random_uuid(), kind, e.amount, a.balance + e.amount, e.order_id, now()
                   FROM ledger_entries e JOIN accounts a USING (user_id) WHERE ${one('completed')};
               UPDATE accounts a SET balance = e.balance_after, version = e.version FROM ledger_entries e
                WHERE e.user_id = a.user_id AND e.version = a.version + 1`,
    found: ['I1'],
  },
  {
    what: 'a completed payment that nobody was charged for',
    payments: `UPDATE payments SET status = 'completed', reason = NULL WHERE ${one('rejected')}`,
    orders: `UPDATE orders SET status = 'FINISHED', reason = NULL WHERE order_id = $1`,
    found: ['I1'],
  },
  {
    what: 'a charge without a decision',
    payments: `DELETE FROM payments WHERE ${one('completed')}`,
    found: ['I1', 'I5'],
  },
  {
    what: 'a charge of another amount than the payment’s',
    payments: `UPDATE payments SET amount = amount + 1 WHERE ${one('completed')}`,
    orders: `UPDATE orders SET amount = amount + 1 WHERE order_id = $2`,
    found: ['I1'],
  },
  {
    what: 'a charge of somebody else',
    payments: `UPDATE payments SET user_id = 'user-00000062' WHERE ${one('completed')}`,
    orders: `UPDATE orders SET user_id = 'user-00000062' WHERE order_id = $2`,
    found: ['I1'],
  },
  {
    what: 'an order that was decided twice',
    payments: `INSERT INTO payments SELECT order_id, user_id, amount, 'rejected', 'insufficient-funds', now()
                 FROM payments WHERE ${one('completed')}`,
    found: ['I3', 'I5'],
  },
  {
    what: 'an order that was rejected twice',
    payments: `INSERT INTO payments SELECT * FROM payments WHERE ${one('rejected')}`,
    found: ['I3'],
  },
  {
    what: 'an order that changed after it was final',
    orders: `UPDATE orders SET version = 3 WHERE order_id = $1`,
    found: ['I4'],
  },
  {
    what: 'a final order that no event made final',
    orders: `DELETE FROM inbox WHERE event_id = $1`,
    found: ['I4'],
  },
  {
    what: 'a final order whose event another consumer has settled',
    orders: `UPDATE inbox SET consumer = 'orders.restore' WHERE event_id = $2`,
    found: ['I4'],
  },
  {
    what: 'a FINISHED order that payments rejected',
    orders: `UPDATE orders SET status = 'FINISHED', reason = NULL WHERE order_id = $1`,
    found: ['I5'],
  },
  {
    what: 'a CANCELLED order that was paid',
    orders: `UPDATE orders SET status = 'CANCELLED', reason = 'no-account' WHERE order_id = $2`,
    found: ['I5'],
  },
  {
    what: 'a CANCELLED order with another reason than the decision’s',
    orders: `UPDATE orders SET reason = 'no-account' WHERE order_id = $1`,
    found: ['I5'],
  },
  {
    what: 'a CANCELLED order that nobody decided about',
    payments: `DELETE FROM payments WHERE ${one('rejected')}`,
    found: ['I5'],
  },
  {
    what: 'a final order over another amount than its payment',
    orders: `UPDATE orders SET amount = amount + 1 WHERE order_id = $2`,
    found: ['I5', 'I5'],
  },
  {
    what: 'a decision about an order that does not exist',
    orders: `DELETE FROM orders WHERE order_id = $1`,
    found: ['I5'],
  },
  {
    what: 'an event of an order that was not placed, and one of a decision that was not made',
    orders: `INSERT INTO outbox (event_id, aggregate_type, aggregate_id, aggregate_version, partition_key, lane, type, payload, headers)
             VALUES (gen_random_uuid(), 'order', gen_random_uuid(), 1, 'ann', 3, 'order.created', '{}', '{}')`,
    payments: `INSERT INTO outbox (event_id, aggregate_type, aggregate_id, aggregate_version, partition_key, lane, type, payload, headers)
               VALUES (gen_random_uuid(), 'payment', gen_random_uuid(), 1, 'ann', 3, 'payment.completed', '{}', '{}')`,
    found: ['I8', 'I8'],
  },
])('$what is found, and named', async ({ orders: inOrders, payments: inPayments, found }) => {
  const chosen = await payments.query<{ rejected: string; completed: string }>(
    `SELECT (SELECT order_id FROM payments WHERE ${one('rejected')}) AS rejected,
            (SELECT order_id FROM payments WHERE ${one('completed')}) AS completed`,
  );
  const { rejected = '', completed = '' } = chosen.rows[0] ?? {};
  if (inOrders !== undefined) await orders.query(bound(inOrders, rejected, completed));
  if (inPayments !== undefined) await payments.query(inPayments);
  const report = await audit();
  const named = report.violations.map(nameOf);
  expect(named.sort()).toEqual([...found].sort());
  expect(report.violationCount).toBe(found.length);
  for (const { ids } of report.violations) {
    if (ids['orderId'] !== undefined) expect([rejected, completed]).toContain(ids['orderId']);
  }
});

function bound(text: string, rejected: string, completed: string): string {
  return text.replaceAll('$1', `'${rejected}'`).replaceAll('$2', `'${completed}'`);
}

/** An order's violation by its invariant alone; another with its user, and version. */
function nameOf({ invariant, ids }: AuditViolation): string {
  const { orderId, userId, version } = ids;
  const parts = orderId === undefined ? [invariant, userId, version] : [invariant];
  return parts.filter((part) => part !== undefined).join(' ');
}

test.each(['aggregate_id', 'value'])(
  'an order that waits as a dead letter, known by its %s, is not lost',
  async (known) => {
    const { rows } = await payments.query<{ id: string }>(
      `DELETE FROM payments WHERE ${one('rejected')} RETURNING order_id AS id`,
    );
    const orderId = rows[0]?.id ?? '';
    await orders.query(`UPDATE orders SET status = 'NEW', reason = NULL, version = 1 WHERE order_id = $1`, [orderId]);
    await payments.query(
      `INSERT INTO dead_letters (consumer, topic, partition, "offset", headers, kafka_time, aggregate_type, ${known}, reason, error, node)
     VALUES ('payments.pay', 'orders.events.v1', 0, 0, '{}', now(), 'order', $1, 'undecodable', 'no', 'payments-1')`,
      [known === 'value' ? Buffer.from(`{"orderId":"${orderId}"}`) : orderId],
    );
    // Nothing is said of topics here, which there are none of.
    expect((await audit()).violations).toEqual([]);
  },
);

describe('an order whose event cannot be known is not asked for it:', () => {
  test('one that is older than inbox rows are kept', async () => {
    const { rows } = await orders.query<{ id: string }>(`SELECT order_id AS id FROM orders ORDER BY order_id LIMIT 1`);
    const [young, old] = [rows[0]?.id, '01900000-0000-7000-8000-000000000001'];
    await orders.query('DELETE FROM inbox WHERE event_id = $1', [young]);
    expect((await audit()).violations).toMatchObject([{ check: 'traced', ids: { orderId: young } }]);
    await orders.query('UPDATE orders SET order_id = $2 WHERE order_id = $1', [young, old]);
    await payments.query('UPDATE payments SET order_id = $2 WHERE order_id = $1', [young, old]);
    await payments.query('UPDATE ledger_entries SET order_id = $2 WHERE order_id = $1', [young, old]);
    expect((await audit()).violations).toEqual([]);
  });

  test('one that was placed before the event of its decision had its id, or soon after', async () => {
    const migratedDaysAgo = (name: string, days: number): Promise<unknown> =>
      orders.query(`UPDATE schema_migrations SET applied_at = now() - $2 * interval '1 day' WHERE name = $1`, [
        name,
        days,
      ]);
    await orders.query('TRUNCATE inbox');
    expect((await audit()).violationCount).toBe(SIZE.orders);
    await migratedDaysAgo('orders-0001-orders', 30);
    await migratedDaysAgo('orders-0003-reconciled-orders', 5);
    expect((await audit()).violationCount).toBe(SIZE.orders);
    await migratedDaysAgo('orders-0003-reconciled-orders', 1);
    expect((await audit()).violations).toEqual([]);
    await migratedDaysAgo('orders-0001-orders', 1);
  });
});
