import pg from 'pg';
import { uuidv7 } from 'uuidv7';
import { migrate } from '../../mixins/database/migrate.ts';
import { orders as ordersSchema } from '../../services/orders/migrations/0001-orders.ts';
import { ledger as ledgerSchema } from '../../services/payments/migrations/0001-ledger.ts';
import { readAnswers, type PlayedPost } from '../../shop/answers.ts';
import { jsonBody, planDay, type Day, type Post } from '../../shop/day.ts';
import { closeDatabases, openDatabases, reconcile, type Databases, type Reconciliation } from '../../shop/reconcile.ts';
import { decimalText } from '../../money/money.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';

/** The tables keep such rows out; here they are let in, to see that the checks would find them. */
const LET_EVERYTHING_IN = `
  DO $$ DECLARE found record; BEGIN
    FOR found IN SELECT conrelid::regclass AS on_table, conname FROM pg_constraint
                  WHERE contype IN ('c', 'p') AND conrelid IN (SELECT oid FROM pg_class WHERE relname IN
                        ('orders', 'accounts', 'ledger_entries', 'payments') AND relnamespace = 'public'::regnamespace)
    LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', found.on_table, found.conname); END LOOP;
  END $$`;

const day = planDay({ users: 12, orders: 60, seed: 3, runId: 'planted' });

let ordersDatabase: FreshDatabase;
let paymentsDatabase: FreshDatabase;
let orders: pg.Client;
let payments: pg.Client;
let databases: Databases;
let played: PlayedPost[];

beforeAll(async () => {
  [ordersDatabase, paymentsDatabase] = await Promise.all([freshDatabase(), freshDatabase()]);
  await migrate(ordersDatabase.url, [ordersSchema]);
  await migrate(paymentsDatabase.url, [ledgerSchema]);
  orders = new pg.Client(ordersDatabase.url);
  payments = new pg.Client(paymentsDatabase.url);
  await Promise.all([orders.connect(), payments.connect()]);
  await Promise.all([orders.query(LET_EVERYTHING_IN), payments.query(LET_EVERYTHING_IN)]);
  databases = openDatabases(ordersDatabase.url, paymentsDatabase.url);
});

beforeEach(async () => {
  await orders.query('TRUNCATE orders');
  await payments.query('TRUNCATE accounts, ledger_entries, payments');
  played = await playByHand(day);
});

afterAll(async () => {
  await closeDatabases(databases);
  await Promise.all([orders.end(), payments.end()]);
  await Promise.all([ordersDatabase.drop(), paymentsDatabase.drop()]);
});

/** What a flawless system would store and answer, one post after the other. */
async function playByHand({ openings, firstDeposits, course }: Day): Promise<PlayedPost[]> {
  const accounts = new Map<string, { balance: bigint; version: number }>();
  const answers: PlayedPost[] = [];
  const book = async (userId: string, amount: bigint, orderId: string | null) => {
    const account = accounts.get(userId);
    if (account === undefined) throw new Error(`${userId} has an account.`);
    account.balance += amount;
    account.version += 1;
    await payments.query(`INSERT INTO ledger_entries VALUES ($1, $2, gen_random_uuid(), $3, $4, $5, $6, now())`, [
      userId,
      account.version,
      orderId === null ? 'deposit' : 'payment',
      amount,
      account.balance,
      orderId,
    ]);
    await payments.query('UPDATE accounts SET balance = $2, version = $3 WHERE user_id = $1', [
      userId,
      account.balance,
      account.version,
    ]);
    return account;
  };
  const answer = (post: Post, status: number, fields: string) => {
    answers.push({
      post,
      postedAt: 0,
      answer: { status, tookMs: 1, body: `${jsonBody(post).slice(0, -1)},${fields}}` },
    });
  };
  for (const post of openings) {
    accounts.set(post.userId, { balance: 0n, version: 0 });
    await payments.query('INSERT INTO accounts (user_id, opening_id) VALUES ($1, gen_random_uuid())', [post.userId]);
    answer(post, 201, '"balance":0,"version":0');
  }
  for (const post of [...firstDeposits, ...course]) {
    if (post.call === 'deposit') {
      const { balance, version } = await book(post.userId, post.amount, null);
      answer(post, 200, `"balance":${decimalText(balance)},"version":${version}`);
      continue;
    }
    const orderId = uuidv7();
    const balance = accounts.get(post.userId)?.balance;
    const reason = balance === undefined ? 'no-account' : balance < post.amount ? 'insufficient-funds' : null;
    if (reason === null) await book(post.userId, -post.amount, orderId);
    await payments.query('INSERT INTO payments VALUES ($1, $2, $3, $4, $5, now())', [
      orderId,
      post.userId,
      post.amount,
      reason === null ? 'completed' : 'rejected',
      reason,
    ]);
    await orders.query('INSERT INTO orders VALUES ($1, $2, $3, $4, $5, $6, 2, now(), now())', [
      orderId,
      post.userId,
      post.amount,
      post.description,
      reason === null ? 'FINISHED' : 'CANCELLED',
      reason,
    ]);
    answer(post, 201, `"orderId":"${orderId}","status":"NEW"`);
  }
  return answers;
}

