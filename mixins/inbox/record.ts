import { createHash } from 'node:crypto';
import { decodeEnvelope, type EventSchemas, type RawRecord } from '../../events/envelope.ts';
import type { ReceivedEvent } from '../../events/event.ts';

/** A Kafka record with its place and times. */
export interface ArrivedRecord extends RawRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  /** When Kafka appended it. */
  readonly kafkaTime: Date;
  /** When this node got it. */
  readonly receivedAt: Date;
}

/** What an event is about; its events are handled in order, or not at all. */
export interface Aggregate {
  readonly type: string;
  readonly id: string;
}

/**
 * Why an event lies among the dead letters:
 * `undecodable`, `schema-invalid`: its bytes; `refused`: the handler said never; `data-error`: the database refuses a
 * value (SQLSTATE class 22); `payload-mismatch`: its id came before with another payload; `killed-the-process`: the
 * node died of it, alone; `follows`: nothing is wrong with it, but an earlier event of its aggregate lies here.
 */
export type DeadLetterReason =
  'undecodable' | 'schema-invalid' | 'refused' | 'data-error' | 'payload-mismatch' | 'killed-the-process' | 'follows';

/** Why a record cannot be handled now, or ever. */
export interface Poison {
  readonly reason: DeadLetterReason;
  readonly error: string;
}

/** A record as the inbox sees it: `event`, or `poison`. */
export interface InboxMessage {
  readonly record: ArrivedRecord;
  /** `topic/partition/offset`: its name among all records. */
  readonly place: string;
  readonly eventId: string | null;
  readonly type: string | null;
  readonly aggregate: Aggregate | null;
  readonly payloadHash: Buffer;
  readonly event: ReceivedEvent | null;
  readonly poison: Poison | null;
  /** Attempts that ended before it came here: of a dead letter that is replayed. */
  readonly triedBefore?: number;
}

/** `topic/partition/offset` of a record. */
export function placeOf({ topic, partition, offset }: ArrivedRecord): string {
  return `${topic}/${partition}/${offset}`;
}

/**
 * An inbox id for a record as such, whatever it says of itself: who discards a dead letter leaves it behind, so that the
 * record is not parked again when the topic is read again. Like a UUIDv7 it begins with a time, and so leaves with it.
 */
export function placeId(record: ArrivedRecord): string {
  const time = BigInt(record.kafkaTime.getTime()).toString(16).padStart(12, '0').slice(-12);
  const hash = createHash('sha256').update(placeOf(record)).digest('hex');
  return `${time.slice(0, 8)}-${time.slice(8)}-8${hash.slice(0, 3)}-8${hash.slice(3, 6)}-${hash.slice(6, 18)}`;
}

/** A name of an aggregate for maps and locks. */
export function aggregateKey({ type, id }: Aggregate): string {
  return `${type}/${id}`;
}

/**
 * Reads a record.
 *
 * @returns the message; null when its type is none that the consumer knows, which is no error
 */
export function readRecord(record: ArrivedRecord, schemas: EventSchemas): InboxMessage | null {
  const decoded = decodeEnvelope(record, schemas);
  switch (decoded.kind) {
    case 'skipped':
      return null;
    case 'poison':
      return { ...unreadMessage(record), poison: { reason: decoded.reason, error: decoded.detail } };
    case 'event':
      return { ...unreadMessage(record), event: decoded.event };
  }
}

/** A message by its headers alone: for one that nobody dares to decode. */
export function unreadMessage(record: ArrivedRecord): InboxMessage {
  const id = header(record, 'ce_id')?.toLowerCase();
  const subject = header(record, 'ce_subject') ?? '';
  const slash = subject.indexOf('/');
  return {
    record,
    place: placeOf(record),
    eventId: id !== undefined && UUID.test(id) ? id : null,
    type: header(record, 'ce_type') ?? null,
    aggregate: slash < 1 ? null : { type: subject.slice(0, slash), id: subject.slice(slash + 1) },
    payloadHash: createHash('sha256')
      .update(record.value ?? '')
      .digest(),
    event: null,
    poison: null,
  };
}

/** The W3C trace context that a message came with, whatever else is wrong with it. */
export function traceparentOf({ event, record }: InboxMessage): string | null {
  return event === null ? (header(record, 'ce_traceparent') ?? null) : event.traceparent;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A header as text that PostgreSQL takes: it has no NUL, and bytes that are no UTF-8 become U+FFFD. */
function header(record: ArrivedRecord, name: string): string | undefined {
  const raw = record.headers?.[name];
  const value = Array.isArray(raw) ? raw[0] : raw;
  return value?.toString().replaceAll('\0', '\uFFFD');
}
