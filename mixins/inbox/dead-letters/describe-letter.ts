import { cut, readable } from '../../dead-letters/readable.ts';
import type { DeadLetterReason } from '../record.ts';
import type { Letter } from './letter.ts';

/** What an operator may do about a letter, by why it lies here. */
const ADVICE: Readonly<Record<DeadLetterReason, string>> = {
  undecodable:
    'Its bytes are no event. A replay works only after a release that can read them; otherwise have it sent again by whoever sent it, and discard it.',
  'schema-invalid':
    'Its data does not fit its schema. A replay works only after a release whose schema takes it; otherwise have a corrected event sent under a new id, and discard it.',
  refused:
    'The handler said never. A replay works once the handler, or what it decides on, is another; a dry run tells.',
  'data-error':
    'The database refuses a value of it. A replay works once the column or the handler takes it; a dry run tells.',
  'payload-mismatch':
    'Its id was settled before with other content, so a replay as it is cannot work. Find out which of the two is right; if this one is, have it sent under a new id; then discard it.',
  'killed-the-process':
    'A try, a dry run too, may end the node again. Find the cause first; then replay it with force, at a quiet time: it is tried alone.',
  follows: 'Nothing is wrong with it. It goes on by itself when what stands before it is replayed or discarded.',
};

/** What `show` says of a letter besides what lists say. */
export function describeLetter(letter: Letter): object {
  return {
    advice: ADVICE[letter.reason],
    kafkaTime: letter.kafkaTime,
    node: letter.node,
    attemptedAt: letter.attemptedAt,
    key: readable(letter.key),
    headers: Object.fromEntries(
      Object.entries(letter.headers).map(([name, value]) => [
        cut(name),
        typeof value === 'string' ? cut(value) : value,
      ]),
    ),
    value: readable(letter.value),
  };
}
