import { createHash } from 'node:crypto';
import type { Client } from 'pg';
import { uuidv7 } from 'uuidv7';
import { DEFAULT_LANES, laneOf } from '../../mixins/outbox/lanes.ts';
import type { Figures } from '../harness/benchmark.ts';
import { ORDERS_TOPIC, type Backlog, type WaitingOrder } from './backlog.ts';
import { calmDown, withClient } from '../harness/database.ts';
import { auditSettled, PER_SECOND } from './settling.ts';

const WAL_BYTES = 'WAL bytes/order';
/** As many as the product's batches have at most. */
const BATCH_ORDERS = 1000;

/** Which inbox the rows go to: that of the product, or one that has nothing for an order's story. */
export type Inbox = 'whole' | 'bare';

/**
 * What a transaction of payments cannot do without, by plain `pg` on one connection: inbox rows, locked accounts, balances by
 * version, entries, decisions, outbox rows, COMMIT. The orders are objects already: no Kafka, no decoding, no checks, and
 * nobody publishes what is in the outbox.
 *
 * @param url of a database like that of payments
 */
export async function settleByPg(url: string, backlog: Backlog, inbox: Inbox = 'whole'): Promise<Figures> {
  return withClient(url, async (client) => {
    await calmDown(client);
    await client.query('TRUNCATE outbox');
    if (inbox === 'bare') await client.query(CREATE_BARE_INBOX);
    const walBefore = await walPosition(client);
    const startedAtMs = performance.now();
    for (let from = 0; from < backlog.length; from += BATCH_ORDERS) {
      await settleBatch(client, { orders: backlog.slice(from, from + BATCH_ORDERS), firstOffset: from, inbox });
    }
    const elapsedMs = performance.now() - startedAtMs;
    return {
      [PER_SECOND]: backlog.length / (elapsedMs / 1000),
      [WAL_BYTES]: ((await walPosition(client)) - walBefore) / backlog.length,
      'orders a transaction': await auditSettled(client, backlog),
    };
  });
}

async function walPosition(client: Client): Promise<number> {
  const { rows } = await client.query<{ bytes: string }>(`SELECT pg_current_wal_lsn() - '0/0'::pg_lsn AS bytes`);
  return Number(rows[0]?.bytes);
}

/** Nobody looks whether it fits. */
const PAYLOAD_HASH = createHash('sha256').digest();

interface Batch {
  readonly orders: Backlog;
  readonly firstOffset: number;
  readonly inbox: Inbox;
}

async function settleBatch(client: Client, { orders, firstOffset, inbox }: Batch): Promise<void> {
  const now = new Date().toISOString();
  const run = <Row extends object>(name: string, text: string, values: unknown[]) =>
    client.query<Row>({ name, text, values });
  await client.query('BEGIN');
  const keys = [orders.map(({ orderId }) => orderId), orders.map(() => PAYLOAD_HASH)];
  if (inbox === 'bare') await run('bare inbox', INSERT_BARE_INBOX, keys);
  else {
    await run('inbox', INSERT_INBOX, [
      ...keys,
      ORDERS_TOPIC.name,
      orders.map(({ partition }) => partition),
      orders.map((_, index) => firstOffset + index),
      orders.map(({ createdAt }) => createdAt),
      now,
    ]);
  }
  const users = [...new Set(orders.map(({ userId }) => userId))];
  const { rows } = await run<AccountRow>('lock', LOCK_ACCOUNTS, [users]);
  const { accounts, entries } = book(rows, orders);
  await run('accounts', UPDATE_ACCOUNTS, [
    accounts.map(({ userId }) => userId),
    accounts.map(({ fromVersion }) => fromVersion),
    accounts.map(({ balance }) => balance.toString()),
    accounts.map(({ version }) => version),
    now,
  ]);
  const orderIds = orders.map(({ orderId }) => orderId);
  const amounts = orders.map(({ amount }) => amount.toString());
  await run('entries', INSERT_ENTRIES, [
    orders.map(({ userId }) => userId),
    entries.map(({ version }) => version),
    orders.map(() => uuidv7()),
    orders.map(({ amount }) => `-${amount}`),
    entries.map(({ balance }) => balance.toString()),
    orderIds,
    now,
  ]);
  await run('payments', INSERT_PAYMENTS, [orderIds, orders.map(({ userId }) => userId), amounts, now]);
  await run('outbox', INSERT_OUTBOX, [
    orderIds,
    orderIds.map((orderId) => laneOf(orderId, DEFAULT_LANES)),
    orders.map(({ orderId, userId, amount }) =>
      JSON.stringify({ orderId, userId, amount: amount.toString(), decidedAt: now }),
    ),
  ]);
  await client.query('COMMIT');
}

