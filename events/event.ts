import type { Static, TSchema } from '@sinclair/typebox';

/** The definition of one event type: its name on the wire, its version and the schema of its data. */
export interface EventDefinition<Data extends TSchema = TSchema> {
  /** CloudEvents `type`, for example `order.created`. */
  readonly type: string;
  /** CloudEvents `dataschema`: `<type>/<version>`; a change that old readers cannot read is a new topic. */
  readonly dataschema: string;
  /** Kind of aggregate that the event is about: the first half of CloudEvents' `subject`. */
  readonly aggregateType: string;
  /** TypeBox schema of the data: checked when written and when read. */
  readonly data: Data;
  /** The version before this one, which the topic still holds and other nodes may still write. */
  readonly previous?: PreviousVersion;
}

/** How to read what was written in the version before. */
export interface PreviousVersion {
  readonly definition: EventDefinition;
  /** Makes data of that version into data of the next one. Pure: the same event is read again and again. */
  readonly upcast: (data: never) => unknown;
}

/** Declares an event type, or the first version of one. Exists for the inference of `Data`. */
export function defineEvent<Data extends TSchema>(definition: EventDefinition<Data>): EventDefinition<Data> {
  return definition;
}

/**
 * Declares the next version of an event type. Who reads this version is given older events as this version, too.
 *
 * @param previous the version before, which may itself have one before it
 * @param next name and schema of this version; an old reader ignores fields that it does not know, and needs the others
 * @param upcast makes data of the previous version into data of this one
 * @throws Error when the two have the same name
 */
export function nextVersion<Before extends TSchema, Data extends TSchema>(
  previous: EventDefinition<Before>,
  next: { readonly dataschema: string; readonly data: Data },
  upcast: (data: Static<Before>) => Static<Data>,
): EventDefinition<Data> {
  const { type, aggregateType } = previous;
  if (next.dataschema === previous.dataschema) throw new Error(`${next.dataschema} is the version before: count on.`);
  return { ...next, type, aggregateType, previous: { definition: previous, upcast } };
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
