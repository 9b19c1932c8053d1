import type { Static, TSchema } from '@sinclair/typebox';

/** The definition of one event type: its name on the wire, its version and the schema of its data. */
export interface EventDefinition<Data extends TSchema = TSchema> {
  /** CloudEvents `type`, for example `order.created`. */
  readonly type: string;
  /** CloudEvents `dataschema`: names the version; a change that old readers cannot read is a new topic. */
  readonly dataschema: string;
  /** Kind of aggregate that the event is about: the first half of CloudEvents' `subject`. */
  readonly aggregateType: string;
  /** TypeBox schema of the data: checked when written and when read. */
  readonly data: Data;
}

/** Declares an event type. Exists for the inference of `Data`. */
export function defineEvent<Data extends TSchema>(definition: EventDefinition<Data>): EventDefinition<Data> {
  return definition;
}

/** What a service hands to its outbox. */
export interface NewEvent<Data extends TSchema = TSchema> {
  readonly definition: EventDefinition<Data>;
  /** UUIDv7; made by the caller when it has to be known before the insert, otherwise by the outbox. */
  readonly eventId?: string;
  readonly aggregateId: string;
  /** The aggregate's version after the change. */
  readonly aggregateVersion: number;
  /** Events with equal keys keep their order and reach one consumer. */
  readonly partitionKey: string;
  readonly data: Static<Data>;
}

/** A decoded and checked event, as a consumer's handler gets it. */
export interface ReceivedEvent<Data = unknown> {
  readonly eventId: string;
  readonly type: string;
  readonly dataschema: string;
  readonly source: string;
  readonly aggregateType: string;
  readonly aggregateId: string;
  readonly aggregateVersion: number;
  /** When the change was made, RFC 3339. */
  readonly time: string;
  readonly traceparent: string | null;
  readonly data: Data;
}
