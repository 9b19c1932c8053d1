import type { Finding } from '../findings.ts';

/** What one snapshot says about an account and its entries. Amounts in minor units. Pure from here on. */
export interface AccountFacts {
  readonly userId: string;
  /** Null: there are entries, and no account. */
  readonly balance: bigint | null;
  readonly version: number | null;
  readonly entries: number;
  /** The sum of all entries. */
  readonly total: bigint;
  /** Of the last entry; 0 without any. */
  readonly lastVersion: number;
  /** The first entry that does not follow the one before by a version of one more. */
  readonly gapAt: number | null;
  /** The first entry whose balance is not the one before and its amount. */
  readonly driftAt: number | null;
  /** The first entry after which the balance is below zero. */
  readonly negativeAt: number | null;
  /** The first entry that is no deposit above zero and no payment below zero for an order. */
  readonly oddAt: number | null;
}

/** @returns everything that is wrong with an account; nothing for a good one */
export function judgeAccount(facts: AccountFacts): Finding[] {
  const { userId, balance, version, entries, total, lastVersion } = facts;
  const found: Finding[] = [];
  const add = (check: Finding['check'], what: string, at: number | null = null): void => {
    found.push({ check, what, ids: { userId, ...(at !== null && { version: String(at) }) } });
  };
  if (balance === null) {
    add('version', `There are ${entries} ledger entries of ${userId}, and no account.`);
  } else {
    if (balance !== total) {
      add('balance', `The balance of ${userId} is ${balance}, its ledger entries add up to ${total}.`);
    }
    if (balance < 0n) add('negative', `The balance of ${userId} is ${balance}.`);
    if (version !== lastVersion) {
      add('version', `The account of ${userId} is at version ${version}, its last ledger entry is ${lastVersion}.`);
    }
  }
  if (facts.gapAt !== null) {
    add('history', `Ledger entry ${facts.gapAt} of ${userId} does not follow the one before it.`, facts.gapAt);
  }
  if (facts.driftAt !== null) {
    add(
      'history',
      `The balance after ledger entry ${facts.driftAt} of ${userId} is not the one before it and its amount.`,
      facts.driftAt,
    );
  }
  if (facts.negativeAt !== null) {
    add(
      'negative',
      `After ledger entry ${facts.negativeAt} the balance of ${userId} was below zero.`,
      facts.negativeAt,
    );
  }
  if (facts.oddAt !== null) {
    add('entry', `Ledger entry ${facts.oddAt} of ${userId} is neither a deposit nor a payment.`, facts.oddAt);
  }
  return found;
}
