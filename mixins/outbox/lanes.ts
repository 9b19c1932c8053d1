/**
 * Lanes: what relays share among themselves. All events of one partition key are in one lane, and one relay at a time
 * holds a lane, so a key's order needs no other lock.
 */

/** Enough to spread over sixteen nodes, few enough that an idle relay's one query over all of them is cheap. */
export const DEFAULT_LANES = 16;

/**
 * The lane of a partition key: FNV-1a over its UTF-8 bytes, high half folded into the low one, since the low bits of
 * FNV-1a alone see only the low bits of each byte. http://www.isthe.com/chongo/tech/comp/fnv/
 *
 * Stable for ever: rows that wait were given their lane by an older version of the code.
 *
 * @param partitionKey any string
 * @param lanes how many lanes there are
 * @returns 0 … lanes − 1
 */
export function laneOf(partitionKey: string, lanes: number): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(partitionKey, 'utf8')) hash = Math.imul(hash ^ byte, 0x01000193);
  return ((hash ^ (hash >>> 16)) >>> 0) % lanes;
}

/** What one relay sees of all locks: who takes part, and which lanes somebody else holds. */
export interface LaneOwnership {
  /** Relays that take part, this one included. */
  readonly members: number;
  readonly heldHere: readonly number[];
  readonly heldElsewhere: readonly number[];
}

/**
 * The step of one relay towards equal shares. Repeated by every relay it ends with no lane free and no relay above
 * its share; nobody has to agree with anybody, the locks decide.
 *
 * @param lanes how many lanes there are
 * @param ownership the locks as they are now
 * @param firstChoice any number; different relays give different ones, so that they try for different free lanes
 * @returns lanes to give up, and free lanes to try for
 */
export function stepTowardsShare(
  lanes: number,
  ownership: LaneOwnership,
  firstChoice: number,
): { readonly release: number[]; readonly claim: number[] } {
  const share = Math.ceil(lanes / Math.max(1, ownership.members));
  const surplus = ownership.heldHere.length - share;
  if (surplus >= 0) return { release: ownership.heldHere.slice(0, surplus), claim: [] };
  const taken = new Set([...ownership.heldHere, ...ownership.heldElsewhere]);
  const free = Array.from({ length: lanes }, (_, index) => (index + firstChoice) % lanes).filter(
    (lane) => !taken.has(lane),
  );
  return { release: [], claim: free.slice(0, -surplus) };
}
