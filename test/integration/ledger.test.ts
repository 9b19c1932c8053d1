import { randomUUID } from 'node:crypto';
import { Sequelize } from 'sequelize';
import { uuidv7 } from 'uuidv7';
import type { NewEvent, ReceivedEvent } from '../../events/event.ts';
import type { OrderCreated } from '../../events/order-created.ts';
import { migrate } from '../../mixins/database/migrate.ts';
import { SESSION_LIMITS } from '../../mixins/database/session-limits.ts';
import { bookDeposits } from '../../services/payments/book-deposits.ts';
import { writeEntries } from '../../services/payments/ledger-store.ts';
import { ledger } from '../../services/payments/migrations/0001-ledger.ts';
import { openAccounts } from '../../services/payments/open-accounts.ts';
import { payOrders } from '../../services/payments/pay-orders.ts';
import { PostgresLedgerStore } from '../../services/payments/postgres-ledger-store.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';

let database: FreshDatabase;
let sequelize: Sequelize;
let published: NewEvent[];

beforeAll(async () => {
  database = await freshDatabase();
  await migrate(database.url, [ledger]);
  sequelize = new Sequelize(database.url, {
    dialect: 'postgres',
    logging: false,
    pool: { max: 20 },
    dialectOptions: { options: SESSION_LIMITS },
  });
});

beforeEach(async () => {
  published = [];
  await sequelize.query('TRUNCATE accounts, ledger_entries, payments');
});

afterAll(async () => {
  await sequelize.close();
  await database.drop();
});

function created(userId: string, amount: bigint, orderId = uuidv7()): ReceivedEvent<OrderCreated> {
  return {
    eventId: uuidv7(),
    type: 'order.created',
    dataschema: 'order.created/1',
    source: '/orders',
    aggregateType: 'order',
    aggregateId: orderId,
    aggregateVersion: 1,
    time: new Date().toISOString(),
    traceparent: null,
    data: { orderId, userId, amount: amount.toString(), createdAt: new Date().toISOString() },
  };
}

async function pay(events: ReceivedEvent<OrderCreated>[]): Promise<void> {
  await sequelize.transaction(async (transaction) => {
    await payOrders(events, {
      store: new PostgresLedgerStore(transaction),
      addToOutbox: (added) => {
        published.push(...added);
        return Promise.resolve();
      },
      now: new Date(),
    });
  });
}

async function depositFor(userId: string, ...amounts: bigint[]) {
  return sequelize.transaction((transaction) =>
    bookDeposits(
      amounts.map((amount) => ({ entryId: randomUUID(), userId, amount })),
      { store: new PostgresLedgerStore(transaction), again: false, now: new Date() },
    ),
  );
}

async function open(...userIds: string[]) {
  return sequelize.transaction((transaction) =>
    openAccounts(
      userIds.map((userId) => ({ userId, openingId: randomUUID() })),
      { sequelize, transaction },
    ),
  );
}

async function rows(sql: string): Promise<Record<string, unknown>[]> {
  const [found] = await sequelize.query(sql);
  return found as Record<string, unknown>[];
}

/** Balance = sum of entries, each entry's balance follows from the one before, versions without a gap. */
async function expectHistoryToAgree(): Promise<void> {
  expect(
    await rows(`
      SELECT a.user_id, a.balance, a.version, sum(e.amount), count(e.*) FROM accounts a
        LEFT JOIN ledger_entries e USING (user_id) GROUP BY a.user_id
      HAVING a.balance <> coalesce(sum(e.amount), 0) OR a.version <> count(e.*)`),
  ).toEqual([]);
  expect(
    await rows(`
      SELECT * FROM (SELECT *, lag(balance_after, 1, 0) OVER w AS before, lag(version, 1, 0) OVER w AS version_before
        FROM ledger_entries WINDOW w AS (PARTITION BY user_id ORDER BY version)) e
       WHERE balance_after <> before + amount OR version <> version_before + 1`),
  ).toEqual([]);
}

test('an account is opened once, also when two openings share a transaction', async () => {
  const [first, second] = await open('ann', 'ann');
  expect([first, second].map((outcome) => outcome && 'ok' in outcome)).toEqual([true, false]);
  expect(await open('ann')).toMatchObject([{ error: { type: 'account-exists' } }]);
});

test('an opening that was committed without an answer is answered when it is tried again', async () => {
  const request = { userId: 'ann', openingId: randomUUID() };
  const attempt = () => sequelize.transaction((transaction) => openAccounts([request], { sequelize, transaction }));
  await attempt();
  expect(await attempt()).toMatchObject([{ ok: { userId: 'ann', balance: '0', version: 0 } }]);
});

test('a deposit that was committed without an answer is not booked twice', async () => {
  await open('ann');
  const requests = [{ entryId: randomUUID(), userId: 'ann', amount: 5n }];
  const attempt = (again: boolean) =>
    sequelize.transaction((transaction) =>
      bookDeposits(requests, { store: new PostgresLedgerStore(transaction), again, now: new Date() }),
    );
  await attempt(false);
  expect(await attempt(true)).toMatchObject([{ ok: { balance: '0.05', version: 1 } }]);
  expect(await rows('SELECT balance, version FROM accounts')).toEqual([{ balance: '5', version: 1 }]);
});

