import type { Clock } from '../../mixins/time/clock.ts';
import { stepTowardsShare } from '../../mixins/outbox/lanes.ts';
import type { OutboxMessage } from '../../mixins/outbox/message.ts';
import type { RelaySession, SessionEvents } from '../../mixins/outbox/relay-loop.ts';
import type { OutboxRead, ParkedKey, ParkReason, Position, ReadLimits } from '../../mixins/outbox/relay.ts';
import type { FaultDice } from '../fault-dice.ts';
import type { Operation, Process } from '../scheduler.ts';
import type { Statement, Transaction } from './database.ts';
import { connectionLost } from './errors.ts';
import type { ServiceDatabase, StoredMessage } from './service-database.ts';

/** As `PostgresLaneSession`: the lease, the ping, and how long an answer proves that the locks are held. */
const IDLE_SESSION_TIMEOUT_MS = 6000;
const PING_INTERVAL_MS = 2000;
const PROOF_MS = 4000;
const EPOCH_MS = Date.UTC(2026, 0, 1);

export interface SimulatedLaneSessionOptions extends SessionEvents {
  readonly database: ServiceDatabase;
  readonly process: Process;
  readonly dice: FaultDice;
  readonly lanes: number;
  readonly clock: Clock;
}

/** A relay's session: the server's end of it, which holds the lanes, and the client's, which may not know yet. */
export class SimulatedLaneSession implements RelaySession {
  readonly #options: SimulatedLaneSessionOptions;
  #held: number[] = [];
  #endedBecause: Error | null = null;
  #provenUntilMs = -Infinity;
  #isOpenAtServer = true;
  #heardAtMs: number;
  #lease: Operation | null = null;
  #pings: (() => void) | null = null;

  private constructor(options: SimulatedLaneSessionOptions) {
    this.#options = options;
    this.#heardAtMs = options.database.scheduler.nowMs;
  }

