import { setTimeout as sleep } from 'node:timers/promises';
import type { Violation } from '../history/violation.ts';

/** One look at the databases, as whoever looks reports it. */
export interface AuditResult<Mark> {
  readonly mode: 'full' | 'incremental';
  readonly tookMs: number;
  readonly violationCount: number;
  /** The first of them. */
  readonly violations: readonly Violation[];
  /** What could not be asked: the audit is then no proof, whatever it found. */
  readonly unanswered: readonly string[];
  readonly mark: Mark;
}

/** An audit of a campaign, or why there was none. */
export interface AuditRecord {
  readonly startedAtMs: number;
  readonly tookMs: number;
  readonly mode: 'full' | 'incremental' | null;
  readonly violations: number;
  /** Null: it looked at everything it should. Otherwise it does not count. */
  readonly error: string | null;
}

type Audit<Mark> = (since: Mark | null, signal?: AbortSignal) => Promise<AuditResult<Mark>>;

/** Five a minute are wanted with room to spare: a database is away for a part of the time. */
const EVERY_MS = 8000;
/** At least so long between two; after a failed one, so that the time between two faults is used. */
const PAUSE_MS = 2000;
/** Of so many audits one reads everything. */
const FULL_EVERY = 6;

/** Audits again and again while a campaign runs; never throws. */
export class Audits<Mark> {
  readonly records: AuditRecord[] = [];
  readonly violations: Violation[] = [];
  readonly #audit: Audit<Mark>;
  readonly #stopping = new AbortController();
  #mark: Mark | null = null;
  #running: Promise<void> = Promise.resolve();

  constructor(audit: Audit<Mark>) {
    this.#audit = audit;
  }

  start(): void {
    this.#running = this.#run(this.#stopping.signal);
  }

  /** Calls off the one that runs, which is not recorded then. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  /** Audits once; a full one reads everything, any other what has changed since the one before. */
  async runOnce(isFull: boolean, signal?: AbortSignal): Promise<AuditRecord> {
    const startedAtMs = Date.now();
    try {
      const { mode, tookMs, mark, violations, violationCount, unanswered } = await this.#audit(
        isFull ? null : this.#mark,
        signal,
      );
      this.violations.push(...violations);
      const error = unanswered.length > 0 ? unanswered.join(' ') : null;
      // What could not be asked now has to be looked at again.
      if (error === null) this.#mark = mark;
      return { startedAtMs, tookMs, mode, violations: violationCount, error };
    } catch (error) {
      const what = error instanceof Error ? error.message : String(error);
      return { startedAtMs, tookMs: Date.now() - startedAtMs, mode: null, violations: 0, error: what };
    }
  }

  async #run(signal: AbortSignal): Promise<void> {
    let count = 0;
    while (!signal.aborted) {
      const record = await this.runOnce(count % FULL_EVERY === 0, signal);
      if (isOver(signal)) return;
      this.records.push(record);
      if (record.error === null) count += 1;
      const pauseMs = record.error === null ? Math.max(PAUSE_MS, EVERY_MS - record.tookMs) : PAUSE_MS;
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** Asked anew: it may have been called off meanwhile. */
function isOver(signal: AbortSignal): boolean {
  return signal.aborted;
}
