import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { CONNECT_TIMEOUT_MS, SESSION_LIMITS } from '../mixins/database/session-limits.ts';
import { errorText } from '../problems/error-text.ts';

/** A statement inside a snapshot. BIGINT and NUMERIC arrive as text: no float on the way. */
export type Query = <Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]) => Promise<Row[]>;

/** Something outside keeps the audit from being done: one sentence. */
export class AuditImpossible extends Error {
  override readonly name = 'AuditImpossible';
}

/** A database that restarts is waited for this long; ranges are read again, which changes nothing. */
const PATIENCE_MS = 30_000;
const RETRY_PAUSE_MS = 250;
/** A range is a few thousand rows; a statement that takes so long has a plan that must not go on. */
const STATEMENT_TIMEOUT_MS = 10_000;

/**
 * Of the session: it cannot write; and its plans follow the indexes, whatever the statistics of a table say that was
 * empty a moment ago. Compiling and parallel workers cost more than a range is worth.
 */
const SESSION = [
  SESSION_LIMITS,
  '-c default_transaction_read_only=on',
  `-c statement_timeout=${STATEMENT_TIMEOUT_MS}`,
  '-c enable_seqscan=off -c enable_bitmapscan=off -c jit=off -c max_parallel_workers_per_gather=0',
].join(' ');

/** SQLSTATE classes that mean: not now. Connection, resources, operator intervention, transaction timeout or conflict. */
const PASSING = /^(08|53|57|25P0[34]|40)/;

/** One database, read in short snapshots, one at a time. */
export class Snapshots {
  readonly #url: string;
  readonly #name: string;
  readonly #signal: AbortSignal | undefined;
  #client: pg.Client | null = null;
  /** The longest that a snapshot was open, in milliseconds. */
  longestMs = 0;
  /** Of the latest snapshot. */
  latestMs = 0;

  /** @param name of the database, in sentences */
  constructor(url: string, name: string, signal?: AbortSignal) {
    this.#url = url;
    this.#name = name;
    this.#signal = signal;
  }

  /**
   * Reads in one snapshot (REPEATABLE READ, READ ONLY).
   *
   * @param work is run again, from its beginning, after a connection that broke
   * @throws AuditImpossible when the database does not answer for half a minute, or refuses
   */
  async read<T>(work: (query: Query) => Promise<T>): Promise<T> {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      this.#signal?.throwIfAborted();
      try {
        return await this.#readOnce(work);
      } catch (error) {
        await this.close();
        if (!isPassing(error) || performance.now() >= deadline) {
          throw new AuditImpossible(`The ${this.#name} database cannot be read: ${errorText(error)}`, { cause: error });
        }
      }
      await sleep(RETRY_PAUSE_MS);
    }
  }

  /** One statement as a snapshot of its own. */
  query<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return this.read((query) => query<Row>(text, values));
  }

  /** Ends the connection; the next snapshot makes a new one. */
  async close(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    await client?.end().catch(() => undefined);
  }

  async #readOnce<T>(work: (query: Query) => Promise<T>): Promise<T> {
    const client = await this.#connected();
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY');
    const openedAt = performance.now();
    const result = await work(async <Row extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []) => {
      const { rows } = await client.query<Row>(text, [...values]);
      return rows;
    });
    await client.query('COMMIT');
    this.latestMs = performance.now() - openedAt;
    this.longestMs = Math.max(this.longestMs, this.latestMs);
    return result;
  }

  async #connected(): Promise<pg.Client> {
    if (this.#client !== null) return this.#client;
    const client = new pg.Client({
      connectionString: this.#url,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      application_name: 'audit',
      options: SESSION,
    });
    // A connection that breaks between two statements is reported by the next one.
    client.on('error', () => undefined);
    await client.connect();
    this.#client = client;
    return client;
  }
}

/** A database's error by its SQLSTATE; any other is one of the connection, unless it is a mistake of ours. */
function isPassing(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return PASSING.test(error.code ?? '');
  return error instanceof Error && !(error instanceof TypeError) && !(error instanceof RangeError);
}
