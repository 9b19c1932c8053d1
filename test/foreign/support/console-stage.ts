import pg from 'pg';
import { uuidv7 } from 'uuidv7';
import { startSystem, type System } from '../../support/own-system.ts';
import { eventually } from '../../support/eventually.ts';

export const OPERATOR_TOKEN = 'operator-of-the-console-tests';
/** Of the past, by SQL; as many as the console is promised to be quick with, and their money adds up. */
const PAST_ORDERS = 100_000;
const PAST_USERS = 1000;
const PAST_DEPOSIT = 100_000_000;
const PAST_BEGAN_MS_AGO = 20 * 60 * 60 * 1000;
const BETWEEN_MS = 700;

/** A whole system with something to look at in every view. */
export interface ConsoleStage {
  readonly system: System;
  readonly url: string;
  /** Of alice, finished. */
  readonly orderId: string;
  /** Creates orders, some a second, until it is called. */
  trade(): () => Promise<void>;
  stop(): Promise<void>;
}

export async function consoleStage(): Promise<ConsoleStage> {
  const system = await startSystem({ OPERATOR_TOKEN });
  let orderId: string;
  try {
    await Promise.all([writePastOrders(system), writePastPayments(system)]);
    for (const [userId, amount] of [
      ['alice', 1250.5],
      ['bob', 80],
      ['carol', 20_000],
    ] as const) {
      await system.call('POST', '/api/payments/accounts', { userId });
      await system.call('POST', '/api/payments/accounts/deposit', { userId, amount });
    }
    orderId = await createOrder(system, { userId: 'alice', amount: 40.05, description: 'tea' });
    await createOrder(system, { userId: 'bob', amount: 99.9, description: 'a lamp that costs too much' });
    await createOrder(system, { userId: 'nobody', amount: 5 });
    await finalOrder(system, orderId);
    await parkLetters(system);
  } catch (error) {
    await system.stop();
    throw error;
  }
  return {
    system,
    url: `http://127.0.0.1:${system.nodes.api.port}`,
    orderId,
    trade: () => trade(system),
    stop: () => system.stop(),
  };
}

async function createOrder(system: System, order: object): Promise<string> {
  const { body } = await system.call('POST', '/api/orders', order);
  return (body as { orderId: string }).orderId;
}

/** @param over nobody waits for it any more */
async function finalOrder(system: System, orderId: string, over?: AbortSignal): Promise<void> {
  await eventually(
    async () => {
      if (over?.aborted === true) return;
      const { body } = await system.call('GET', `/api/orders/${orderId}`);
      if ((body as { status: string }).status === 'NEW') throw new Error('It is not final yet.');
    },
    { timeoutMs: 30_000 },
  );
}

function trade(system: System): () => Promise<void> {
  const over = new AbortController();
  const users = ['alice', 'carol', 'carol', 'bob', 'carol', 'nobody'];
  const work = (async () => {
    for (let turn = 0; !over.signal.aborted; turn++) {
      const orders = Array.from({ length: 4 + (turn % 5) }, (_, index) => users[(turn + index) % users.length]);
      // Nodes come and go under a test's hands.
      const made = await Promise.allSettled(
        orders.map((userId) => createOrder(system, { userId, amount: 1 + (turn % 40) / 4 })),
      );
      const last = made.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : [])).at(-1);
      // The next ones come when these are through: no more than the system takes while a browser is at work beside it.
      if (last !== undefined) await finalOrder(system, last, over.signal).catch(() => undefined);
    }
  })();
  return async () => {
    over.abort();
    await work;
  };
}

/** Numbered orders whose ids both databases make alike. */
const NUMBERED = `
  SELECT i, 'user-' || lpad((i % ${PAST_USERS})::text, 4, '0') AS user_id, 100 + i % 900 AS amount, i % 37 <> 0 AS is_paid,
         to_timestamp(($1::bigint + i * ${BETWEEN_MS}) / 1000.0) AS at,
         (lpad(to_hex($1::bigint + i * ${BETWEEN_MS}), 12, '0') || '7' || substr(md5(i::text), 1, 3) || '8' || substr(md5(i::text), 4, 15))::uuid AS order_id
    FROM generate_series(1, ${PAST_ORDERS}) AS i`;
const BEGAN = Date.now() - PAST_BEGAN_MS_AGO;

