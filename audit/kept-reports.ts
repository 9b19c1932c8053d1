import pg from 'pg';
import { CONNECT_TIMEOUT_MS, SESSION_LIMITS } from '../mixins/database/session-limits.ts';
import { errorText } from '../problems/error-text.ts';
import type { AuditReport } from './report.ts';
import { AuditImpossible } from './snapshots.ts';

/** Enough to see since when something is wrong; a report with all its examples takes a hundred kilobytes. */
const REPORTS_KEPT = 100;
export interface AuditVerdict {
  readonly startedAt: Date;
  readonly violations: number;
  /** Questions that could not be asked. */
  readonly unanswered: number;
}

/** Any number that nothing else in this database locks; spells "AUDT". */
const LOCK = 0x41554454;
/** SQLSTATE: no such table, not allowed. */
const NOT_KEPT_HERE = new Set(['42P01', '42501']);

/**
 * Does something while no other audit runs, on whatever node.
 *
 * @param paymentsUrl direct: the lock is the session's
 * @returns null, with nothing done, while another audit runs
 * @throws AuditImpossible when the database cannot be reached
 */
export async function whileAlone<T>(paymentsUrl: string, work: () => Promise<T>): Promise<T | null> {
  const client = await connect(paymentsUrl);
  try {
    const { rows } = await client.query<{ locked: boolean }>('SELECT pg_try_advisory_lock($1) AS locked', [LOCK]);
    return rows[0]?.locked === true ? await work() : null;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** @returns the newest report; null when there is none */
export function lastReport(paymentsUrl: string): Promise<AuditReport | null> {
  return newest(paymentsUrl, 'true');
}

/** @returns what the newest report says in short; null when there is none */
export async function lastVerdict(paymentsUrl: string): Promise<AuditVerdict | null> {
  const found = await asked(paymentsUrl, (client) =>
    client.query<AuditVerdict>(
      `SELECT started_at AS "startedAt", violations::float8 AS violations, json_array_length(report -> 'unanswered') AS unanswered
         FROM audit_reports ORDER BY id DESC LIMIT 1`,
    ),
  );
  return found?.rows[0] ?? null;
}

/** @returns the newest report of an audit that asked everything and found nothing; null when there is none */
export function lastGoodReport(paymentsUrl: string): Promise<AuditReport | null> {
  return newest(paymentsUrl, `violations = 0 AND json_array_length(report -> 'unanswered') = 0`);
}

async function newest(paymentsUrl: string, condition: string): Promise<AuditReport | null> {
  const found = await asked(paymentsUrl, (client) =>
    client.query<{ report: AuditReport }>(
      `SELECT report FROM audit_reports WHERE ${condition} ORDER BY id DESC LIMIT 1`,
    ),
  );
  return found?.rows[0]?.report ?? null;
}

/**
 * Keeps a report, and drops those that are too many.
 *
 * @returns false where it cannot be kept: the table is not there yet, or the user may only read
 */
export async function keepReport(paymentsUrl: string, report: AuditReport): Promise<boolean> {
  const kept = await asked(paymentsUrl, async (client) => {
    await client.query('INSERT INTO audit_reports (started_at, violations, report) VALUES ($1, $2, $3)', [
      report.startedAt,
      report.violationCount,
      JSON.stringify(report),
    ]);
    return client.query(
      `DELETE FROM audit_reports WHERE id <= (SELECT id FROM audit_reports ORDER BY id DESC OFFSET ${REPORTS_KEPT} LIMIT 1)`,
    );
  });
  return kept !== null;
}

async function asked<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T | null> {
  const client = await connect(url);
  try {
    return await work(client);
  } catch (error) {
    if (error instanceof pg.DatabaseError && NOT_KEPT_HERE.has(error.code ?? '')) return null;
    throw new AuditImpossible(`Reports of audits cannot be reached: ${errorText(error)}`, { cause: error });
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function connect(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'audit',
    options: SESSION_LIMITS,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    throw new AuditImpossible(`The payments database cannot be reached: ${errorText(error)}`, { cause: error });
  }
  return client;
}