interface AccountRow {
  readonly user_id: string;
  readonly balance: string;
  readonly version: number;
}

interface Booked {
  readonly userId: string;
  readonly fromVersion: number;
  readonly balance: bigint;
  readonly version: number;
}

/** Everybody has enough money. */
function book(rows: readonly AccountRow[], orders: readonly WaitingOrder[]): { accounts: Booked[]; entries: Booked[] } {
  const accounts = new Map(
    rows.map(({ user_id: userId, balance, version }): [string, Booked] => [
      userId,
      { userId, fromVersion: version, balance: BigInt(balance), version },
    ]),
  );
  const entries = orders.map(({ userId, amount }) => {
    const before = accounts.get(userId);
    if (before === undefined) throw new Error(`${userId} has no account.`);
    const after = { ...before, balance: before.balance - amount, version: before.version + 1 };
    accounts.set(userId, after);
    return after;
  });
  return { accounts: [...accounts.values()], entries };
}

const INSERT_INBOX = `
  INSERT INTO inbox (consumer, event_id, payload_hash, topic, partition, "offset", ce_time, kafka_time, received_at, node)
  SELECT 'payments.pay', event_id, hash, $3, partition, "offset", at, at, $7, 'payments-0'
    FROM unnest($1::uuid[], $2::bytea[], $4::int[], $5::bigint[], $6::timestamptz[]) AS a (event_id, hash, partition, "offset", at)
  ON CONFLICT DO NOTHING RETURNING event_id`;

/** What it takes to make an effect happen once, and no more. */
const CREATE_BARE_INBOX = `
  CREATE TABLE IF NOT EXISTS bare_inbox (
    consumer text NOT NULL, event_id uuid NOT NULL, payload_hash bytea NOT NULL, PRIMARY KEY (consumer, event_id)
  ) PARTITION BY RANGE (event_id);
  CREATE TABLE IF NOT EXISTS bare_inbox_default PARTITION OF bare_inbox DEFAULT`;

const INSERT_BARE_INBOX = `
  INSERT INTO bare_inbox (consumer, event_id, payload_hash)
  SELECT 'payments.pay', event_id, hash FROM unnest($1::uuid[], $2::bytea[]) AS a (event_id, hash)
  ON CONFLICT DO NOTHING RETURNING event_id`;

const LOCK_ACCOUNTS = `
  SELECT user_id, balance, version FROM accounts WHERE user_id = ANY ($1::text[]) ORDER BY user_id FOR NO KEY UPDATE`;

const UPDATE_ACCOUNTS = `
  UPDATE accounts SET balance = new.balance, version = new.version, updated_at = $5
    FROM unnest($1::text[], $2::int[], $3::bigint[], $4::int[]) AS new (user_id, from_version, balance, version)
   WHERE accounts.user_id = new.user_id AND accounts.version = new.from_version`;

const INSERT_ENTRIES = `
  INSERT INTO ledger_entries (user_id, version, entry_id, kind, amount, balance_after, order_id, created_at)
  SELECT user_id, version, entry_id, 'payment', amount, balance_after, order_id, $7
    FROM unnest($1::text[], $2::int[], $3::uuid[], $4::bigint[], $5::bigint[], $6::uuid[])
      AS new (user_id, version, entry_id, amount, balance_after, order_id)`;

const INSERT_PAYMENTS = `
  INSERT INTO payments (order_id, user_id, amount, status, decided_at)
  SELECT order_id, user_id, amount, 'completed', $4
    FROM unnest($1::uuid[], $2::text[], $3::bigint[]) AS new (order_id, user_id, amount)`;

const INSERT_OUTBOX = `
  INSERT INTO outbox
    (event_id, aggregate_type, aggregate_id, aggregate_version, partition_key, lane, type, payload, headers)
  SELECT event_id, 'payment', event_id::text, 1, event_id::text, lane, 'payment.completed', payload::json,
         '{"dataschema":"payment.completed/1"}'
    FROM unnest($1::uuid[], $2::int[], $3::text[]) AS new (event_id, lane, payload)`;
