import { FaultDice } from '../../../simulator/fault-dice.ts';
import { Process, Scheduler } from '../../../simulator/scheduler.ts';
import type { Transaction } from '../../../simulator/store/database.ts';
import { SimulatedInboxStore } from '../../../simulator/store/inbox-store.ts';
import { SimulatedLedgerStore } from '../../../simulator/store/ledger-store.ts';
import { SimulatedOrderStore } from '../../../simulator/store/order-store.ts';
import { ServiceDatabase } from '../../../simulator/store/service-database.ts';
import { SimulatedWriteStore } from '../../../simulator/store/write-store.ts';
import type { DatabaseStage } from './database-stage.ts';
import { runBeside } from './simulated-time.ts';

const SEED = 1;

/** A simulated database that works: no fault strikes, nothing is late. */
export function simulatedDatabase(): Promise<DatabaseStage> {
  const scheduler = new Scheduler(SEED);
  scheduler.isCalm = true;
  const dice = new FaultDice(scheduler, () => undefined);
  dice.isCalm = true;
  const database = new ServiceDatabase('simulated', scheduler, dice, {
    onCommit: () => undefined,
    count: () => undefined,
  });
  const process = new Process('test');
  const stop = runBeside(scheduler);
  const open = new Set<Transaction>();
  return Promise.resolve({
    begin: async () => {
      const transaction = await database.begin(process);
      open.add(transaction);
      return transaction;
    },
    inbox: new SimulatedInboxStore(database, process),
    writes: new SimulatedWriteStore(database, process),
    ledger: (transaction: Transaction) => new SimulatedLedgerStore(database, transaction),
    orders: (transaction: Transaction) => new SimulatedOrderStore(database, transaction),
    inboxCounts: (eventId) => {
      const row = database.inbox.rows.get(eventId);
      return Promise.resolve(row === undefined ? null : { attempts: row.attempts, duplicates: row.duplicates });
    },
    openAccount: (account) => {
      const now = new Date();
      database.accounts.rows.set(account.userId, { ...account, createdAt: now, updatedAt: now });
      return Promise.resolve();
    },
    waiting: () => Promise.resolve(database.waitingTransactions),
    endAll: async () => {
      for (const transaction of open) await transaction.rollback().catch(() => undefined);
      open.clear();
    },
    close: stop,
  });
}
