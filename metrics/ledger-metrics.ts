import { Counter } from 'prom-client';
import { oncePerNode } from './registry.ts';

/** @returns how often a versioned update of accounts found another version than was read: nothing was written then */
export const ledgerConflictsOf = oncePerNode(
  (registers) =>
    new Counter({
      name: 'ledger_conflict_retries_total',
      help: 'Transactions that were undone, to be tried again, since an account was not at the version that they had read. Row locks keep it at 0.',
      registers,
    }),
);
