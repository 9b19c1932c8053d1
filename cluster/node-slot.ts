import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from '../kafka/client.ts';
import { errorText } from '../problems/error-text.ts';

/** Between two attempts to reach PostgreSQL. */
const RETRY_PAUSE_MS = 500;
/** While it waits, the node says so this often. */
const WAITING_LOG_INTERVAL_MS = 10_000;
const CONNECT_TIMEOUT_MS = 5000;
/** A session that is gone is noticed within this and the answer's timeout. */
const PING_INTERVAL_MS = 2000;
const QUERY_TIMEOUT_MS = 3000;
/** So many nodes of one service at most: slots bound the number of topics. */
const MAX_SLOTS = 1000;
/** The server, too, gives up a session whose node vanished without a word: after about 15 s. */
const SESSION_SETTINGS = 'SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 2';

export interface NodeSlotOptions {
  /** Nodes of one service in one namespace share the slots 0, 1, 2, … */
  readonly service: string;
  readonly namespace: string;
  /** A PostgreSQL that is reached directly: a pooler would lend the session to somebody else. */
  readonly databaseUrl: string;
  readonly logger: Logger;
  /** Told after each attempt to get a slot that failed. @param reason why, as a phrase */
  readonly onWaiting?: (reason: string) => void;
  /** Another node has this slot now; this one must not go on under its id. */
  readonly onTaken: (message: string) => void;
}

/** The place of a node among the nodes of its service, held by a lease. */
export interface NodeSlot {
  readonly slot: number;
  /** `orders-0` */
  readonly nodeId: string;
  /** False while the session that holds the lease is lost: another node may have it. */
  isHeld(): boolean;
  /** Another node has it: gives up, and says so by `onTaken`. */
  leave(): void;
  release(): Promise<void>;
}

/** Identifies one service's locks among all two-key advisory locks of the database. */
function lockClass(service: string, namespace: string): number {
  return createHash('sha256').update(`node-slot/${namespace}/${service}`).digest().readInt32BE(0);
}

/**
 * Takes the lowest free slot of a service and keeps it until it is released or the process ends. The lease is an
 * advisory lock on a database session of its own: Moleculer stops a node that meets its own id, and ids that were made
 * up at each start would leave seven topics behind each time.
 *
 * While PostgreSQL is away it waits, and says so. A session that is lost later is opened again on the same slot.
 */
export async function leaseNodeSlot(options: NodeSlotOptions): Promise<NodeSlot> {
  const lease = new SlotLease(options);
  await lease.take();
  return lease;
}

class SlotLease implements NodeSlot {
  slot = -1;
  readonly #options: NodeSlotOptions;
  readonly #lockClass: number;
  /** Tells a session of this process from another node's; a name of a session has 63 bytes at most. */
  readonly #holder = `node-slot ${randomUUID()}`;
  #session: pg.Client | null = null;
  #pingTimer: NodeJS.Timeout | undefined;
  #released = false;

  constructor(options: NodeSlotOptions) {
    this.#options = options;
    this.#lockClass = lockClass(options.service, options.namespace);
  }

  get nodeId(): string {
    return `${this.#options.service}-${this.slot}`;
  }

  async take(): Promise<void> {
    await this.#untilConnected(async (session) => {
      for (let slot = 0; slot < MAX_SLOTS; slot++) {
        if (await this.#tryLock(session, slot)) {
          this.slot = slot;
          return;
        }
      }
      throw new Error(`All ${MAX_SLOTS} slots of ${this.#options.service} are taken`);
    }, this.#options.onWaiting);
  }

  isHeld(): boolean {
    return this.#session !== null;
  }

  leave(): void {
    if (this.#released) return;
    this.#released = true;
    this.#options.onTaken(
      `Another node has taken the slot of ${this.nodeId} while this one had lost its database session: two nodes ` +
        'of one id cannot go on. This one stops; started again, it takes a free slot.',
    );
  }

  async release(): Promise<void> {
    this.#released = true;
    clearInterval(this.#pingTimer);
    await this.#session?.end().catch(() => undefined);
  }

  /** Opens a session, has it lock what it should, and watches over it. */
  async #untilConnected(
    lock: (session: pg.Client) => Promise<void>,
    onFailure: (reason: string) => void = () => undefined,
  ): Promise<void> {
    const { logger, service } = this.#options;
    let saidAt = Number.NEGATIVE_INFINITY;
    while (!this.#released) {
      const session = new pg.Client({
        connectionString: this.#options.databaseUrl,
        application_name: this.#holder,
        connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
        query_timeout: QUERY_TIMEOUT_MS,
        keepAlive: true,
      });
      // Without a listener an error of an idle session would end the process.
      session.on('error', () => undefined);
      try {
        await session.connect();
        await session.query(SESSION_SETTINGS);
        await lock(session);
        this.#watch(session);
        return;
      } catch (error) {
        session.end().catch(() => undefined);
        onFailure(errorText(error));
        if (performance.now() - saidAt >= WAITING_LOG_INTERVAL_MS) {
          saidAt = performance.now();
          logger.warn(`Waiting for PostgreSQL, which leases the slots of ${service} nodes: ${errorText(error)}`);
        }
      }
      await sleep(RETRY_PAUSE_MS);
    }
  }

  async #tryLock(session: pg.Client, slot: number): Promise<boolean> {
    const { rows } = await session.query<{ locked: boolean }>('SELECT pg_try_advisory_lock($1, $2) AS locked', [
      this.#lockClass,
      slot,
    ]);
    return rows[0]?.locked === true;
  }

  #watch(session: pg.Client): void {
    this.#session = session;
    session.once('end', () => {
      this.#lost(session);
    });
    clearInterval(this.#pingTimer);
    this.#pingTimer = setInterval(() => {
      session.query('SELECT 1').catch(() => {
        this.#lost(session);
      });
    }, PING_INTERVAL_MS).unref();
  }

  #lost(session: pg.Client): void {
    if (this.#session !== session || this.#released) return;
    this.#session = null;
    clearInterval(this.#pingTimer);
    session.end().catch(() => undefined);
    this.#options.logger.warn(`The session that holds the slot of ${this.nodeId} is lost: taking the slot again.`);
    void this.#retake();
  }

  async #retake(): Promise<void> {
    await this.#untilConnected(async (session) => {
      if (await this.#tryLock(session, this.slot)) return;
      if (await this.#isHeldByOwnOldSession(session)) throw new Error('the lost session still holds it');
      await session.end();
      this.leave();
    });
    if (!this.#released) this.#options.logger.info(`The slot of ${this.nodeId} is held again.`);
  }

  /** The server may not have noticed yet that the old connection is gone: it is told. */
  async #isHeldByOwnOldSession(session: pg.Client): Promise<boolean> {
    const { rowCount } = await session.query(
      `SELECT pg_terminate_backend(l.pid)
         FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
        WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2
          AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND l.classid::bigint = $1::bigint AND l.objid::bigint = $2 AND a.application_name = $3`,
      // The catalogue shows the signed key as an unsigned number.
      [this.#lockClass >>> 0, this.slot, this.#holder],
    );
    return (rowCount ?? 0) > 0;
  }
}
