import type { LedgerEntry } from '../../../contract/outputs.ts';
import { judge } from '../../../repl/account.ts';

const entry = (version: number, amount: string, balanceAfter: string): LedgerEntry => ({
  entryId: '0193b5a0-7c1e-7a2b-8c3d-ffffffffffff',
  userId: 'ann',
  kind: amount.startsWith('-') ? 'payment' : 'deposit',
  amount,
  balanceAfter,
  version,
  orderId: null,
  createdAt: '2026-11-23T00:00:00.000Z',
});
const GOOD = [entry(2, '-0.05', '9.95'), entry(1, '10', '10')];

test('entries that lead from nothing to the balance add up', () => {
  expect(judge({ balance: '9.95', version: 2 }, GOOD).holds).toBe(true);
  expect(judge({ balance: '0', version: 0 }, []).holds).toBe(true);
});

test.each([
  ['another balance', { balance: '9.96', version: 2 }, GOOD],
  ['another version', { balance: '9.95', version: 3 }, GOOD],
  ['an entry that is missing', { balance: '9.95', version: 2 }, [entry(2, '-0.05', '9.95')]],
  ['an amount that was changed', { balance: '9.95', version: 2 }, [entry(2, '-0.06', '9.95'), entry(1, '10', '10')]],
])('%s does not', (_what, account, entries) => {
  expect(judge(account, entries).holds).toBe(false);
});