function checks(): Promise<Reconciliation> {
  return reconcile(databases, day, readAnswers(played));
}

/** The names of the checks that found something, of the day and of everything. */
async function found(): Promise<{ day: string[]; all: string[] }> {
  const { ofTheDay, ofAll } = await checks();
  const names = (list: Reconciliation['ofAll']) =>
    list.flatMap(({ name, violations }) => (violations > 0 ? [name] : []));
  return { day: names(ofTheDay), all: names(ofAll) };
}

/** A contradiction that the sums of the databases show, wherever they look. */
async function expectFound(name: string): Promise<void> {
  const { day: ofTheDay, all } = await found();
  expect(ofTheDay).toContain(name);
  expect(all).toContain(name);
}

test('a day that went well contradicts nothing, and money in is money out and balances', async () => {
  const { ofTheDay, ofAll, money, outcomes } = await checks();
  expect([...ofTheDay, ...ofAll].filter(({ violations }) => violations > 0)).toEqual([]);
  expect(ofTheDay).toHaveLength(19);
  expect(ofAll).toHaveLength(10);
  expect(money.ofTheDay.paidIn).toBe(money.ofTheDay.spent + money.ofTheDay.balances);
  expect(money.ofTheDay.spent).toBeGreaterThan(0n);
  expect([...outcomes.keys()]).toEqual(['FINISHED', 'CANCELLED no-account', 'CANCELLED insufficient-funds']);
});

test('what others do is no business of this day, and is checked all the same', async () => {
  await payments.query(`INSERT INTO accounts (user_id, opening_id, balance) VALUES ('ann', gen_random_uuid(), 1)`);
  const { day: ofTheDay, all } = await found();
  expect(ofTheDay).toEqual([]);
  expect(all).toEqual(['a balance is the sum of its ledger entries', 'a balance is deposits less completed payments']);
});

const RICH = day.customers.find(({ kind }) => kind === 'magnate')?.userId ?? '';

test('a balance that is one unit off is found', async () => {
  await payments.query('UPDATE accounts SET balance = balance + 1 WHERE user_id = $1', [RICH]);
  await expectFound('a balance is the sum of its ledger entries');
  await expectFound('a balance is deposits less completed payments');
  expect((await found()).day).toContain('a balance is what the answers add up to');
});

test('an account that vanished from beside its entries is found', async () => {
  await payments.query('DELETE FROM accounts WHERE user_id = $1', [RICH]);
  await expectFound('a balance is the sum of its ledger entries');
  await expectFound('an account is at the version of its last entry');
});

test('an order that was charged twice, with all sums right, is found', async () => {
  await payments.query(
    `INSERT INTO ledger_entries
     SELECT user_id, (SELECT max(version) + 1 FROM ledger_entries WHERE user_id = e.user_id), gen_random_uuid(), kind,
            amount, (SELECT balance FROM accounts WHERE user_id = e.user_id) + amount, order_id, created_at
       FROM ledger_entries e WHERE kind = 'payment' ORDER BY order_id LIMIT 1`,
  );
  await payments.query(
    `UPDATE accounts a SET balance = e.balance_after, version = e.version FROM ledger_entries e
      WHERE e.user_id = a.user_id AND e.version = a.version + 1`,
  );
  await expectFound('a completed payment has one ledger entry, of its user and amount');
  await expectFound('a balance is deposits less completed payments');
  expect((await found()).all).not.toContain('a balance is the sum of its ledger entries');
});

test('a completed payment without an entry is found', async () => {
  await payments.query(`UPDATE payments SET status = 'completed', reason = NULL WHERE order_id IN
    (SELECT order_id FROM payments WHERE status = 'rejected' LIMIT 1)`);
  await expectFound('a completed payment has one ledger entry, of its user and amount');
  await expectFound('a CANCELLED order has no completed payment, and a rejected one with its reason');
});

