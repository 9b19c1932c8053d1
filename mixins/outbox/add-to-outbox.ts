import type { Sequelize, Transaction } from 'sequelize';
import type { NewEvent } from '../../events/event.ts';
import { run } from '../database/statement.ts';
import { OutboxRefused, toOutboxRow, type OutboxRow, type OutboxRules } from './outbox-row.ts';

/** What `addToOutbox` needs besides its arguments. */
export interface OutboxWriter extends OutboxRules {
  readonly sequelize: Sequelize;
}

/** Ids are taken after the sort: they rise in the list's order. */
const INSERT = {
  name: 'outbox-insert',
  text: `
  INSERT INTO outbox
    (event_id, aggregate_type, aggregate_id, aggregate_version, partition_key, lane, type, payload, headers)
  SELECT event_id, aggregate_type, aggregate_id, aggregate_version, partition_key, lane, type, payload::json, headers::json
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::int[], $7::text[], $8::text[], $9::text[])
    WITH ORDINALITY AS event
    (event_id, aggregate_type, aggregate_id, aggregate_version, partition_key, lane, type, payload, headers, position)
  ORDER BY position`,
};

/**
 * Writes events to the outbox, in the list's order, as part of a transaction: they are published if and only if it commits.
 *
 * @param traceparentOf W3C trace context that goes with an event; none unless given
 * @returns the transaction
 * @throws OutboxRefused before anything is written, when there is no live transaction or an event cannot be published
 */
export async function addToOutbox(
  writer: OutboxWriter,
  events: readonly NewEvent[],
  transaction: Transaction | null | undefined,
  traceparentOf: (event: NewEvent) => string | null = () => null,
): Promise<Transaction> {
  const live = assertLive(transaction, writer.sequelize);
  if (events.length === 0) return live;
  const rows = events.map((event) => toOutboxRow(event, writer, traceparentOf(event)));
  const column = <Name extends keyof OutboxRow>(name: Name): OutboxRow[Name][] => rows.map((row) => row[name]);
  await run(live, INSERT, [
    column('eventId'),
    column('aggregateType'),
    column('aggregateId'),
    column('aggregateVersion'),
    column('partitionKey'),
    column('lane'),
    column('type'),
    column('payload'),
    column('headers'),
  ]);
  return live;
}

/** Sequelize marks a transaction as finished, but its types don't say so. */
function assertLive(transaction: (Transaction & { finished?: string }) | null | undefined, of: Sequelize): Transaction {
  if (!transaction) {
    throw new OutboxRefused(
      'outbox-no-transaction',
      'Events go to the outbox in the transaction of the change that they report: pass { transaction }.',
    );
  }
  if (transaction.finished !== undefined) {
    throw new OutboxRefused(
      'outbox-no-transaction',
      `The transaction is over (${transaction.finished}): add events before it commits, and await addToOutbox.`,
    );
  }
  if ((transaction as { sequelize?: unknown }).sequelize !== of) {
    throw new OutboxRefused('outbox-no-transaction', 'The transaction belongs to another database than the outbox.');
  }
  return transaction;
}
