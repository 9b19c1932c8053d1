import { sqlState } from '../database/errors.ts';
import { errorText } from '../../problems/error-text.ts';

/**
 * Thrown by a handler that will never accept an event, whatever else happens: the event becomes a dead letter, its
 * neighbours are handled. For anything that may pass, throw something else: it is tried again.
 */
export class EventRefused extends Error {
  override readonly name = 'EventRefused';
  readonly type = 'event-refused';
  readonly eventId: string;

  /**
   * @param eventId which of the events that the handler was given
   * @param reason a sentence for the operator who finds the dead letter
   */
  constructor(eventId: string, reason: string) {
    super(reason);
    this.eventId = eventId;
  }
}

/** What a failed attempt at a batch means. */
export type Failure =
  | { readonly kind: 'refused'; readonly eventId: string; readonly error: string }
  /** One of the batch's events has data that the database refuses; which one is not known. */
  | { readonly kind: 'data-error'; readonly error: string }
  | { readonly kind: 'retry'; readonly error: string };

/** SQLSTATE class 22: the value itself is at fault, now and for ever. */
const DATA_EXCEPTION = /^22/;

/**
 * Says what a failed attempt means. What is poison is a whitelist: all else (no space, too many connections, a
 * deadlock, a unique violation, a bug) may pass or be repaired, and an event set aside by mistake is worse than one
 * that waits.
 *
 * @param error whatever the transaction threw
 */
export function classifyFailure(error: unknown): Failure {
  if (error instanceof EventRefused) return { kind: 'refused', eventId: error.eventId, error: error.message };
  const state = sqlState(error);
  const message = errorText(error);
  if (state !== null && DATA_EXCEPTION.test(state)) return { kind: 'data-error', error: `${state}: ${message}` };
  return { kind: 'retry', error: state === null ? message : `${state}: ${message}` };
}
