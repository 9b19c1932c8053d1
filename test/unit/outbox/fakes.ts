import type { Logger } from '../../../kafka/client.ts';
import type { OutboxMessage } from '../../../mixins/outbox/message.ts';
import { newRelayCounters } from '../../../mixins/outbox/relay-stats.ts';
import {
  Relay,
  type LaneSession,
  type OutboxRead,
  type ParkedKey,
  type ParkReason,
  type Position,
  type Publisher,
  type ReadLimits,
} from '../../../mixins/outbox/relay.ts';
import type { Snapshot } from '../../../mixins/outbox/snapshot.ts';

/** An outbox table in memory, with the lanes that a session holds on it. */
export class FakeSession implements LaneSession {
  rows: OutboxMessage[] = [];
  parked: { message: OutboxMessage; reason: ParkReason; error: string }[] = [];
  lanes: number[];
  ended = false;
  /** Nobody else is writing, unless a test says so. */
  snapshot: Snapshot = { oldestRunning: 1, next: 1 };
  /** What each read asked for. */
  reads: Position[][] = [];

  constructor(lanes: number[]) {
    this.lanes = lanes;
  }

  /** Writes rows as `key:id`; a row's lane is 0 unless given. */
  add(lane: number, ...names: string[]): void {
    for (const name of names) {
      const [partitionKey = '', id = ''] = name.split(':');
      this.rows.push(message(lane, Number(id), partitionKey));
    }
    this.rows.sort((a, b) => a.id - b.id);
  }

  heldLanes(): readonly number[] {
    return this.ended ? [] : this.lanes;
  }

  isHeld(): Promise<boolean> {
    return Promise.resolve(!this.ended);
  }

  read(positions: readonly Position[], limits: ReadLimits): Promise<OutboxRead> {
    this.#failIfEnded();
    this.reads.push([...positions]);
    const found = positions.flatMap(({ lane, afterId }) =>
      this.rows.filter((row) => row.lane === lane && row.id > afterId),
    );
    const messages = found.slice(0, limits.maxRows);
    return Promise.resolve({ messages, snapshot: messages.length === 0 ? null : this.snapshot });
  }

  remove(messages: readonly OutboxMessage[]): Promise<void> {
    this.#failIfEnded();
    this.rows = this.rows.filter((row) => !messages.some(({ id }) => id === row.id));
    return Promise.resolve();
  }

  async park(messages: readonly OutboxMessage[], reason: ParkReason, error: string): Promise<OutboxMessage[]> {
    const moved = messages.filter(
      ({ partitionKey, id }) =>
        reason !== 'behind' || this.parked.some(({ message: one }) => one.partitionKey === partitionKey && one.id < id),
    );
    await this.remove(moved);
    this.parked.push(...moved.map((one) => ({ message: one, reason, error })));
    return moved;
  }

  parkedKeys(lanes: readonly number[]): Promise<ParkedKey[]> {
    this.#failIfEnded();
    const firstIds = new Map<string, ParkedKey>();
    for (const { message: one } of this.parked.toReversed()) {
      firstIds.set(one.partitionKey, { ...one, firstId: one.id });
    }
    return Promise.resolve([...firstIds.values()].filter(({ lane }) => lanes.includes(lane)));
  }

  #failIfEnded(): void {
    if (this.ended) throw new Error('the session ended');
  }
}

export class Refused extends Error {}

/** A topic in memory. Every request is asked of `answer`, which may throw; `topic` has what was really written. */
export class FakePublisher implements Publisher {
  topic: string[] = [];
  requests: string[][] = [];
  answer: (names: string[]) => void = () => undefined;

  publish(messages: readonly OutboxMessage[]): Promise<void> {
    const names = messages.map(nameOf);
    this.requests.push(names);
    return new Promise((resolve) => {
      this.answer(names);
      this.topic.push(...names);
      resolve();
    });
  }

  isPermanent(error: unknown): boolean {
    return error instanceof Refused;
  }
}

export function nameOf({ partitionKey, id }: OutboxMessage): string {
  return `${partitionKey}:${id}`;
}

/** An outbox message that differs from others by lane, id and key only. */
export function message(lane: number, id: number, partitionKey: string): OutboxMessage {
  return {
    lane,
    id,
    partitionKey,
    eventId: `event-${id}`,
    aggregateType: 'thing',
    aggregateId: partitionKey,
    aggregateVersion: 1,
    type: 'thing.happened',
    dataschema: 'thing.happened/1',
    traceparent: null,
    payload: '{}',
    createdAt: new Date(0),
    bytes: 100,
    ageMs: 0,
  };
}

export interface Bench {
  session: FakeSession;
  publisher: FakePublisher;
  relay: Relay;
  counters: ReturnType<typeof newRelayCounters>;
  alarms: string[];
  /** The relay's clock. */
  clock: { now: number };
}

export function relayOver(lanes: number[]): Bench {
  const session = new FakeSession(lanes);
  const publisher = new FakePublisher();
  const counters = newRelayCounters();
  const alarms: string[] = [];
  const clock = { now: 1000 };
  const ignore = (): void => undefined;
  const logger: Logger = { error: (line) => alarms.push(String(line)), warn: ignore, info: ignore, debug: ignore };
  const relay = new Relay(session, publisher, counters, logger, () => clock.now);
  return { session, publisher, relay, counters, alarms, clock };
}
