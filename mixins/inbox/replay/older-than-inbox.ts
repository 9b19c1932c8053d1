import type { ReceivedEvent } from '../../../events/event.ts';

const UUID_V7 = /^([0-9a-f]{8})-([0-9a-f]{4})-7/;

/**
 * How many events are older than anything that the inbox still knows: a row that it had of them is gone with its
 * partition. Ids without a time are not counted: their rows go by the time at which they came. Pure.
 *
 * @param reachesBackTo start of the oldest partition of the inbox, milliseconds since the epoch; null when it has none
 */
export function countOlderThan(
  events: readonly Pick<ReceivedEvent, 'eventId'>[],
  reachesBackTo: number | null,
): number {
  if (reachesBackTo === null) return 0;
  return events.filter(({ eventId }) => {
    const [, high = '', low = ''] = UUID_V7.exec(eventId) ?? [];
    return high !== '' && parseInt(high + low, 16) < reachesBackTo;
  }).length;
}