async function writePastOrders(system: System): Promise<void> {
  await onDatabase(system.urlOf('orders'), [
    [
      `INSERT INTO orders (order_id, user_id, amount, description, status, reason, version, created_at, updated_at)
       SELECT order_id, user_id, amount, NULL, CASE WHEN is_paid THEN 'FINISHED' ELSE 'CANCELLED' END,
              CASE WHEN NOT is_paid THEN 'insufficient-funds' END, 2, at, at + interval '40 ms' FROM (${NUMBERED}) AS o`,
      [BEGAN],
    ],
    // By which each is traced to the event that made it final.
    [
      `INSERT INTO inbox (consumer, event_id, payload_hash, topic, partition, "offset", kafka_time, received_at, node)
       SELECT 'orders.settle', order_id, '\\x00', 'payments.events.v1', i % 12, 1000000 + i, at, at, 'orders-0' FROM (${NUMBERED}) AS o`,
      [BEGAN],
    ],
    ['ANALYZE', []],
  ]);
}

async function writePastPayments(system: System): Promise<void> {
  await onDatabase(system.urlOf('payments'), [
    [
      `INSERT INTO payments (order_id, user_id, amount, status, reason, decided_at)
       SELECT order_id, user_id, amount, CASE WHEN is_paid THEN 'completed' ELSE 'rejected' END,
              CASE WHEN NOT is_paid THEN 'insufficient-funds' END, at + interval '20 ms' FROM (${NUMBERED}) AS o`,
      [BEGAN],
    ],
    [
      `INSERT INTO ledger_entries (user_id, version, entry_id, kind, amount, balance_after, order_id, created_at)
       SELECT user_id, (1 + row_number() OVER w)::int, gen_random_uuid(), 'payment', -amount,
              ${PAST_DEPOSIT} - sum(amount) OVER w, order_id, at + interval '20 ms'
         FROM (${NUMBERED}) AS o WHERE is_paid WINDOW w AS (PARTITION BY user_id ORDER BY i)
       UNION ALL
       SELECT DISTINCT user_id, 1, gen_random_uuid(), 'deposit', ${PAST_DEPOSIT}, ${PAST_DEPOSIT}, NULL::uuid, to_timestamp($1::bigint / 1000.0)
         FROM (SELECT DISTINCT user_id FROM (${NUMBERED}) AS o) AS users`,
      [BEGAN],
    ],
    [
      `INSERT INTO accounts (user_id, balance, version, opening_id, created_at, updated_at)
       SELECT user_id, sum(amount), count(*)::int, gen_random_uuid(), min(created_at), max(created_at) FROM ledger_entries
        WHERE user_id LIKE 'user-%' GROUP BY user_id`,
      [],
    ],
    ['ANALYZE', []],
  ]);
}

async function onDatabase(url: string, statements: readonly (readonly [string, readonly unknown[]])[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const [sql, values] of statements) await client.query(sql, [...values]);
  } finally {
    await client.end();
  }
}

/** Orders' events with an amount that is a number, as somebody's script would send them, and one that follows such a one. */
async function parkLetters(system: System): Promise<void> {
  const statements = Array.from({ length: 4 }, (_, index) => {
    const orderId = uuidv7();
    return letter(index, orderId, { orderId, userId: 'alice', amount: 4005, createdAt: new Date().toISOString() });
  });
  await onDatabase(system.urlOf('payments'), statements);
}

function letter(offset: number, orderId: string, data: object): readonly [string, readonly unknown[]] {
  const eventId = uuidv7();
  const headers = {
    ce_specversion: '1.0',
    ce_id: eventId,
    ce_source: '/orders',
    ce_type: 'order.created',
    ce_time: new Date().toISOString(),
    ce_subject: `order/${orderId}`,
    ce_aggregateversion: '1',
    ce_dataschema: 'order.created/1',
    'content-type': 'application/json',
  };
  return [
    `INSERT INTO dead_letters (consumer, topic, partition, "offset", key, value, headers, kafka_time, event_id, type,
       aggregate_type, aggregate_id, reason, error, node)
     VALUES ('payments.pay', 'orders.events.v1', 3, $1, $2, $3, $4, now(), $5, 'order.created', 'order', $6,
       'schema-invalid', '/amount must be string (order.created/1 read as order.created/1)', 'payments-0')`,
    [
      9_000_000 + offset,
      Buffer.from('alice'),
      Buffer.from(JSON.stringify(data)),
      JSON.stringify(headers),
      eventId,
      orderId,
    ],
  ];
}
