/** What a consumer has done since its node started: counters only grow, `lag` is what was seen last. */
export interface ConsumerStats {
  /** Records taken from the topic, those read again included. */
  received: number;
  /** Events that the handler was given in a transaction that was committed. */
  settled: number;
  /** Events whose inbox rows were there already. */
  duplicates: number;
  /** Records of a type that the consumer does not know. */
  skipped: number;
  /** New dead letters. */
  parked: number;
  /** Committed transactions. */
  batches: number;
  /** Attempts that failed for a reason that may pass. */
  retries: number;
  /** Times that the member of the group was replaced by a new one. */
  replacements: number;
  /** Records that wait in the partitions held here, when that was asked last; null before. */
  lag: number | null;
  /** When something was settled last, milliseconds since the epoch. */
  lastProgressAt: number | null;
}

export function emptyStats(): ConsumerStats {
  return {
    received: 0,
    settled: 0,
    duplicates: 0,
    skipped: 0,
    parked: 0,
    batches: 0,
    retries: 0,
    replacements: 0,
    lag: null,
    lastProgressAt: null,
  };
}
