import { randomInt } from 'node:crypto';
import { Client, type QueryResultRow } from 'pg';
import type { Logger } from '../../kafka/client.ts';
import { atMost } from '../time/backoff.ts';
import { CONNECT_TIMEOUT_MS, SESSION_LIMITS } from '../database/session-limits.ts';
import type { Statement } from '../database/statement.ts';
import { stepTowardsShare } from './lanes.ts';
import * as sql from './lane-session.sql.ts';
import type { OutboxMessage } from './message.ts';
import type { RelaySession, SessionEvents } from './relay-loop.ts';
import type { OutboxRead, ParkedKey, ParkReason, Position, ReadLimits } from './relay.ts';

/** The lease: PostgreSQL ends a session that was silent for this long, and with it all its locks. */
const IDLE_SESSION_TIMEOUT_MS = 6000;
/** Three pings fit into the lease: one may be late. */
const PING_INTERVAL_MS = 2000;
/**
 * How long an answered query proves that the locks are held, counted from when it was sent. Below the lease, so that
 * this node stops believing before anybody else can begin.
 */
const PROOF_MS = 4000;
/** Beyond `transaction_timeout`, after which PostgreSQL itself would have answered: the connection is dead. */
const QUERY_TIMEOUT_MS = 20_000;
/** Bounds a goodbye to a PostgreSQL that does not answer. */
const CLOSE_TIMEOUT_MS = 2000;

/**
 * What the session sets besides the limits that every session has:
 * - `tcp_user_timeout` ends it also when the node was stopped while rows were on their way to it;
 * - the planner settings leave one way to read: by the primary key, lane by lane. A plan is made for each execution,
 *   since one that was made while the table was empty would stay;
 * - a delete need not survive a crash of PostgreSQL: the row would come back, and be published once more.
 */
const SETTINGS = {
  idle_session_timeout: String(IDLE_SESSION_TIMEOUT_MS),
  tcp_user_timeout: String(IDLE_SESSION_TIMEOUT_MS),
  plan_cache_mode: 'force_custom_plan',
  enable_seqscan: 'off',
  enable_bitmapscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  max_parallel_workers_per_gather: '0',
  jit: 'off',
  synchronous_commit: 'off',
};

export interface LaneSessionOptions extends SessionEvents {
  /** Must reach PostgreSQL itself: a transaction pooler would share the session, its locks and its LISTEN. */
  readonly directUrl: string;
  readonly lanes: number;
  readonly logger: Logger;
}

/** The one session of a relay on PostgreSQL. What it holds, it holds by being alive, and loses all at once. */
export class PostgresLaneSession implements RelaySession {
  readonly #client: Client;
  readonly #options: LaneSessionOptions;
  /** The outbox table's oid: relays of several outboxes in one database (by schema) share neither locks nor channel. */
  #table = 0;
  /** PostgreSQL's process for it. */
  #backend = 0;
  #held: number[] = [];
  #endedBecause: Error | null = null;
  #provenUntil = -Infinity;
  #ping: NodeJS.Timeout | undefined;
  #lastQuery: Promise<unknown> = Promise.resolve();
  #closed: Promise<void> = Promise.resolve();