test('orders delivered again, in another batch and another order, are decided once', async () => {
  await open('ann', 'bob');
  await depositFor('ann', 100n);
  const events = [created('ann', 60n), created('bob', 1n), created('ann', 60n), created('carl', 1n)];
  await pay(events);
  await depositFor('ann', 1000n);
  await depositFor('bob', 1000n);
  await pay([...events].reverse());
  expect(await rows('SELECT user_id, status, reason FROM payments ORDER BY user_id, status')).toEqual([
    { user_id: 'ann', status: 'completed', reason: null },
    { user_id: 'ann', status: 'rejected', reason: 'insufficient-funds' },
    { user_id: 'bob', status: 'rejected', reason: 'insufficient-funds' },
    { user_id: 'carl', status: 'rejected', reason: 'no-account' },
  ]);
  expect(published.map(({ definition }) => definition.type).sort()).toEqual([
    'payment.completed',
    'payment.rejected',
    'payment.rejected',
    'payment.rejected',
  ]);
  await expectHistoryToAgree();
});

test('several orders and deposits on one account in one batch all count', async () => {
  await open('ann');
  await depositFor('ann', 10n, 20n, 30n);
  await pay([created('ann', 1n), created('ann', 2n), created('ann', 3n)]);
  expect(await rows('SELECT balance, version FROM accounts')).toEqual([{ balance: '54', version: 6 }]);
  await expectHistoryToAgree();
});

test('a write that names a version which does not stand any more is refused as a whole', async () => {
  await open('ann', 'bob');
  await depositFor('ann', 10n);
  await expect(
    sequelize.transaction((transaction) =>
      writeEntries(
        new PostgresLedgerStore(transaction),
        {
          changes: [
            { userId: 'bob', fromVersion: 0, balance: 5n, version: 1 },
            { userId: 'ann', fromVersion: 0, balance: 5n, version: 1 },
          ],
          entries: [],
        },
        new Date(),
      ),
    ),
  ).rejects.toThrow('Of 2 accounts, 1 were at the version that was read.');
  expect(await rows('SELECT user_id, balance FROM accounts ORDER BY user_id')).toEqual([
    { user_id: 'ann', balance: '10' },
    { user_id: 'bob', balance: '0' },
  ]);
});

test('batches over the same accounts in crossing orders, and deposits beside them, neither deadlock nor lose a cent', async () => {
  const users = Array.from({ length: 12 }, (_, index) => `user-${index}`);
  await open(...users);
  await Promise.all(users.map((user) => depositFor(user, 1_000_000n)));
  const work: Promise<unknown>[] = [];
  for (let round = 0; round < 40; round++) {
    // Every batch names all accounts, each time beginning at another one, every second time backwards.
    const turned = [...users.slice(round % users.length), ...users.slice(0, round % users.length)];
    const order = round % 2 === 0 ? turned : turned.reverse();
    work.push(pay(order.map((user) => created(user, 7n))));
    work.push(depositFor(order[0] ?? '', 3n));
  }
  // A deadlock or an update that names an old version would reject one of them.
  await Promise.all(work);
  const [total] = await rows('SELECT sum(balance) AS sum FROM accounts');
  expect(total).toEqual({ sum: String(12n * 1_000_000n - 40n * 12n * 7n + 40n * 3n) });
  await expectHistoryToAgree();
});

test('a node that is stopped in the middle of its transaction gives back the account, and its own write is gone', async () => {
  await open('ann');
  // Stands for a stopped process: a session with the limits of every node, which takes the lock and says no more.
  const stopped = new Sequelize(database.url, {
    dialect: 'postgres',
    logging: false,
    dialectOptions: { options: SESSION_LIMITS },
  });
  const transaction = await stopped.transaction();
  await stopped.query(`UPDATE accounts SET balance = 1000, version = 1 WHERE user_id = 'ann'`, { transaction });
  await eventually(() => depositFor('ann', 5n), { timeoutMs: 15_000 });
  expect(await rows('SELECT balance, version FROM accounts')).toEqual([{ balance: '5', version: 1 }]);
  await expect(transaction.commit()).rejects.toThrow();
  await stopped.close();
});

test('the database itself refuses a negative balance, a second decision and a version that is used twice', async () => {
  await open('ann');
  const orderId = uuidv7();
  const refused = async (sql: string) => expect(sequelize.query(sql)).rejects.toThrow();
  await refused(`UPDATE accounts SET balance = -1`);
  await sequelize.query(
    `INSERT INTO payments VALUES ('${orderId}', 'ann', 1, 'rejected', 'insufficient-funds', now())`,
  );
  await refused(`INSERT INTO payments VALUES ('${orderId}', 'ann', 1, 'completed', NULL, now())`);
  const entry = `INSERT INTO ledger_entries VALUES ('ann', 1, gen_random_uuid(), 'deposit', 1, 1, NULL, now())`;
  await sequelize.query(entry);
  await refused(entry);
});
