/** What a relay counts. Totals only rise; the others are what was seen last. */
export interface RelayCounters {
  publishedTotal: number;
  parkedTotal: number;
  /** Requests that were not confirmed and were, or will be, repeated. */
  failedRequestsTotal: number;
  /** From the insert of the oldest message of the last request to its confirmation. */
  lagMs: number;
  /** Sum over all published messages: divided by `publishedTotal`, the mean lag. */
  lagMsTotal: number;
  /** Age of the oldest message that waits in the lanes held here. */
  oldestAgeMs: number;
  /** Messages that wait in the lanes held here. */
  backlog: number;
  /** What keeps events in the outbox just now, as a sentence; null when nothing does. */
  trouble: string | null;
}

/** A snapshot of the counters, and the lanes that go with them. */
export interface RelayStats extends Readonly<RelayCounters> {
  readonly lanes: readonly number[];
}

export function newRelayCounters(): RelayCounters {
  return {
    publishedTotal: 0,
    parkedTotal: 0,
    failedRequestsTotal: 0,
    lagMs: 0,
    lagMsTotal: 0,
    oldestAgeMs: 0,
    backlog: 0,
    trouble: 'the relay has not started yet',
  };
}
