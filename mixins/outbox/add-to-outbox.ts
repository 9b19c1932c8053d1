import type { Sequelize, Transaction } from 'sequelize';
import { uuidv7 } from 'uuidv7';
import type { EventSchemas } from '../../events/envelope.ts';
import type { NewEvent } from '../../events/event.ts';
import { laneOf } from './lanes.ts';

/** An event's JSON text may have this many bytes: well below what a topic takes (1 MiB), even in a full request. */
export const MAX_PAYLOAD_BYTES = 256 * 1024;
/** Keys and ids are names, not data. */
const MAX_NAME_BYTES = 1024;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Why an event was not written. The transaction is as it was before: the caller decides whether to roll back. */
export type OutboxRefusal = 'outbox-no-transaction' | 'outbox-event-invalid' | 'outbox-event-too-large';

/** A mistake of the calling code: nothing that a retry would change. */
export class OutboxRefused extends Error {
  override readonly name = 'OutboxRefused';
  readonly type: OutboxRefusal;

  constructor(type: OutboxRefusal, message: string) {
    super(message);
    this.type = type;
  }
}

/** What `addToOutbox` needs besides its arguments. */
export interface OutboxWriter {
  readonly sequelize: Sequelize;
  /** The event types that the service may publish. */
  readonly schemas: EventSchemas;
  readonly lanes: number;
}

/** Ids are taken after the sort: they rise in the list's order. */
const INSERT = `
  INSERT INTO outbox
    (event_id, aggregate_type, aggregate_id, aggregate_version, partition_key, lane, type, payload, headers)
  SELECT event_id, aggregate_type, aggregate_id, aggregate_version, partition_key, lane, type, payload::json, headers::json
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::int[], $7::text[], $8::text[], $9::text[])
    WITH ORDINALITY AS event
    (event_id, aggregate_type, aggregate_id, aggregate_version, partition_key, lane, type, payload, headers, position)
  ORDER BY position`;

/**
 * Writes events to the outbox, in the list's order, as part of a transaction: they are published if and only if it commits.
 *
 * @returns the transaction
 * @throws OutboxRefused before anything is written, when there is no live transaction or an event cannot be published
 */
export async function addToOutbox(
  writer: OutboxWriter,
  events: readonly NewEvent[],
  transaction: Transaction | null | undefined,
  traceparent: string | null,
): Promise<Transaction> {
  const live = assertLive(transaction, writer.sequelize);
  if (events.length === 0) return live;
  const payloads = events.map((event) => toPayload(event, writer.schemas));
  await writer.sequelize.query(INSERT, {
    transaction: live,
    bind: [
      events.map((event) => event.eventId ?? uuidv7()),
      events.map((event) => event.definition.aggregateType),
      events.map((event) => event.aggregateId),
      events.map((event) => event.aggregateVersion),
      events.map((event) => event.partitionKey),
      events.map((event) => laneOf(event.partitionKey, writer.lanes)),
      events.map((event) => event.definition.type),
      payloads,
      events.map((event) =>
        JSON.stringify({ dataschema: event.definition.dataschema, ...(traceparent !== null && { traceparent }) }),
      ),
    ],
  });
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

/** @returns the event's data as JSON text */
function toPayload(event: NewEvent, schemas: EventSchemas): string {
  const { definition } = event;
  const wrong = schemas.check(definition.type, event.data) ?? wrongName(event);
  if (wrong !== null) {
    throw new OutboxRefused('outbox-event-invalid', `The event ${definition.type} cannot be published: ${wrong}.`);
  }
  const payload = JSON.stringify(event.data);
  const bytes = Buffer.byteLength(payload);
  if (bytes > MAX_PAYLOAD_BYTES) {
    throw new OutboxRefused(
      'outbox-event-too-large',
      `The event ${definition.type} has ${bytes} bytes of data; ${MAX_PAYLOAD_BYTES} is the limit. Put a reference into it instead.`,
    );
  }
  return payload;
}

function wrongName(event: NewEvent): string | null {
  if (event.eventId !== undefined && !UUID.test(event.eventId)) return 'its eventId is no UUID';
  if (!Number.isSafeInteger(event.aggregateVersion)) return 'its aggregateVersion is no whole number';
  for (const name of ['aggregateId', 'partitionKey'] as const) {
    const value = event[name];
    if (value === '' || value.includes('\0')) return `its ${name} is empty or holds a NUL`;
    if (Buffer.byteLength(value) > MAX_NAME_BYTES) return `its ${name} has more than ${MAX_NAME_BYTES} bytes`;
  }
  return null;
}
