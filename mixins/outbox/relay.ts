import { crashPoint } from '../../crash-points/crash-point.ts';
import type { Logger } from '../../kafka/client.ts';
import { LaneProgress } from './lane-progress.ts';
import type { OutboxMessage } from './message.ts';
import type { RelayCounters } from './relay-stats.ts';
import type { Snapshot } from './snapshot.ts';
import { errorText } from '../../problems/error-text.ts';

/**
 * The database session that holds the lanes. All of it ends at once, and every method rejects from then on. The promises
 * of `PostgresLaneSession` and of the simulator's session are one test suite.
 */
export interface LaneSession {
  /** Lanes held now; none once the session has ended. */
  heldLanes(): readonly number[];
  /** Asked right before each send: whether the session, and so every lane of it, is still held. */
  isHeld(): Promise<boolean>;
  /** The oldest messages of each lane after a position: lanes in the order given, ids rising within a lane. */
  read(positions: readonly Position[], limits: ReadLimits): Promise<OutboxRead>;
  remove(messages: readonly OutboxMessage[]): Promise<void>;
  /**
   * Moves messages out of the lane's way, into `outbox_parked`.
   *
   * @returns those that were moved: not one that should go `behind` what is no longer parked
   */
  park(messages: readonly OutboxMessage[], reason: ParkReason, error: string): Promise<readonly OutboxMessage[]>;
  parkedKeys(lanes: readonly number[]): Promise<readonly ParkedKey[]>;
}

/** One read of the outbox. */
export interface OutboxRead {
  readonly messages: readonly OutboxMessage[];
  /** What it saw; null when there was nothing to read. */
  readonly snapshot: Snapshot | null;
}

/** A key of which something is parked. */
export interface ParkedKey {
  readonly lane: number;
  readonly partitionKey: string;
  /** The oldest of them. */
  readonly firstId: number;
}

export interface Publisher {
  /** Sends in this order, in one request, and resolves when every replica that has to has confirmed all of them. */
  publish(messages: readonly OutboxMessage[]): Promise<void>;
  /** True when sending the same messages again cannot succeed. */
  isPermanent(error: unknown): boolean;
}

export interface Position {
  readonly lane: number;
  readonly afterId: number;
}

export interface ReadLimits {
  readonly maxRows: number;
  /** Reading stops with the message that passes it. */
  readonly maxBytes: number;
}

/** `refused`: Kafka will never take it. `behind`: an earlier message of its key is parked. */
export type ParkReason = 'refused' | 'behind';

/** A partition's messages of one request are one record batch, and Kafka's limit for one is 1 MiB by default. */
const MAX_REQUEST_BYTES = 900_000;
/** kafkajs copies a partition's list once for each message of it: beyond this that costs more than a request saves. */
const MAX_REQUEST_ROWS = 2000;

/**
 * Brings outbox messages to the topic: each at least once, those of one key in the order of their ids.
 *
 * It works on the lanes that its session holds, one cycle at a time (so at most one request is in flight for a lane):
 * read the oldest rows, send them as one request, delete them when all is confirmed. A row stays until then, so a crash
 * or a lost answer repeats messages and never loses one; consumers deduplicate. A relay lives as long as its session.
 */
export class Relay {
  readonly #session: LaneSession;
  readonly #publisher: Publisher;
  readonly #counters: RelayCounters;
  readonly #logger: Logger;
  readonly #now: () => number;
  readonly #limits: ReadLimits;
  #lanes = new Map<number, LaneProgress>();
  #turn = 0;
  #hasMore = false;

  /**
   * @param session holds the lanes
   * @param publisher sends to the topic
   * @param counters counted up here, read by whoever exports them
   * @param logger gets failures, and parked messages as errors: those need a person
   * @param now monotonic milliseconds
   * @param maxRows of one request
   */
  constructor(
    session: LaneSession,
    publisher: Publisher,
    counters: RelayCounters,
    logger: Logger,
    now: () => number = () => performance.now(),
    maxRows = MAX_REQUEST_ROWS,
  ) {
    this.#session = session;
    this.#publisher = publisher;
    this.#counters = counters;
    this.#logger = logger;
    this.#now = now;
    this.#limits = { maxRows, maxBytes: MAX_REQUEST_BYTES };
  }