test('a history with a gap, or an entry whose balance does not follow, is found', async () => {
  const name = 'a ledger entry follows from the one before, without a gap';
  await payments.query('UPDATE ledger_entries SET version = version + 1 WHERE user_id = $1 AND version >= 3', [RICH]);
  await expectFound(name);
  await expectFound('an account is at the version of its last entry');
  await payments.query('UPDATE ledger_entries SET version = version - 1 WHERE user_id = $1 AND version > 3', [RICH]);
  expect((await found()).all).toEqual([]);
  await payments.query(
    'UPDATE ledger_entries SET balance_after = balance_after - 1 WHERE user_id = $1 AND version = 2',
    [RICH],
  );
  expect(await found()).toEqual({ day: [name], all: [name] });
});

test('a balance below zero, now or in between, is found', async () => {
  await payments.query('UPDATE ledger_entries SET balance_after = -1 WHERE user_id = $1 AND version = 2', [RICH]);
  await expectFound('nothing is below zero');
});

test('an order that was decided twice is found', async () => {
  await payments.query(`INSERT INTO payments SELECT order_id, user_id, amount, 'rejected', 'insufficient-funds', now()
    FROM payments WHERE status = 'completed' LIMIT 1`);
  await expectFound('no order is decided twice');
  await expectFound('a FINISHED order has one completed payment, of its user and amount');
});

test('a FINISHED order without its payment, or with one of another amount, is found', async () => {
  const name = 'a FINISHED order has one completed payment, of its user and amount';
  const one = `order_id IN (SELECT order_id FROM payments WHERE status = 'completed' ORDER BY order_id LIMIT 1)`;
  await payments.query(`UPDATE payments SET amount = amount + 1 WHERE ${one}`);
  await expectFound(name);
  await expectFound('a decision is about an order that is there, of its user and amount');
  await payments.query(`DELETE FROM payments WHERE ${one}`);
  await expectFound(name);
});

test('a CANCELLED order without a decision, or with another reason, is found', async () => {
  const name = 'a CANCELLED order has no completed payment, and a rejected one with its reason';
  await orders.query(`UPDATE orders SET reason = 'no-account' WHERE reason = 'insufficient-funds'`);
  await expectFound(name);
  expect((await found()).day).toContain('an order is cancelled for the right reason');
  await orders.query(`UPDATE orders SET reason = 'insufficient-funds' WHERE reason = 'no-account'`);
  await payments.query(`DELETE FROM payments WHERE status = 'rejected'`);
  await expectFound(name);
});

test('a decision about an order that is not there is found', async () => {
  await orders.query(`DELETE FROM orders WHERE order_id IN (SELECT order_id FROM orders ORDER BY order_id LIMIT 1)`);
  await expectFound('a decision is about an order that is there, of its user and amount');
  expect((await found()).day).toContain('an order answered 201 is stored once, with its amount');
});

test('an order that stays NEW, though it was paid, is found', async () => {
  await orders.query(`UPDATE orders SET status = 'NEW' WHERE order_id IN
    (SELECT order_id FROM orders WHERE status = 'FINISHED' LIMIT 1)`);
  expect((await found()).day).toEqual(['every order is final', 'a balance is what the answers add up to']);
});

test('a deposit that was answered and lost is found, though all sums are right', async () => {
  const last = day.course.findLast(({ call }) => call === 'deposit');
  const entry = `user_id = $1 AND version = (SELECT max(version) FROM ledger_entries WHERE user_id = $1 AND kind = 'deposit')`;
  await payments.query(
    `UPDATE accounts SET balance = balance - (SELECT amount FROM ledger_entries WHERE ${entry}) WHERE user_id = $1`,
    [last?.userId],
  );
  await payments.query(`DELETE FROM ledger_entries WHERE ${entry}`, [last?.userId]);
  expect((await found()).day).toEqual(
    expect.arrayContaining([
      'a deposit answered 200 is in the ledger exactly once',
      'a balance is what the answers add up to',
    ]),
  );
});

test('money that came from nowhere, with all sums right, is found', async () => {
  const rows = await payments.query(
    `INSERT INTO ledger_entries SELECT user_id, version + 1, gen_random_uuid(), 'deposit', 5, balance + 5, NULL, now()
       FROM accounts WHERE user_id = $1`,
    [RICH],
  );
  expect(rows.rowCount).toBe(1);
  await payments.query('UPDATE accounts SET balance = balance + 5, version = version + 1 WHERE user_id = $1', [RICH]);
  expect(await found()).toEqual({
    day: ['no deposit is in the ledger that was not asked for'],
    all: [],
  });
});
