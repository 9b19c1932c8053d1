import type { Account } from '../../contract/outputs.ts';
import type { Outcome } from '../../mixins/group-commit.ts';
import { balanceLimit } from '../../problems/accounts.ts';
import { accountNotFound } from '../../problems/unknown.ts';
import { writeEntries, type LedgerStore } from './ledger-store.ts';
import { deposit, describeAccount, type DepositOutcome, type DepositRequest, type StoredAccount } from './payment.ts';

/**
 * Books deposits that arrived together in one transaction: accounts read under lock, one update for each.
 *
 * @param context `again`: an earlier transaction with these deposits may have been committed. The row locks have waited
 *   for it; what it booked is answered, and not booked again.
 * @returns an outcome for each deposit, in order: the account after it, or the problem that refused it
 */
export async function bookDeposits(
  requests: readonly DepositRequest[],
  { store, again, now }: { store: LedgerStore; again: boolean; now: Date },
): Promise<Outcome<Account>[]> {
  const [stored, booked] = await Promise.all([
    store.lockAccounts(requests.map(({ userId }) => userId)),
    again ? store.findEntries(requests) : new Map<string, never>(),
  ]);
  const open = requests.filter(({ entryId }) => !booked.has(entryId));
  const { outcomes, entries, changes } = deposit(stored, open);
  await writeEntries(store, { entries, changes }, now);

  const accounts = new Map(stored.map((account) => [account.userId, account]));
  const outcomeOf = new Map(open.map(({ entryId }, index) => [entryId, outcomes[index]]));
  return requests.map((request) => {
    const earlier = booked.get(request.entryId);
    const outcome =
      earlier === undefined ? outcomeOf.get(request.entryId) : ({ kind: 'booked', account: earlier } as const);
    return answer(request, outcome, accounts, now);
  });
}

function answer(
  { userId }: DepositRequest,
  outcome: DepositOutcome | undefined,
  accounts: ReadonlyMap<string, StoredAccount>,
  now: Date,
): Outcome<Account> {
  const stored = accounts.get(userId);
  if (outcome?.kind === 'booked' && stored !== undefined) {
    return { ok: describeAccount({ ...stored, ...outcome.account, updatedAt: now }) };
  }
  if (outcome?.kind === 'refused' && outcome.problem === 'balance-limit') {
    return { error: balanceLimit(userId) };
  }
  return { error: accountNotFound(userId) };
}
