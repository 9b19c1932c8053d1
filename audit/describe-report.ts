import type { AuditCheck, AuditProgress, AuditReport, DiscardedEvent } from './report.ts';

/** A report as text, for a terminal or a log. Pure. */

export interface TextOptions {
  readonly coloured: boolean;
}

const LABEL_WIDTH = 11;

/** @returns lines that end with what a reader wants to know first: whether anything is wrong */
export function describeReport(report: AuditReport, { coloured }: TextOptions): string {
  const paint = (code: number, text: string): string => (coloured ? `\x1b[${code}m${text}\x1b[0m` : text);
  return [
    '',
    ...figures(report),
    '',
    ...report.checks.flatMap((check) => checkLines(check, report, paint)),
    '',
    ...(report.discarded ?? []).map((event) => `  ${paint(33, 'DISCARDED')} ${discardedText(event)}`),
    ...report.unanswered.map((sentence) => `  ${paint(33, 'UNANSWERED')} ${sentence}`),
    `  ${conclusion(report, paint)}`,
    '',
  ].join('\n');
}

function figures({ counted, mode, tookMs, longestSnapshotMs }: AuditReport): string[] {
  const what = mode === 'full' ? 'Everything' : 'What has changed since the last audit';
  const rows = Object.entries(counted).map(([name, count]) => `${count} ${name}`);
  return [
    `  ${'Looked at'.padEnd(LABEL_WIDTH)}${what}, in ${(tookMs / 1000).toFixed(1)} s; longest snapshot ${longestSnapshotMs} ms`,
    `  ${'Rows'.padEnd(LABEL_WIDTH)}${rows.join(', ')}`,
  ];
}

function checkLines(check: AuditCheck, report: AuditReport, paint: (code: number, text: string) => string): string[] {
  if (check.violations === 0) return [`  ${paint(32, 'ok')}    ${check.invariant} ${check.name}`];
  const examples = report.violations.filter((violation) => violation.check === check.id);
  const more = check.violations - examples.length;
  return [
    `  ${paint(31, 'WRONG')} ${check.invariant} ${check.name}: ${check.violations} times not`,
    ...examples.map(({ what, ids }) => `          ${what} (${idsText(ids)})`),
    ...(more > 0 ? [`          … and ${more} more`] : []),
  ];
}

function discardedText({ orderId, service, side, act, by, why, at }: DiscardedEvent): string {
  return `Order ${orderId} stays NEW: ${by} discarded its event at ${at} (${service}, ${side}, act ${act}): ${why}`;
}

function idsText(ids: Readonly<Record<string, string>>): string {
  return Object.entries(ids)
    .map(([name, id]) => `${name} ${id}`)
    .join(', ');
}

function conclusion(report: AuditReport, paint: (code: number, text: string) => string): string {
  if (report.violationCount > 0) {
    const count = report.violationCount === 1 ? '1 violation' : `${report.violationCount} violations`;
    return paint(31, `NOT right: ${count}. docs/audit.md says what to do about each.`);
  }
  return report.unanswered.length > 0
    ? paint(33, 'Nothing wrong was found, and not everything could be asked.')
    : paint(32, 'Nothing is wrong: the money is right to the last unit.');
}

/** One line about how far an audit has come. */
export function describeProgress({ stage, rows, share }: AuditProgress): string {
  const percent = share > 0 ? `, about ${Math.round(share * 100)} %` : '';
  return `${stage}: ${rows} rows${percent}`;
}

/** The exit code: 0 nothing wrong, 1 something is, 2 not everything could be asked. */
export function exitCodeOf(report: AuditReport): 0 | 1 | 2 {
  if (report.violationCount > 0) return 1;
  return report.unanswered.length > 0 ? 2 : 0;
}
