import type { Parked } from './inbox-store.ts';
import { aggregateKey, placeId, type InboxMessage, type Poison } from './record.ts';

/** What the database says about a batch before it is settled. */
export interface Known {
  /** Aggregates that have dead letters. */
  readonly parkedAggregates: ReadonlySet<string>;
  /**
   * Payload hashes of those events that were settled before, and of discarded records under their place's id; only of
   * messages that may have to be parked.
   */
  readonly settledHashes: ReadonlyMap<string, Buffer>;
  /** What earlier attempts at this batch have found out, by place. */
  readonly findings: ReadonlyMap<string, Poison>;
}

export interface Plan {
  /** To be handled, unless their inbox rows are there already; each id once. */
  readonly candidates: InboxMessage[];
  /** To be parked, in order. */
  readonly parked: Parked[];
  readonly duplicates: number;
  /** Of the duplicates the events that were settled: an id as often as it came. */
  readonly again: string[];
}

const MISMATCH: Poison = {
  reason: 'payload-mismatch',
  error: 'An event with this id and another payload was settled before. One of the two has a wrong id.',
};

/**
 * Sorts a batch into what is handled, what is parked and what was there before. After something of an aggregate is
 * parked, what follows of it is parked too, so that it can be replayed in order. Pure.
 *
 * @param messages in order of arrival
 */
export function planBatch(messages: readonly InboxMessage[], known: Known): Plan {
  const plan: Plan & { duplicates: number } = { candidates: [], parked: [], duplicates: 0, again: [] };
  const closed = new Set(known.parkedAggregates);
  const seen = new Map<string, Buffer>();
  for (const message of messages) {
    const before =
      message.eventId === null ? undefined : (known.settledHashes.get(message.eventId) ?? seen.get(message.eventId));
    const sameBefore = before?.equals(message.payloadHash) === true;
    const poison =
      known.findings.get(message.place) ??
      (sameBefore ? null : message.poison) ??
      (before !== undefined && !sameBefore ? MISMATCH : null);
    const key = message.aggregate === null ? null : aggregateKey(message.aggregate);
    if (poison !== null && known.settledHashes.has(placeId(message.record))) {
      // Discarded: it is not parked again, and nothing has to follow it.
      plan.duplicates++;
    } else if (poison !== null) {
      plan.parked.push({ message, poison });
      if (key !== null) closed.add(key);
    } else if (sameBefore) {
      plan.duplicates++;
      if (message.eventId !== null) plan.again.push(message.eventId);
    } else if (key !== null && closed.has(key)) {
      plan.parked.push({ message, poison: { reason: 'follows', error: `It follows a dead letter of ${key}.` } });
    } else {
      plan.candidates.push(message);
      if (message.eventId !== null) seen.set(message.eventId, message.payloadHash);
    }
  }
  return plan;
}

/** The finding for a message whose inbox row turned out to have another payload. */
export function mismatch(message: InboxMessage): [place: string, poison: Poison] {
  return [message.place, MISMATCH];
}
