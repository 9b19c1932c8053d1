import { keepReport, lastGoodReport, whileAlone } from './kept-reports.ts';
import type { AuditReport } from './report.ts';
import { runAudit, type AuditOptions } from './run-audit.ts';

export interface KeptAudit {
  readonly report: AuditReport;
  /** False: the database could not take it, and the next incremental audit begins where this one did. */
  readonly isKept: boolean;
}

export interface KeptAuditOptions extends Omit<AuditOptions, 'since'> {
  /** The payments database, direct, by a role that may write reports. */
  readonly reportsUrl: string;
}

/**
 * Runs an audit, alone in its cluster, and keeps its report in the payments database.
 *
 * @param isIncremental only what has changed since the last audit that asked everything and found nothing, so that what was
 *   wrong is looked at again; everything, when there is none
 * @returns null while another audit runs
 * @throws AuditImpossible when a database cannot be read
 */
export async function auditAndKeep(options: KeptAuditOptions, isIncremental: boolean): Promise<KeptAudit | null> {
  return whileAlone(options.reportsUrl, async () => {
    const before = isIncremental ? await lastGoodReport(options.reportsUrl) : null;
    const report = await runAudit({ ...options, since: before?.mark ?? null });
    return { report, isKept: await keepReport(options.reportsUrl, report) };
  });
}
