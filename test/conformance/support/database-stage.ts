import type { OpenTransaction, WriteStore } from '../../../mixins/idempotency-keys/write-store.ts';
import type { InboxStore } from '../../../mixins/inbox/inbox-store.ts';
import type { OrderStore } from '../../../services/orders/order-store.ts';
import type { LedgerStore } from '../../../services/payments/ledger-store.ts';
import { eventually } from '../../support/eventually.ts';

/** A database with the tables of all mixins and of both services, behind the ports that the product asks. */
export interface DatabaseStage {
  /** A transaction that ends with the test, if not before. */
  begin(): Promise<OpenTransaction>;
  readonly inbox: InboxStore<OpenTransaction>;
  readonly writes: WriteStore<OpenTransaction>;
  ledger(transaction: OpenTransaction): LedgerStore;
  orders(transaction: OpenTransaction): OrderStore;
  /** What an inbox row has counted: no port reads it. */
  inboxCounts(eventId: string): Promise<{ readonly attempts: number; readonly duplicates: number } | null>;
  /** Opens an account: no port does that. */
  openAccount(account: { readonly userId: string; readonly balance: bigint; readonly version: number }): Promise<void>;
  /** How many statements wait for a lock now. */
  waiting(): Promise<number>;
  /** Rolls back what a test left open. */
  endAll(): Promise<void>;
  close(): Promise<void>;
}

/** Resolves once so many statements wait for a lock. */
export async function untilWaiting(stage: DatabaseStage, count = 1): Promise<void> {
  await eventually(async () => {
    expect(await stage.waiting()).toBe(count);
  });
}

/** Does something in a transaction of its own, and commits it. */
export async function committed<Result>(
  stage: DatabaseStage,
  work: (transaction: OpenTransaction) => Promise<Result>,
): Promise<Result> {
  const transaction = await stage.begin();
  const result = await work(transaction);
  await transaction.commit();
  return result;
}