  private constructor(options: LaneSessionOptions) {
    this.#options = options;
    this.#client = new Client({
      connectionString: options.directUrl,
      application_name: 'outbox-relay',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: QUERY_TIMEOUT_MS,
      keepAlive: true,
      options: SESSION_LIMITS,
    });
  }

  /**
   * Opens a session, listens, and counts as a member from then on. It holds no lane until `balance` was called.
   *
   * @throws when PostgreSQL cannot be reached, or the outbox table is missing
   */
  static async open(options: LaneSessionOptions): Promise<PostgresLaneSession> {
    const session = new PostgresLaneSession(options);
    session.#client.on('error', (error) => {
      session.#end(error);
    });
    session.#client.on('end', () => {
      session.#end(new Error('the database closed the connection'));
    });
    session.#client.on('notification', ({ processId }) => {
      // This node has woken its own relay already.
      if (processId !== session.#backend) options.onNotify();
    });
    try {
      await session.#client.connect();
      await session.#enter();
    } catch (error) {
      session.#end(error as Error);
      throw error;
    }
    return session;
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
    if (this.#endedBecause === null && performance.now() >= this.#provenUntil) {
      // A node that was stopped and goes on finds out here, before it sends anything.
      await this.#query(sql.PING).catch(() => undefined);
    }
    return this.#endedBecause === null;
  }

  /** Gives up what is too much, tries for what is free. */
  async balance(): Promise<boolean> {
    const locks = await this.#query<{ lock: number; members: number; here: boolean }>(sql.LOCKS, [this.#table]);
    const lanes = locks.filter(({ lock }) => lock !== sql.MEMBER_LOCK);
    const { release, claim } = stepTowardsShare(
      this.#options.lanes,
      {
        members: locks.find(({ lock }) => lock === sql.MEMBER_LOCK)?.members ?? 1,
        heldHere: lanes.filter(({ here }) => here).map(({ lock }) => lock),
        heldElsewhere: lanes.filter(({ here }) => !here).map(({ lock }) => lock),
      },
      randomInt(this.#options.lanes),
    );
    if (release.length > 0) {
      this.#held = this.#held.filter((lane) => !release.includes(lane));
      await this.#query(sql.RELEASE, [this.#table, release]);
    }
    const claimed = claim.length === 0 ? [] : await this.#query<{ lane: number }>(sql.CLAIM, [this.#table, claim]);
    this.#held = [...this.#held, ...claimed.map(({ lane }) => lane)].sort((a, b) => a - b);
    if (release.length + claimed.length > 0) {
      this.#options.logger.info(`The relay holds lanes ${this.#held.join(', ') || 'none'} of ${this.#options.lanes}.`);
    }
    return claimed.length > 0;
  }

  async read(positions: readonly Position[], limits: ReadLimits): Promise<OutboxRead> {
    const rows = await this.#query<sql.MessageRow>(sql.READ, [
      positions.map(({ lane }) => lane),
      positions.map(({ afterId }) => afterId),
      limits.maxRows,
      limits.maxBytes,
    ]);
    return sql.toRead(rows);
  }

  async remove(messages: readonly OutboxMessage[]): Promise<void> {
    await this.#query(sql.REMOVE, [messages.map(({ lane }) => lane), messages.map(({ id }) => id)]);
  }

  async park(messages: readonly OutboxMessage[], reason: ParkReason, error: string): Promise<OutboxMessage[]> {
    const lanes = messages.map(({ lane }) => lane);
    const ids = messages.map(({ id }) => id);
    const parked = await this.#query<{ id: string }>(sql.PARK, [lanes, ids, reason, error]);
    const gone = new Set(parked.map(({ id }) => Number(id)));
    return messages.filter(({ id }) => gone.has(id));
  }

  async parkedKeys(lanes: readonly number[]): Promise<ParkedKey[]> {
    const keys = await this.#query<{ lane: number; partitionKey: string; firstId: string }>(sql.PARKED_KEYS, [lanes]);
    return keys.map((key) => ({ ...key, firstId: Number(key.firstId) }));
  }

  async measure(): Promise<{ backlog: number; oldestAgeMs: number }> {
    const [measured] = await this.#query<{ backlog: string; oldestAgeMs: number }>(sql.MEASURE, [this.#held]);
    return { backlog: Number(measured?.backlog ?? 0), oldestAgeMs: measured?.oldestAgeMs ?? 0 };
  }

  /** An error is nothing to tell: their poll is the backstop. */
  async notify(): Promise<void> {
    if (this.#endedBecause === null) await this.#query(sql.NOTIFY, [this.#channel()]).catch(() => undefined);
  }

  async close(): Promise<void> {
    this.#end(new Error('the relay closed its session'));
    await atMost(CLOSE_TIMEOUT_MS, this.#closed);
  }

  async #enter(): Promise<void> {
    // By query, not as start-up options: those of the URL would replace them, and the lease with them.
    await this.#query(sql.SET, [Object.keys(SETTINGS), Object.values(SETTINGS)]);
    const [place] = await this.#query<{ outbox: number; backend: number }>(sql.PLACE);
    this.#table = place?.outbox ?? 0;
    this.#backend = place?.backend ?? 0;
    await this.#query({ name: '', text: `LISTEN ${this.#client.escapeIdentifier(this.#channel())}` });
    await this.#query(sql.JOIN, [this.#table]);
    this.#ping = setInterval(() => {
      this.#query(sql.PING).catch(() => undefined);
    }, PING_INTERVAL_MS);
    this.#ping.unref();
  }

  #channel(): string {
    return `outbox_${this.#table}`;
  }

  /** One statement after the other: pings and notifications come at any time, pg takes one at a time. */
  async #query<Row extends QueryResultRow>(statement: Statement, values?: readonly unknown[]): Promise<Row[]> {
    const result = this.#lastQuery.then(() => this.#queryNow<Row>(statement, values));
    this.#lastQuery = result.catch(() => undefined);
    return result;
  }

  /** Any error ends the session: what was done on it is uncertain, and a new one begins from what is in the table. */
  async #queryNow<Row extends QueryResultRow>(statement: Statement, values?: readonly unknown[]): Promise<Row[]> {
    if (this.#endedBecause !== null) throw this.#endedBecause;
    const sentAt = performance.now();
    try {
      const { rows } = await this.#client.query<Row>({ ...statement, ...(values && { values: [...values] }) });
      this.#provenUntil = Math.max(this.#provenUntil, sentAt + PROOF_MS);
      return rows;
    } catch (error) {
      this.#end(error as Error);
      throw error;
    }
  }

  #end(because: Error): void {
    if (this.#endedBecause !== null) return;
    this.#endedBecause = because;
    this.#held = [];
    clearInterval(this.#ping);
    this.#closed = this.#client.end().catch(() => undefined);
    this.#options.onEnd();
  }
}