  /** @throws when the database is away */
  static open(options: SimulatedLaneSessionOptions): Promise<SimulatedLaneSession> {
    const { database, process, clock } = options;
    return database.scheduler
      .call(process, `${database.name} opens a lane session`, () => {
        database.assertUp();
        const session = new SimulatedLaneSession(options);
        database.laneLocks.members.add(session);
        process.onDeath.push(() => {
          session.endAtServer('its process died');
        });
        session.#watchLease();
        return session;
      })
      .then((session) => {
        session.#pings = clock.every(
          PING_INTERVAL_MS,
          () => void session.#query('ping', () => undefined).catch(() => undefined),
        );
        return session;
      });
  }

  get endedBecause(): Error | null {
    return this.#endedBecause;
  }

  get holdsAllLanes(): boolean {
    return this.#held.length === this.#options.lanes;
  }

  heldLanes(): readonly number[] {
    return this.#held;
  }

  async isHeld(): Promise<boolean> {
    if (this.#endedBecause === null && this.#now() >= this.#provenUntilMs) {
      await this.#query('ping', () => undefined).catch(() => undefined);
    }
    return this.#endedBecause === null;
  }

  async balance(): Promise<boolean> {
    const { database, lanes, dice } = this.#options;
    const { laneLocks } = database;
    const ownership = await this.#query('looks at the lanes', () => ({
      members: laneLocks.members.size,
      heldHere: [...laneLocks.holders].filter(([, holder]) => holder === this).map(([lane]) => lane),
      heldElsewhere: [...laneLocks.holders].filter(([, holder]) => holder !== this).map(([lane]) => lane),
    }));
    const { release, claim } = stepTowardsShare(lanes, ownership, dice.below(lanes));
    if (release.length > 0) {
      this.#held = this.#held.filter((lane) => !release.includes(lane));
      await this.#query('releases lanes', () => {
        for (const lane of release) if (laneLocks.holders.get(lane) === this) laneLocks.holders.delete(lane);
      });
    }
    if (claim.length === 0) return false;
    const claimed = await this.#query('claims lanes', () =>
      claim.filter((lane) => {
        if (laneLocks.holders.has(lane)) return false;
        laneLocks.holders.set(lane, this);
        return true;
      }),
    );
    this.#held = [...this.#held, ...claimed].sort((one, other) => one - other);
    return claimed.length > 0;
  }

  read(positions: readonly Position[], limits: ReadLimits): Promise<OutboxRead> {
    const { database } = this.#options;
    return this.#query('reads the outbox', () => {
      const rows = [...database.outbox.rows.values()].sort((one, other) => one.id - other.id);
      let bytesBefore = 0;
      const messages = positions
        .flatMap(({ lane, afterId }) => rows.filter((row) => row.lane === lane && row.id > afterId))
        .slice(0, limits.maxRows)
        .map((row) => toMessage(row, this.#now()))
        .filter(({ bytes }) => (bytesBefore += bytes) - bytes <= limits.maxBytes);
      return { messages, snapshot: messages.length === 0 ? null : database.snapshot() };
    });
  }

  async remove(messages: readonly OutboxMessage[]): Promise<void> {
    const { outbox } = this.#options.database;
    await this.#statement(`removes ${messages.length} events from the outbox`, (database, transaction) =>
      removeRows(database, transaction, outbox, messages),
    );
  }

  park(messages: readonly OutboxMessage[], reason: ParkReason): Promise<OutboxMessage[]> {
    return this.#statement(`parks ${messages.length} events, ${reason}`, function* (database, transaction) {
      const parked: OutboxMessage[] = [];
      for (const message of messages) {
        const key = keyOf(message);
        const row = yield* database.lockRow(transaction, database.outbox, key);
        if (row === undefined) continue;
        if (reason === 'behind' && !(yield* isBehindParked(database, transaction, message))) continue;
        database.write(transaction, database.outbox, key, undefined);
        yield* database.insert(transaction, database.outboxParked, key, { ...row, reason });
        parked.push(message);
      }
      return parked;
    });
  }

  parkedKeys(lanes: readonly number[]): Promise<readonly ParkedKey[]> {
    const { outboxParked } = this.#options.database;
    return this.#query('reads parked keys', () => {
      const first = new Map<string, ParkedKey>();
      for (const { lane, partitionKey, id } of outboxParked.rows.values()) {
        if (lanes.includes(lane) && id < (first.get(partitionKey)?.firstId ?? Infinity)) {
          first.set(partitionKey, { lane, partitionKey, firstId: id });
        }
      }
      return [...first.values()];
    });
  }

  measure(): Promise<{ backlog: number; oldestAgeMs: number }> {
    const { outbox } = this.#options.database;
    return this.#query('counts what waits', () => {
      const waiting = [...outbox.rows.values()].filter(({ lane }) => this.#held.includes(lane));
      const oldest = Math.min(this.#now(), ...waiting.map(({ createdAtMs }) => createdAtMs));
      return { backlog: waiting.length, oldestAgeMs: this.#now() - oldest };
    });
  }

  /** Here, a commit itself wakes the relays: the news may come late, and never. */
  notify(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#end(new Error('the relay closed its session'));
    this.endAtServer('closed');
    return Promise.resolve();
  }

  /** The server ends the session: lanes are free at once, the client hears of it some time later. */
  endAtServer(why: string): void {
    if (!this.#isOpenAtServer) return;
    this.#isOpenAtServer = false;
    const { database, process } = this.#options;
    database.laneLocks.leave(this);
    if (this.#lease !== null) database.scheduler.cancel(this.#lease);
    database.scheduler.add(process, `hears that its lane session ended: ${why}`, () => {
      process.deliver(() => {
        this.#end(connectionLost());
      });
    });
  }

  #now(): number {
    return this.#options.database.scheduler.nowMs;
  }

  #watchLease(): void {
    const { scheduler, name } = this.#options.database;
    const leftMs = this.#heardAtMs + IDLE_SESSION_TIMEOUT_MS - scheduler.nowMs;
    this.#lease = scheduler.addAfter(Math.max(1, leftMs), null, `${name} looks at a lease`, () => {
      if (scheduler.nowMs - this.#heardAtMs >= IDLE_SESSION_TIMEOUT_MS) this.endAtServer('it was silent');
      else this.#watchLease();
    });
  }

  #end(because: Error): void {
    if (this.#endedBecause !== null) return;
    this.#endedBecause = because;
    this.#held = [];
    this.#pings?.();
    this.#options.onEnd();
  }

  #statement<Result>(
    label: string,
    statement: (database: ServiceDatabase, transaction: Transaction) => Statement<Result>,
  ): Promise<Result> {
    const { database, process } = this.#options;
    if (this.#endedBecause !== null) return Promise.reject(this.#endedBecause);
    const sentAtMs = this.#now();
    return database
      .executeAlone(process, label, (transaction) => {
        this.#touch();
        return statement(database, transaction);
      })
      .then(
        (result) => {
          this.#provenUntilMs = Math.max(this.#provenUntilMs, sentAtMs + PROOF_MS);
          return result;
        },
        (error: unknown) => {
          this.#end(error as Error);
          this.endAtServer('a statement failed');
          throw error;
        },
      );
  }

  async #query<Result>(label: string, effect: () => Result): Promise<Result> {
    if (this.#endedBecause !== null) throw this.#endedBecause;
    const { database, process } = this.#options;
    const sentAtMs = this.#now();
    try {
      const result = await database.scheduler.call(process, `${database.name} ${label}`, () => {
        this.#touch();
        return effect();
      });
      this.#provenUntilMs = Math.max(this.#provenUntilMs, sentAtMs + PROOF_MS);
      return result;
    } catch (error) {
      this.#end(error as Error);
      throw error;
    }
  }

  /** The server hears of its client. @throws when the session is over */
  #touch(): void {
    if (this.#options.dice.hits('connection lost')) this.endAtServer('the connection was cut');
    if (!this.#isOpenAtServer) throw connectionLost();
    this.#heardAtMs = this.#now();
  }
}

function* removeRows(
  database: ServiceDatabase,
  transaction: Transaction,
  outbox: ServiceDatabase['outbox'],
  messages: readonly OutboxMessage[],
): Statement<void> {
  for (const message of messages) {
    const key = keyOf(message);
    const row = yield* database.lockRow(transaction, outbox, key);
    if (row !== undefined) database.write(transaction, outbox, key, undefined);
  }
}

function keyOf({ lane, id }: OutboxMessage): string {
  return `${lane}/${id}`;
}

/** Waits for a person who is just putting back or discarding what it would be behind. */
function* isBehindParked(
  database: ServiceDatabase,
  transaction: Transaction,
  message: OutboxMessage,
): Statement<boolean> {
  for (const { lane, partitionKey, id } of [...database.outboxParked.rows.values()]) {
    if (lane !== message.lane || partitionKey !== message.partitionKey || id >= message.id) continue;
    const key = `${lane}/${id}`;
    if ((yield* database.lockRow(transaction, database.outboxParked, key)) !== undefined) return true;
  }
  return false;
}

function toMessage(row: StoredMessage, nowMs: number): OutboxMessage {
  const { dataschema } = JSON.parse(row.headers) as { dataschema: string };
  return {
    ...row,
    dataschema,
    traceparent: null,
    createdAt: new Date(EPOCH_MS + row.createdAtMs),
    bytes: row.payload.length + 320,
    ageMs: nowMs - row.createdAtMs,
  };
}
