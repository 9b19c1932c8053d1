import type { Snapshot } from './snapshot.ts';

/**
 * How often the position from which ordinary reads begin moves forward. Also more than enough for the moment between
 * taking an id and having a number as a transaction, in which a snapshot does not know of the transaction yet.
 */
const LOW_WATER_STEP_MS = 500;
/**
 * A writing transaction that has been open for longer than this, anywhere on the server, holds the position no longer:
 * the sessions of a service end theirs after 15 s. What commits even later is found by the next read from 0.
 */
const LONGEST_WRITE_MS = 20_000;
/** How often a read begins at 0: for rows that came back, and for transactions that commit later than any may. */
const SCAN_INTERVAL_MS = 1000;
/**
 * A long snapshot elsewhere (a backup) keeps deleted rows in the way of a scan from 0; then scans take a tenth of the
 * time at most.
 */
const SCAN_SHARE = 10;
/** After a failure: quickly again at first, since most are a leader that moves; capped, so that recovery is seen soon. */
const RETRY_MIN_MS = 100;
const RETRY_MAX_MS = 3000;

/** A message that left the outbox, on its way to be the position behind which reads begin. */
interface Candidate {
  readonly id: number;
  readonly since: number;
  /** Whoever took an id before this message's was a transaction below this number. */
  readonly writersBelow: number;
}

/** How far a relay has come with one lane. Times are monotonic milliseconds. */
export class LaneProgress {
  readonly lane: number;
  /** Keys whose messages are parked instead of sent, those after the id given with each. */
  parkedKeys = new Map<string, number>();
  /** Not to be read before, after a failure. */
  waitsUntil = -Infinity;
  #failures = 0;
  #lowWaterId = 0;
  #candidate: Candidate | null = null;
  #scanDueAt = -Infinity;

  constructor(lane: number) {
    this.lane = lane;
  }

  isScanDue(now: number): boolean {
    return now >= this.#scanDueAt;
  }

  /** @returns the id after which to read */
  readAfter(now: number): number {
    return this.isScanDue(now) ? 0 : this.#lowWaterId;
  }

  /**
   * The lane was read: from 0, if that was due then.
   *
   * Ids are taken before their transactions commit, so a lower one may come after a higher one has left. Ordinary
   * reads begin behind an id only when everybody who may have taken a lower one has ended, and a read since then has
   * shown what they left: otherwise a key's next message, committed just then, would overtake it.
   *
   * @param firstId of the messages that were read of this lane; null when there were none
   */
  noteRead(readAt: number, tookMs: number, snapshot: Snapshot | null, firstId: number | null): void {
    if (this.isScanDue(readAt)) this.#scanDueAt = readAt + Math.max(SCAN_INTERVAL_MS, tookMs * SCAN_SHARE);
    if (this.#candidate === null || snapshot === null) return;
    const { id, since, writersBelow } = this.#candidate;
    const haveEnded = readAt - since >= LOW_WATER_STEP_MS && snapshot.oldestRunning >= writersBelow;
    if (!haveEnded && readAt - since < LONGEST_WRITE_MS) return;
    this.#lowWaterId = Math.max(this.#lowWaterId, Math.min(id, (firstId ?? Infinity) - 1));
    this.#candidate = null;
  }

  /** A message left the outbox. @param snapshot of the read that brought it */
  noteGone(id: number, now: number, snapshot: Snapshot): void {
    this.#failures = 0;
    this.#candidate ??= { id, since: now, writersBelow: snapshot.next };
  }

  /** A request with messages of this lane was not confirmed: the same messages again, later. */
  noteFailure(now: number): void {
    this.waitsUntil = now + Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** this.#failures++);
    // Whatever was read before, an unknown outcome is repeated from the lane's beginning.
    this.scanSoon();
  }

  /** What is known of the lane is out of date: the next read begins at 0. */
  scanSoon(): void {
    this.#scanDueAt = -Infinity;
  }
}
