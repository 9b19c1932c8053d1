import { FaultDice } from '../../../simulator/fault-dice.ts';
import { ProcessClock } from '../../../simulator/process-clock.ts';
import { Process, Scheduler } from '../../../simulator/scheduler.ts';
import type { Transaction } from '../../../simulator/store/database.ts';
import { SimulatedLaneSession } from '../../../simulator/store/lane-session.ts';
import { addToSimulatedOutbox } from '../../../simulator/store/outbox.ts';
import { ServiceDatabase } from '../../../simulator/store/service-database.ts';
import { LANES, RULES, type OutboxStage } from './outbox-stage.ts';
import { runBeside } from './simulated-time.ts';

const SEED = 2;

/** A simulated outbox that works: no fault strikes, nothing is late. */
export function simulatedOutbox(): Promise<OutboxStage> {
  const scheduler = new Scheduler(SEED);
  scheduler.isCalm = true;
  const dice = new FaultDice(scheduler, () => undefined);
  dice.isCalm = true;
  const hooks = { onCommit: () => undefined, count: () => undefined };
  const database = new ServiceDatabase('simulated', scheduler, dice, hooks);
  const process = new Process('test');
  const clock = new ProcessClock(scheduler, process);
  const stop = runBeside(scheduler);
  const open = new Set<Transaction>();
  const sessions = new Set<SimulatedLaneSession>();
  return Promise.resolve({
    openSession: async (onEnd = () => undefined) => {
      const onNotify = (): void => undefined;
      const session = await SimulatedLaneSession.open({
        database,
        process,
        dice,
        lanes: LANES,
        clock,
        onNotify,
        onEnd,
      });
      sessions.add(session);
      return session;
    },
    begin: async () => {
      const transaction = await database.begin(process);
      open.add(transaction);
      return transaction;
    },
    look: (transaction: Transaction) =>
      database.execute(transaction, 'looks', function* () {
        database.readAll(transaction, database.outbox);
      }),
    addToOutbox: (events, transaction: Transaction) => addToSimulatedOutbox(database, RULES, events, transaction),
    discardParked: (ids, transaction: Transaction) =>
      database.execute(transaction, 'discards', function* () {
        for (const { lane, id } of database.readAll(transaction, database.outboxParked)) {
          if (!ids.includes(id)) continue;
          const key = `${lane}/${id}`;
          yield* database.lockRow(transaction, database.outboxParked, key);
          database.write(transaction, database.outboxParked, key, undefined);
        }
      }),
    endSessions: () => {
      database.endLaneSessions();
      return Promise.resolve();
    },
    waiting: () => Promise.resolve(database.waitingTransactions),
    clear: async () => {
      await Promise.all([...sessions].map((session) => session.close()));
      sessions.clear();
      for (const transaction of open) await transaction.rollback().catch(() => undefined);
      open.clear();
      database.outbox.rows.clear();
      database.outboxParked.rows.clear();
    },
    close: stop,
  });
}
