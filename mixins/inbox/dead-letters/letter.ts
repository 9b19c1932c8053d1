import type { ActedLetter, Outcome } from '../../../contract/dead-letters.ts';
import type { ArrivedRecord, DeadLetterReason } from '../record.ts';

/** A dead letter of a consumer, without its content. */
export interface LetterHead {
  readonly id: string;
  readonly consumer: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly eventId: string | null;
  readonly type: string | null;
  readonly aggregateType: string | null;
  readonly aggregateId: string | null;
  readonly reason: DeadLetterReason;
  readonly error: string;
  readonly kafkaTime: Date;
  readonly parkedAt: Date;
  readonly node: string;
  /** Replays that it did not survive, or that refused it again. */
  readonly attempts: number;
  readonly attemptedAt: Date | null;
  /** A node ended while it had this one in hand with others: it is tried alone. */
  readonly suspect: boolean;
  /** How many earlier letters of its aggregate lie here. */
  readonly behind: number;
}

/** A dead letter as it came from the topic. */
export interface Letter extends LetterHead {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** Text as text, bytes that are none as `{"base64": …}`. */
  readonly headers: Readonly<Record<string, StoredHeader | StoredHeader[]>>;
}

export type StoredHeader = string | { readonly base64: string };

/** A letter as the record that it was. */
export function toRecord(letter: Letter): ArrivedRecord {
  return {
    topic: letter.topic,
    partition: letter.partition,
    offset: BigInt(letter.offset),
    key: letter.key,
    value: letter.value,
    headers: Object.fromEntries(
      Object.entries(letter.headers).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.map(headerBytes) : headerBytes(value),
      ]),
    ),
    kafkaTime: letter.kafkaTime,
    receivedAt: letter.parkedAt,
  };
}

function headerBytes(header: StoredHeader): Buffer {
  return typeof header === 'string' ? Buffer.from(header) : Buffer.from(header.base64, 'base64');
}

/** `type/id`; null for a letter that names none. */
export function aggregateOf(letter: LetterHead): string | null {
  return letter.aggregateType === null || letter.aggregateId === null
    ? null
    : `${letter.aggregateType}/${letter.aggregateId}`;
}

/** `topic/partition/offset`. */
export function placeOfLetter({ topic, partition, offset }: LetterHead): string {
  return `${topic}/${partition}/${offset}`;
}

/** True when a try may end the process. */
export function mayKill({ reason }: LetterHead): boolean {
  return reason === 'killed-the-process';
}

/** The letter in an act's report. */
export function acted(letter: LetterHead, outcome: Outcome, detail: string | null = null): ActedLetter {
  return {
    id: letter.id,
    consumer: letter.consumer,
    place: placeOfLetter(letter),
    eventId: letter.eventId,
    type: letter.type,
    aggregate: aggregateOf(letter),
    outcome,
    detail,
  };
}
