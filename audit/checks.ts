import type { Invariant } from './report.ts';

/** Every sentence that an audit checks, with the invariant that it belongs to. docs/audit.md explains each. */
export const CHECKS = {
  balance: { invariant: 'I1', name: 'a balance is the sum of its account’s ledger entries' },
  paid: { invariant: 'I1', name: 'a completed payment has one ledger entry, of its user and amount' },
  negative: { invariant: 'I2', name: 'no balance is below zero, nor was one' },
  decided: { invariant: 'I3', name: 'no order is decided twice' },
  changed: { invariant: 'I4', name: 'an order changes once, from NEW to its final status' },
  traced: { invariant: 'I4', name: 'a final order is traceable to the event that made it final' },
  finished: { invariant: 'I5', name: 'a FINISHED order has one completed payment, of its user and amount' },
  cancelled: { invariant: 'I5', name: 'a CANCELLED order has a rejected payment, with its reason, and no other' },
  order: { invariant: 'I5', name: 'a payment is about an order that is there, of its user and amount' },
  undecided: { invariant: 'I8', name: 'the event of an order that is not decided is on its way to payments' },
  unsettled: { invariant: 'I8', name: 'the event of a decision that is not applied is on its way to orders' },
  groundless: { invariant: 'I8', name: 'an event in an outbox is about a change that was made' },
  history: { invariant: 'I9', name: 'a ledger entry follows from the one before, without a gap' },
  entry: { invariant: 'I9', name: 'a ledger entry is a deposit, or a payment for an order' },
  version: { invariant: 'I9', name: 'an account is there, at the version of its last entry' },
} as const satisfies Record<string, { readonly invariant: Invariant; readonly name: string }>;

export type CheckName = keyof typeof CHECKS;
