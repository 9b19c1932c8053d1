import { EventSchemas } from '../../../events/envelope.ts';
import { moved, parcelMoved } from '../../support/consuming-service.ts';
import { readRecord, type ArrivedRecord, type InboxMessage } from '../../../mixins/inbox/record.ts';

const schemas = new EventSchemas([parcelMoved]);

/** A record at a place. */
export function record(partition: number, offset: number, parcel = 'a', to = 'depot', eventId?: string): ArrivedRecord {
  const { key, value, headers } = moved(parcel, to, eventId === undefined ? {} : { eventId });
  return {
    topic: 'parcels',
    partition,
    offset: BigInt(offset),
    key: Buffer.from(key as string),
    value: Buffer.from(value as string),
    headers: headers as Record<string, string>,
    kafkaTime: new Date(0),
    receivedAt: new Date(0),
  };
}

/** A message that can be read. */
export function message(...parts: Parameters<typeof record>): InboxMessage {
  const read = readRecord(record(...parts), schemas);
  if (read === null) throw new Error('This type is unknown.');
  return read;
}
