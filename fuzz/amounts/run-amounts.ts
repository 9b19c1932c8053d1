import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '../connection.ts';
import { inParallel } from '../in-parallel.ts';
import { getJson, postJson } from '../json-calls.ts';
import { answeredCents, membersOf } from '../oracle/check-ok.ts';
import { decimalOf } from '../oracle/decimal.ts';
import type { Databases } from '../snapshot.ts';
import type { Violations } from '../violations.ts';
import { compareStored } from './compare-stored.ts';
import { expectSame } from './expect-same.ts';
import { planSpenders, type PlacedAmount, type Spender } from './plan.ts';
import type { ToldEvents } from './told-events.ts';

export interface AmountsRun {
  readonly amounts: number;
  readonly seed: number;
  /** Begins the user ids of this run. */
  readonly runId: string;
  /** To the gateway; as many are in flight. */
  readonly connections: readonly Connection[];
  readonly databases: Databases;
  readonly events: ToldEvents;
  readonly violations: Violations;
  /** One more is compared everywhere. */
  readonly onCompared: () => void;
  /** Asked between chunks: true ends the run with what it has. */
  readonly isStopping: () => boolean;
}

/** So many are in memory. */
const CHUNK_AMOUNTS = 4000;
const SETTLED_WITHIN_MS = 120_000;
const LOOK_EVERY_MS = 50;

/**
 * Sends random amounts as orders of users who can pay for them, and compares each one as it was sent with the answer to its
 * POST, the list, the ledger, the balance, both databases and both topics.
 *
 * @returns milliseconds
 * @throws Error when an account cannot be opened, or orders do not become final
 */
export async function runAmounts(run: AmountsRun): Promise<number> {
  const startedAt = performance.now();
  for (let sent = 0, chunk = 0; sent < run.amounts && !run.isStopping(); sent += CHUNK_AMOUNTS, chunk++) {
    const prefix = `amounts-${run.runId}-${chunk}-`;
    const spenders = planSpenders((run.seed + chunk) | 0, Math.min(CHUNK_AMOUNTS, run.amounts - sent), prefix);
    run.events.follow(prefix);
    await fund(run, spenders);
    const placed = await place(run, spenders);
    await untilFinal(run, prefix);
    await inParallel(run.connections.length, spenders, (spender, line) =>
      compareAnswers(run, spender, placed, connectionOf(run, line)),
    );
    await run.events.untilTold(placed.size);
    await compareStored(run, prefix, placed, spenders);
    for (const [orderId, { cents, source }] of placed) {
      const told = run.events.decided.get(orderId);
      expectSame(run, source, 'order.created', String(cents), run.events.created.get(orderId));
      expectSame(run, source, 'payment.completed', `payment.completed ${cents}`, told && `${told.type} ${told.amount}`);
      run.onCompared();
    }
  }
  return performance.now() - startedAt;
}

function connectionOf({ connections }: AmountsRun, line: number): Connection {
  const connection = connections[line];
  if (connection === undefined) throw new Error(`There is no connection ${line}.`);
  return connection;
}

/** Opens accounts with exactly what will be spent. */
async function fund(run: AmountsRun, spenders: readonly Spender[]): Promise<void> {
  await inParallel(run.connections.length, spenders, async ({ userId, total }, line) => {
    const connection = connectionOf(run, line);
    await postJson(connection, '/api/payments/accounts', `{"userId":"${userId}"}`);
    const body = `{"userId":"${userId}","amount":${decimalOf(total)}}`;
    const account = membersOf(await postJson(connection, '/api/payments/accounts/deposit', body));
    expectSame(run, decimalOf(total), 'deposit answer', String(total), String(answeredCents(account['balance'])));
  });
}

/** @returns the amounts by order id */
async function place(run: AmountsRun, spenders: readonly Spender[]): Promise<Map<string, PlacedAmount>> {
  const placed = new Map<string, PlacedAmount>();
  const all = spenders.flatMap(({ userId, amounts }) => amounts.map((amount) => ({ userId, ...amount })));
  await inParallel(run.connections.length, all, async (amount, line) => {
    const body = `{"userId":"${amount.userId}","amount":${amount.source}}`;
    const order = membersOf(await postJson(connectionOf(run, line), '/api/orders', body));
    expectSame(run, amount.source, 'POST answer', String(amount.cents), String(answeredCents(order['amount'])));
    placed.set(String(order['orderId']), amount);
  });
  return placed;
}

async function untilFinal({ databases }: AmountsRun, prefix: string): Promise<void> {
  const deadline = performance.now() + SETTLED_WITHIN_MS;
  for (;;) {
    const { rows } = await databases.orders.query<{ open: string }>(
      `SELECT count(*) AS open FROM orders WHERE status = 'NEW' AND starts_with(user_id, $1)`,
      [prefix],
    );
    if (rows[0]?.open === '0') return;
    if (performance.now() > deadline) {
      throw new Error(`${rows[0]?.open ?? ''} orders of ${prefix}… did not become final.`);
    }
    await sleep(LOOK_EVERY_MS);
  }
}

/** What the lists and the account say through HTTP. */
async function compareAnswers(
  run: AmountsRun,
  { userId, amounts, total }: Spender,
  placed: ReadonlyMap<string, PlacedAmount>,
  connection: Connection,
): Promise<void> {
  const orders = itemsOf(await getJson(connection, `/api/orders?userId=${userId}&limit=200`));
  expectSame(run, userId, 'orders in the list', String(amounts.length), String(orders.length));
  for (const order of orders) {
    const { cents, source } = placed.get(String(order['orderId'])) ?? { cents: -1n, source: userId };
    expectSame(run, source, 'GET answer', String(cents), String(answeredCents(order['amount'])));
    expectSame(run, source, 'status', 'FINISHED', String(order['status']));
  }
  const entries = itemsOf(await getJson(connection, `/api/payments/accounts/${userId}/entries?limit=200`)).reverse();
  expectSame(run, userId, 'entries', String(amounts.length + 1), String(entries.length));
  let balance = 0n;
  for (const entry of entries) {
    const amount = placed.get(String(entry['orderId']));
    const moved = amount === undefined ? total : -amount.cents;
    balance += moved;
    const source = amount?.source ?? decimalOf(total);
    expectSame(run, source, 'ledger entry', String(moved), String(answeredCents(entry['amount'])));
    expectSame(run, source, 'balance after it', String(balance), String(answeredCents(entry['balanceAfter'])));
  }
  const account = membersOf(await getJson(connection, `/api/payments/accounts/${userId}`));
  expectSame(run, userId, 'balance', '0', String(answeredCents(account['balance'])));
}

function itemsOf(page: unknown): Readonly<Record<string, unknown>>[] {
  const { items } = membersOf(page);
  return Array.isArray(items) ? items.map(membersOf) : [];
}
