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

/** What is written to the outbox for an event; the database adds id, time and size. */
export interface OutboxRow {
  readonly eventId: string;
  readonly aggregateType: string;
  readonly aggregateId: string;
  readonly aggregateVersion: number;
  readonly partitionKey: string;
  readonly lane: number;
  readonly type: string;
  /** JSON text. */
  readonly payload: string;
  /** JSON text: `dataschema`, and `traceparent` if there is one. */
  readonly headers: string;
}

/** What a service publishes, and how. */
export interface OutboxRules {
  /** The event types that the service may publish. */
  readonly schemas: EventSchemas;
  readonly lanes: number;
  /** Makes the id of an event that was given none. */
  readonly newEventId?: () => string;
}

/**
 * Makes an event's row. Pure but for a new id.
 *
 * @throws OutboxRefused when the event cannot be published
 */
export function toOutboxRow(event: NewEvent, rules: OutboxRules, traceparent: string | null): OutboxRow {
  const { definition, aggregateId, aggregateVersion, partitionKey } = event;
  return {
    payload: toPayload(event, rules.schemas),
    eventId: event.eventId ?? (rules.newEventId ?? uuidv7)(),
    aggregateType: definition.aggregateType,
    aggregateId,
    aggregateVersion,
    partitionKey,
    lane: laneOf(partitionKey, rules.lanes),
    type: definition.type,
    headers: JSON.stringify({ dataschema: definition.dataschema, ...(traceparent !== null && { traceparent }) }),
  };
}

/** @returns the event's data as JSON text */
function toPayload(event: NewEvent, schemas: EventSchemas): string {
  const { definition } = event;
  const wrong = schemas.check(definition, event.data) ?? wrongName(event);
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
