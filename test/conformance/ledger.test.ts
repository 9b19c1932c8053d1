import { randomUUID } from 'node:crypto';
import { sqlState } from '../../mixins/database/errors.ts';
import type { LedgerEntry, Payment } from '../../services/payments/payment.ts';
import { committed, untilWaiting, type DatabaseStage } from './support/database-stage.ts';
import { DATABASES, stageOf } from './support/databases.ts';

const NOW = new Date('2026-01-01T00:00:00.000Z');

/** Accounts of this test alone, their names in order. */
async function accounts(stage: DatabaseStage, ...balances: readonly bigint[]): Promise<string[]> {
  const family = randomUUID();
  const userIds = balances.map((_, index) => `${family}-${index}`);
  for (const [index, balance] of balances.entries()) {
    await stage.openAccount({ userId: userIds[index] ?? '', balance, version: 1 });
  }
  return userIds;
}

function payment(orderId: string = randomUUID()): Payment {
  return { orderId, userId: 'ann', amount: 5n, status: 'completed', reason: null };
}

function deposit(userId: string, version: number): LedgerEntry {
  return { entryId: randomUUID(), userId, kind: 'deposit', amount: 7n, balanceAfter: 12n, version, orderId: null };
}

describe.each(DATABASES)('the ledger in $name', ({ open }) => {
  const stage = stageOf(open);

  /** What is committed of these accounts. */
  async function balancesOf(...userIds: string[]): Promise<[bigint, number][]> {
    const read = await committed(stage(), (transaction) => stage().ledger(transaction).lockAccounts(userIds));
    return read.map(({ balance, version }) => [balance, version]);
  }

  test('reads the accounts that exist in the order of their names, each once', async () => {
    const [one = '', two = ''] = await accounts(stage(), 1n, 2n);
    const read = await committed(stage(), (transaction) =>
      stage().ledger(transaction).lockAccounts([two, 'nobody', one, two]),
    );
    expect(read).toMatchObject([
      { userId: one, balance: 1n, version: 1 },
      { userId: two, balance: 2n, version: 1 },
    ]);
    expect(read[0]?.createdAt).toBeInstanceOf(Date);
  });

  test('a lock on an account waits for the transaction that has it, and then reads what that committed', async () => {
    const [userId = ''] = await accounts(stage(), 10n);
    const first = await stage().begin();
    const second = await stage().begin();
    await stage().ledger(first).lockAccounts([userId]);
    const read = stage().ledger(second).lockAccounts([userId]);
    await untilWaiting(stage());
    await stage()
      .ledger(first)
      .updateAccounts([{ userId, fromVersion: 1, balance: 3n, version: 4 }], NOW);
    await first.commit();
    expect(await read).toMatchObject([{ userId, balance: 3n, version: 4, updatedAt: NOW }]);
  });

  test('a lock on an account reads what was there before, when the transaction that had it rolls back', async () => {
    const [userId = ''] = await accounts(stage(), 10n);
    const first = await stage().begin();
    const second = await stage().begin();
    await stage()
      .ledger(first)
      .updateAccounts([{ userId, fromVersion: 1, balance: 3n, version: 2 }], NOW);
    const read = stage().ledger(second).lockAccounts([userId]);
    await untilWaiting(stage());
    await first.rollback();
    expect(await read).toMatchObject([{ userId, balance: 10n, version: 1 }]);
  });

  test('two batches that name the same accounts in crossing orders wait for each other and do not deadlock', async () => {
    const [one = '', two = '', three = ''] = await accounts(stage(), 1n, 2n, 3n);
    const first = await stage().begin();
    const second = await stage().begin();
    const third = await stage().begin();
    await stage().ledger(first).lockAccounts([two]);
    const crossing = [
      stage()
        .ledger(second)
        .lockAccounts([three, two, one])
        .then(() => second.commit()),
      stage()
        .ledger(third)
        .lockAccounts([one, two, three])
        .then(() => third.commit()),
    ];
    await untilWaiting(stage(), 2);
    await first.commit();
    await Promise.all(crossing);
  });

  test('locks that are taken one by one in crossing orders are a deadlock: one of the two is told so', async () => {
    const [one = '', two = ''] = await accounts(stage(), 1n, 2n);
    const transactions = [await stage().begin(), await stage().begin()] as const;
    await stage().ledger(transactions[0]).lockAccounts([one]);
    await stage().ledger(transactions[1]).lockAccounts([two]);
    const ends = await Promise.allSettled(
      ([two, one] as const).map(async (userId, index) => {
        const transaction = transactions[index] ?? transactions[0];
        try {
          await stage().ledger(transaction).lockAccounts([userId]);
        } catch (error) {
          await transaction.rollback();
          throw error;
        }
      }),
    );
    const failures = ends.flatMap((end) => (end.status === 'rejected' ? [sqlState(end.reason)] : []));
    expect(failures).toEqual(['40P01']);
  });

  test('balances are written only where the version that was read still stands, and counted', async () => {
    const [one = '', two = ''] = await accounts(stage(), 1n, 2n);
    const touched = await committed(stage(), (transaction) =>
      stage()
        .ledger(transaction)
        .updateAccounts(
          [
            { userId: one, fromVersion: 1, balance: 5n, version: 3 },
            { userId: two, fromVersion: 2, balance: 6n, version: 3 },
            { userId: 'nobody', fromVersion: 1, balance: 7n, version: 2 },
          ],
          NOW,
        ),
    );
    expect(touched).toBe(1);
    expect(await balancesOf(one, two)).toEqual([
      [5n, 3],
      [2n, 1],
    ]);
  });

  test('a write waits for the one before it, and does nothing when that has changed the version', async () => {
    const [userId = ''] = await accounts(stage(), 10n);
    const first = await stage().begin();
    const second = await stage().begin();
    const change = { userId, fromVersion: 1, version: 2 };
    expect(
      await stage()
        .ledger(first)
        .updateAccounts([{ ...change, balance: 3n }], NOW),
    ).toBe(1);
    const write = stage()
      .ledger(second)
      .updateAccounts([{ ...change, balance: 4n }], NOW);
    await untilWaiting(stage());
    await first.commit();
    expect(await write).toBe(0);
    await second.commit();
    expect(await balancesOf(userId)).toEqual([[3n, 2]]);
  });

  test('a balance below nothing is refused, and with it all that its transaction wrote', async () => {
    const [one = '', two = ''] = await accounts(stage(), 1n, 2n);
    const transaction = await stage().begin();
    const ledger = stage().ledger(transaction);
    await ledger.updateAccounts([{ userId: one, fromVersion: 1, balance: 0n, version: 2 }], NOW);
    const refused: unknown = await ledger
      .updateAccounts([{ userId: two, fromVersion: 1, balance: -1n, version: 2 }], NOW)
      .catch((error: unknown) => error);
    expect(sqlState(refused)).toBe('23514');
    const next: unknown = await ledger.lockAccounts([one]).catch((error: unknown) => error);
    expect(sqlState(next)).toBe('25P02');
    // What clients take for an answer to their COMMIT was ROLLBACK.
    await transaction.commit();
    expect(await balancesOf(one, two)).toEqual([
      [1n, 1],
      [2n, 1],
    ]);
  });

  test('a second decision about an order is refused', async () => {
    const decided = payment();
    await committed(stage(), (transaction) => stage().ledger(transaction).insertPayments([decided], NOW));
    const transaction = await stage().begin();
    const refused: unknown = await stage()
      .ledger(transaction)
      .insertPayments([payment(), { ...decided, status: 'rejected', reason: 'insufficient-funds' }], NOW)
      .catch((error: unknown) => error);
    expect(sqlState(refused)).toBe('23505');
  });

  test.each([
    { end: 'commits', code: '23505' },
    { end: 'rolls back', code: null },
  ] as const)('a decision waits for an open one about the same order, which $end: $code', async ({ end, code }) => {
    const decided = payment();
    const first = await stage().begin();
    const second = await stage().begin();
    await stage().ledger(first).insertPayments([decided], NOW);
    const decision = stage()
      .ledger(second)
      .insertPayments([decided], NOW)
      .then(
        () => null,
        (error: unknown) => error,
      );
    await untilWaiting(stage());
    await (end === 'commits' ? first.commit() : first.rollback());
    expect(sqlState(await decision)).toBe(code);
  });

  test('orders are decided for whoever decided them at once, and for others with the commit', async () => {
    const [mine, theirs] = [payment(), payment()];
    const first = await stage().begin();
    const second = await stage().begin();
    await stage().ledger(first).insertPayments([mine], NOW);
    await stage().ledger(second).insertPayments([theirs], NOW);
    const asked = [mine.orderId, theirs.orderId, randomUUID()];
    expect(await stage().ledger(first).decidedOrders(asked)).toEqual(new Set([mine.orderId]));
    await second.commit();
    // Each statement sees what is committed by then: READ COMMITTED.
    expect(await stage().ledger(first).decidedOrders(asked)).toEqual(new Set([mine.orderId, theirs.orderId]));
  });

  test('entries are found by their ids and their users, also those of the same transaction', async () => {
    const [one = '', two = ''] = await accounts(stage(), 5n, 5n);
    const [before, now, other] = [deposit(one, 2), deposit(one, 3), deposit(two, 2)];
    await committed(stage(), (transaction) => stage().ledger(transaction).insertEntries([before, other], NOW));
    const found = await committed(stage(), async (transaction) => {
      const ledger = stage().ledger(transaction);
      await ledger.insertEntries([now], NOW);
      return ledger.findEntries([before, now, { userId: one, entryId: other.entryId }, deposit(one, 9)]);
    });
    expect(found).toEqual(
      new Map([
        [before.entryId, { userId: one, balance: 12n, version: 2 }],
        [now.entryId, { userId: one, balance: 12n, version: 3 }],
      ]),
    );
  });

  test('a version of an account has one entry: a second one is refused, and waits for an open one', async () => {
    const [userId = ''] = await accounts(stage(), 5n);
    const first = await stage().begin();
    const second = await stage().begin();
    await stage()
      .ledger(first)
      .insertEntries([deposit(userId, 2)], NOW);
    const entry = stage()
      .ledger(second)
      .insertEntries([deposit(userId, 2)], NOW)
      .catch((error: unknown) => error);
    await untilWaiting(stage());
    await first.commit();
    expect(sqlState(await entry)).toBe('23505');
  });
});
