import { decide, deposit, type Account } from '../../services/payments/payment.ts';

let nextEntry = 0;
const newEntryId = (): string => `entry-${++nextEntry}`;
const account = (userId: string, balance: bigint, version = 1): Account => ({ userId, balance, version });
const order = (orderId: string, userId: string, amount: bigint) => ({ orderId, userId, amount });

beforeEach(() => {
  nextEntry = 0;
});

describe('decide', () => {
  test('an order that the balance covers is paid', () => {
    expect(decide([account('ann', 100n, 3)], [order('o1', 'ann', 40n)], newEntryId)).toEqual({
      payments: [{ orderId: 'o1', userId: 'ann', amount: 40n, status: 'completed', reason: null }],
      entries: [
        {
          entryId: 'entry-1',
          userId: 'ann',
          kind: 'payment',
          amount: -40n,
          balanceAfter: 60n,
          version: 4,
          orderId: 'o1',
        },
      ],
      changes: [{ userId: 'ann', fromVersion: 3, balance: 60n, version: 4 }],
    });
  });

  test('an order over exactly the balance is paid, one minor unit more is not', () => {
    const { payments, changes } = decide(
      [account('ann', 100n), account('bob', 100n)],
      [order('o1', 'ann', 100n), order('o2', 'bob', 101n)],
      newEntryId,
    );
    expect(payments.map(({ status, reason }) => [status, reason])).toEqual([
      ['completed', null],
      ['rejected', 'insufficient-funds'],
    ]);
    expect(changes).toEqual([{ userId: 'ann', fromVersion: 1, balance: 0n, version: 2 }]);
  });

  test('an order of a user without an account is rejected and moves nothing', () => {
    const { payments, entries, changes } = decide([], [order('o1', 'nobody', 1n)], newEntryId);
    expect(payments).toEqual([
      { orderId: 'o1', userId: 'nobody', amount: 1n, status: 'rejected', reason: 'no-account' },
    ]);
    expect(entries).toEqual([]);
    expect(changes).toEqual([]);
  });

  test('several orders on one account are one change and an entry each, the versions without a gap', () => {
    const { entries, changes } = decide(
      [account('ann', 100n, 7)],
      [order('o1', 'ann', 30n), order('o2', 'ann', 30n), order('o3', 'ann', 30n)],
      newEntryId,
    );
    expect(changes).toEqual([{ userId: 'ann', fromVersion: 7, balance: 10n, version: 10 }]);
    expect(entries.map(({ version, balanceAfter }) => [version, balanceAfter])).toEqual([
      [8, 70n],
      [9, 40n],
      [10, 10n],
    ]);
  });

  test('what an earlier order took is not there for a later one, and a smaller one after it still fits', () => {
    const { payments } = decide(
      [account('ann', 100n)],
      [order('o1', 'ann', 80n), order('o2', 'ann', 30n), order('o3', 'ann', 20n)],
      newEntryId,
    );
    expect(payments.map(({ status }) => status)).toEqual(['completed', 'rejected', 'completed']);
  });

  test('an order that is named twice is decided once', () => {
    const { payments, entries } = decide(
      [account('ann', 100n)],
      [order('o1', 'ann', 40n), order('o1', 'ann', 40n)],
      newEntryId,
    );
    expect(payments).toHaveLength(1);
    expect(entries).toHaveLength(1);
  });
});

describe('deposit', () => {
  test('deposits on one account are folded into one change', () => {
    const { outcomes, entries, changes } = deposit(
      [account('ann', 0n, 0)],
      [
        { entryId: 'e1', userId: 'ann', amount: 10n },
        { entryId: 'e2', userId: 'ann', amount: 5n },
      ],
    );
    expect(outcomes.map((outcome) => outcome.kind === 'booked' && outcome.account.balance)).toEqual([10n, 15n]);
    expect(entries.map(({ version }) => version)).toEqual([1, 2]);
    expect(changes).toEqual([{ userId: 'ann', fromVersion: 0, balance: 15n, version: 2 }]);
  });

  test('one that passes the limit is refused, its neighbours are booked', () => {
    const { outcomes, changes } = deposit(
      [account('ann', 999_999_999_999_998n)],
      [
        { entryId: 'e1', userId: 'ann', amount: 2n },
        { entryId: 'e2', userId: 'ann', amount: 1n },
        { entryId: 'e3', userId: 'nobody', amount: 1n },
      ],
    );
    expect(outcomes.map((outcome) => (outcome.kind === 'refused' ? outcome.problem : outcome.kind))).toEqual([
      'balance-limit',
      'booked',
      'account-not-found',
    ]);
    expect(changes).toEqual([{ userId: 'ann', fromVersion: 1, balance: 999_999_999_999_999n, version: 2 }]);
  });
});
