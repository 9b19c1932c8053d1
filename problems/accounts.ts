import { decimalText, MAX_MINOR_UNITS } from '../money/money.ts';
import { problem } from './problems.ts';

/** What callers are told about accounts that do not take what they ask for. */

export function accountExists(userId: string): Error {
  return problem(
    'account-exists',
    `The account of "${userId}" exists already; it was left as it is. Go on: there is nothing to open.`,
  );
}

export function balanceLimit(userId: string): Error {
  const limit = decimalText(MAX_MINOR_UNITS);
  return problem(
    'balance-limit',
    `This deposit would lift the balance of "${userId}" above ${limit}. Nothing was deposited; deposit less.`,
  );
}
