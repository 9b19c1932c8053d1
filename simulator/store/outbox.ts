import type { NewEvent } from '../../events/event.ts';
import { toOutboxRow, type OutboxRules } from '../../mixins/outbox/outbox-row.ts';
import type { Transaction } from './database.ts';
import type { ServiceDatabase } from './service-database.ts';

/** As the mixin's `addToOutbox`: the same rows, in the same transaction. */
export function addToSimulatedOutbox(
  database: ServiceDatabase,
  rules: OutboxRules,
  events: readonly NewEvent[],
  transaction: Transaction,
): Promise<void> {
  if (events.length === 0) return Promise.resolve();
  const rows = events.map((event) => toOutboxRow(event, rules, null));
  return database.execute(transaction, `adds ${rows.length} events to the outbox`, function* () {
    for (const row of rows) {
      const stored = { ...row, id: database.nextId(), createdAtMs: database.scheduler.nowMs };
      yield* database.insert(transaction, database.outbox, `${row.lane}/${stored.id}`, stored);
    }
  });
}