  /**
   * One cycle: read, publish, delete.
   *
   * @returns how many messages left the outbox: published or parked. 0: nothing to do, or what there is has to wait
   * @throws when the session ended; whatever was not deleted is sent again by whoever holds the lane next
   */
  async runOnce(): Promise<number> {
    this.#meetHeldLanes();
    const lanes = this.#lanesInTurn();
    if (lanes.length === 0) return 0;
    await this.#loadParkedKeys(lanes);

    const readAt = this.#now();
    const { messages, snapshot } = await this.#session.read(
      lanes.map((progress) => ({ lane: progress.lane, afterId: progress.readAfter(readAt) })),
      this.#limits,
    );
    const request = upToBytes(messages, MAX_REQUEST_BYTES);
    const isCut = request.length < messages.length || messages.length === this.#limits.maxRows;
    this.#noteReads(isCut ? upToLastOf(lanes, messages) : lanes, { messages, snapshot }, readAt);
    const gone = snapshot === null ? 0 : await this.#publishOrPark(request, { readAt, snapshot });
    this.#hasMore = isCut || gone < messages.length;
    return gone;
  }

  /** Whether the latest cycle left messages behind that it knew of. What is committed meanwhile is told by notification. */
  get hasMore(): boolean {
    return this.#hasMore;
  }

  /** When the first lane that waits after a failure may be tried again: milliseconds from now; null when none waits. */
  untilRetryMs(): number | null {
    const waits = [...this.#lanes.values()]
      .map((progress) => progress.waitsUntil)
      .filter((until) => until > this.#now());
    return waits.length === 0 ? null : Math.min(...waits) - this.#now();
  }

  /** A lane that was lost and came back starts anew: somebody else may have worked on it. */
  #meetHeldLanes(): void {
    const held = this.#session.heldLanes();
    this.#lanes = new Map(held.map((lane) => [lane, this.#lanes.get(lane) ?? new LaneProgress(lane)]));
  }

  /** Lanes that need not wait; each call begins with another one, so that a full lane cannot starve the others. */
  #lanesInTurn(): LaneProgress[] {
    const ready = [...this.#lanes.values()].filter((progress) => progress.waitsUntil <= this.#now());
    const first = ready.length === 0 ? 0 : this.#turn++ % ready.length;
    return [...ready.slice(first), ...ready.slice(0, first)];
  }

  /** Read again with each scan from 0: a person may have put parked messages back, or thrown them away. */
  async #loadParkedKeys(lanes: readonly LaneProgress[]): Promise<void> {
    const due = lanes.filter((progress) => progress.isScanDue(this.#now()));
    if (due.length === 0) return;
    const parked = await this.#session.parkedKeys(due.map(({ lane }) => lane));
    for (const progress of due) {
      progress.parkedKeys = new Map(
        parked.filter(({ lane }) => lane === progress.lane).map((key) => [key.partitionKey, key.firstId]),
      );
    }
  }

  #noteReads(reached: readonly LaneProgress[], { messages, snapshot }: OutboxRead, readAt: number): void {
    const firstIds = new Map(messages.toReversed().map(({ lane, id }) => [lane, id]));
    const tookMs = this.#now() - readAt;
    for (const progress of reached) {
      progress.noteRead(readAt, tookMs, snapshot, firstIds.get(progress.lane) ?? null);
    }
  }

  async #publishOrPark(messages: readonly OutboxMessage[], from: ReadMoment): Promise<number> {
    const isBehind = ({ lane, partitionKey, id }: OutboxMessage): boolean =>
      id > (this.#lanes.get(lane)?.parkedKeys.get(partitionKey) ?? Infinity);
    const parked = await this.#park(messages.filter(isBehind), 'behind', 'an earlier event of its key is parked');
    const free = messages.filter((message) => !isBehind(message));
    return parked + (await this.#publish(free, from));
  }

  async #publish(messages: readonly OutboxMessage[], from: ReadMoment): Promise<number> {
    if (messages.length === 0 || !(await this.#session.isHeld())) return 0;
    crashPoint('relay.before-publish');
    try {
      await this.#publisher.publish(messages);
    } catch (error) {
      if (this.#publisher.isPermanent(error)) return this.#isolate(messages, from, error);
      this.#wait(messages, error);
      return 0;
    }
    crashPoint('relay.after-publish');
    await this.#session.remove(messages);
    this.#notePublished(messages, from);
    return messages.length;
  }

  /** Kafka refused the request for good: halve it until the message that it cannot take stands alone, and park that. */
  async #isolate(messages: readonly OutboxMessage[], from: ReadMoment, error: unknown): Promise<number> {
    if (messages.length === 1) {
      return this.#park(messages, 'refused', errorText(error));
    }
    const middle = Math.ceil(messages.length / 2);
    const gone = await this.#publish(messages.slice(0, middle), from);
    // Something of the first half has to wait: what comes after it must not overtake.
    if (gone < middle) return gone;
    return gone + (await this.#publishOrPark(messages.slice(middle), from));
  }

  /** @returns how many were parked */
  async #park(messages: readonly OutboxMessage[], reason: ParkReason, error: string): Promise<number> {
    if (messages.length === 0) return 0;
    const parked = await this.#session.park(messages, reason, error);
    this.#counters.parkedTotal += parked.length;
    for (const message of messages) {
      const progress = this.#lanes.get(message.lane);
      if (!parked.includes(message)) progress?.scanSoon();
      else if (reason === 'refused') {
        progress?.parkedKeys.set(message.partitionKey, message.id);
        this.#raiseAlarm(message, error);
      }
    }
    return parked.length;
  }

  #raiseAlarm(message: OutboxMessage, error: string): void {
    this.#logger.error(
      `Event ${message.eventId} (${message.type} of ${message.aggregateType}/${message.aggregateId}) cannot be published: ` +
        `${error}. It is in outbox_parked, and every later event with its partition key follows it there until it is put ` +
        `back or discarded; other keys go on.`,
    );
  }

  #wait(messages: readonly OutboxMessage[], error: unknown): void {
    this.#counters.failedRequestsTotal++;
    this.#counters.trouble = `events wait in the outbox, Kafka did not confirm them: ${errorText(error)}`;
    this.#logger.warn(`${messages.length} events stay in the outbox and are sent again: ${errorText(error)}`);
    for (const lane of new Set(messages.map((message) => message.lane))) {
      this.#lanes.get(lane)?.noteFailure(this.#now());
    }
  }

  #notePublished(messages: readonly OutboxMessage[], { readAt, snapshot }: ReadMoment): void {
    const now = this.#now();
    let oldestMs = 0;
    for (const message of messages) {
      this.#lanes.get(message.lane)?.noteGone(message.id, now, snapshot);
      this.#counters.lagMsTotal += message.ageMs + now - readAt;
      oldestMs = Math.max(oldestMs, message.ageMs);
    }
    this.#counters.publishedTotal += messages.length;
    this.#counters.lagMs = oldestMs + now - readAt;
    this.#counters.trouble = null;
  }
}

/** A read that was cut short says nothing about the lanes after the one where it stopped. */
function upToLastOf(lanes: readonly LaneProgress[], messages: readonly OutboxMessage[]): readonly LaneProgress[] {
  const last = messages.at(-1)?.lane;
  return lanes.slice(0, lanes.findIndex(({ lane }) => lane === last) + 1);
}

/** When messages were read, and what that read saw. */
interface ReadMoment {
  readonly readAt: number;
  readonly snapshot: Snapshot;
}

/** The longest beginning that fits, but at least one message: one that is too large alone is for Kafka to refuse. */
function upToBytes(messages: readonly OutboxMessage[], maxBytes: number): readonly OutboxMessage[] {
  let bytes = 0;
  const end = messages.findIndex((message, index) => (bytes += message.bytes) > maxBytes && index > 0);
  return end === -1 ? messages : messages.slice(0, end);
}
