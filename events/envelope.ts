import type { ReceivedEvent } from './event.ts';
import type { EventSchemas } from './event-schemas.ts';

export { EventSchemas } from './event-schemas.ts';

/**
 * The envelope: CloudEvents 1.0 in Kafka's binary mode. Attributes are `ce_` headers, the record's value is the data
 * as JSON, its key the partition key. https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md
 */

/** An event on its way to the topic: what the outbox row knows. */
export interface EnvelopeFields {
  readonly eventId: string;
  readonly source: string;
  readonly type: string;
  readonly dataschema: string;
  /** RFC 3339, UTC, milliseconds. */
  readonly time: string;
  readonly aggregateType: string;
  readonly aggregateId: string;
  readonly aggregateVersion: number;
  readonly traceparent: string | null;
  readonly partitionKey: string;
  /** The data's JSON text, exactly as stored. */
  readonly payload: string;
}

/** A Kafka record as a consumer sees it. */
export interface RawRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: Readonly<Record<string, Buffer | string | (Buffer | string)[] | undefined>>;
}

/** Turns an event into the Kafka record that carries it. */
export function encodeEnvelope(event: EnvelopeFields): { key: string; value: string; headers: Record<string, string> } {
  return {
    key: event.partitionKey,
    value: event.payload,
    headers: {
      ce_specversion: '1.0',
      ce_id: event.eventId,
      ce_source: event.source,
      ce_type: event.type,
      ce_time: event.time,
      ce_subject: `${event.aggregateType}/${event.aggregateId}`,
      ce_aggregateversion: String(event.aggregateVersion),
      ce_dataschema: event.dataschema,
      ...(event.traceparent !== null && { ce_traceparent: event.traceparent }),
      'content-type': 'application/json',
    },
  };
}

/** What a record turned out to be. `skipped`: a type that this reader does not know, which is no error. */
export type Decoded =
  | { readonly kind: 'event'; readonly event: ReceivedEvent }
  | { readonly kind: 'skipped'; readonly type: string }
  | { readonly kind: 'poison'; readonly reason: 'undecodable' | 'schema-invalid'; readonly detail: string };

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** W3C Trace Context, any version: what is not one is nobody's trace, and no reason to refuse an event. */
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
const REQUIRED = ['ce_id', 'ce_source', 'ce_type', 'ce_subject', 'ce_dataschema', 'ce_time'] as const;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads a Kafka record as an event.
 *
 * @param record key, value and headers as they came
 * @param schemas the event types that the reader knows
 * @returns the event; or that its type is unknown; or why it is poison. Never throws: bytes from a topic can be anything.
 */
export function decodeEnvelope(record: RawRecord, schemas: EventSchemas): Decoded {
  const headers = readHeaders(record);
  if (headers === null) return undecodable('a header is no UTF-8');
  const missing = REQUIRED.filter((name) => headers[name] === undefined);
  if (missing.length > 0) return undecodable(`header ${missing.join(', ')} is missing`);
  const attribute = (name: (typeof REQUIRED)[number]): string => headers[name] ?? '';
  if (!schemas.knows(attribute('ce_type'))) return { kind: 'skipped', type: attribute('ce_type') };
  if (!UUID.test(attribute('ce_id'))) return undecodable('ce_id is no UUID');
  const slash = attribute('ce_subject').indexOf('/');
  if (slash < 1) return undecodable('ce_subject is not <aggregate type>/<id>');
  // eslint-disable-next-line no-restricted-syntax -- a version
  const aggregateVersion = Number(headers['ce_aggregateversion'] ?? '1');
  if (!Number.isSafeInteger(aggregateVersion)) return undecodable('ce_aggregateversion is no whole number');
  let data: unknown;
  try {
    // eslint-disable-next-line no-restricted-syntax -- amounts in events are strings, which their schemas demand
    data = JSON.parse(utf8.decode(record.value ?? Buffer.alloc(0)));
  } catch {
    return undecodable('the value is no JSON');
  }
  const read = schemas.read(attribute('ce_type'), attribute('ce_dataschema'), data);
  if (!read.ok) return { kind: 'poison', reason: 'schema-invalid', detail: read.detail };
  return {
    kind: 'event',
    event: {
      eventId: attribute('ce_id').toLowerCase(),
      type: attribute('ce_type'),
      dataschema: attribute('ce_dataschema'),
      source: attribute('ce_source'),
      aggregateType: attribute('ce_subject').slice(0, slash),
      aggregateId: attribute('ce_subject').slice(slash + 1),
      aggregateVersion,
      time: attribute('ce_time'),
      traceparent: TRACEPARENT.test(headers['ce_traceparent'] ?? '') ? (headers['ce_traceparent'] ?? null) : null,
      data: read.data,
    },
  };
}

function undecodable(detail: string): Decoded {
  return { kind: 'poison', reason: 'undecodable', detail };
}

function readHeaders(record: RawRecord): Record<string, string> | null {
  const read: Record<string, string> = {};
  try {
    for (const [name, raw] of Object.entries(record.headers ?? {})) {
      const value = Array.isArray(raw) ? raw[0] : raw;
      if (value !== undefined) read[name] = typeof value === 'string' ? value : utf8.decode(value);
    }
  } catch {
    return null;
  }
  return read;
}
