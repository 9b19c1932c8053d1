import type { AuditRecord } from '../checks/audits.ts';
import type { CampaignReport } from './campaign-report.ts';

const LABEL_WIDTH = 18;
const KIND_WIDTH = 30;
const EXAMPLES_SHOWN = 10;

/** What a campaign saw, for a reader at a terminal. */
export function summarise(report: CampaignReport, files: readonly string[]): string {
  return [
    '',
    ...figures(report).map(([label, figure]) => `  ${label.padEnd(LABEL_WIDTH)}${figure}`),
    '',
    `  ${'Faults'.padEnd(KIND_WIDTH)}  fired  hit       and met orders       most orders met`,
    ...Object.entries(report.faults.kinds).map(
      ([kind, { fired, hit, hitWork, mostOrdersMet }]) =>
        `    ${kind.padEnd(KIND_WIDTH)}${cell(fired, 5)}${cell(hit, 5)}${cell(hitWork, 23)}${cell(mostOrdersMet, 23)}`,
    ),
    ...examples(report),
    '',
    ...files.map((file) => `  Written to ${file}`),
    '',
    ...conclusion(report),
    '',
  ].join('\n');
}

function figures({ load, faults, audits, outside, end, minutes, seed }: CampaignReport): [string, string][] {
  const outcomes = Object.entries(load.ordersByOutcome).map(([outcome, count]) => `${count} ${outcome}`);
  const { readThroughRest, foundInDatabases, allFinalAfterMs } = end;
  return [
    ['Campaign', `${minutes.toFixed(1)} minutes, seed ${seed}`],
    ['Orders', `${load.orders} of ${load.accounts} accounts: ${outcomes.join(', ')}`],
    ['Settled', `median ${load.settledMs.median ?? 0} ms, 99 of 100 within ${load.settledMs.p99 ?? 0} ms`],
    ['Requests', `${load.requests}; ${load.postsAskedAgain} of ${load.posts} posts were sent again`],
    ['Unknown outcomes', `${load.unknownPosts} at the end`],
    ['Faults', `${faults.count} of ${Object.keys(faults.kinds).length} kinds`],
    [
      'Outside of them',
      `${share(outside.timeShare)} of the time; ${share(outside.goodShare)} of ${outside.requests} requests good`,
    ],
    ['Audits', `${audits.count}, ${audits.duringFaults} of them during faults${unable(audits.records)}`],
    [
      'Last heal',
      allFinalAfterMs === null ? 'not all final' : `all final ${(allFinalAfterMs / 1000).toFixed(1)} s later`,
    ],
    ['Read through REST', countsOf(readThroughRest)],
    ['In the databases', countsOf(foundInDatabases)],
    ['Dead letters', `${end.deadLetters.length}`],
  ];
}

function examples({ violations }: CampaignReport): string[] {
  if (violations.count === 0) return [];
  const shown = violations.examples.slice(0, EXAMPLES_SHOWN);
  return [
    '',
    `  Violations: ${violations.count}, the first of them`,
    ...shown.map(({ invariant, what, ids }) => `    ${invariant} ${what} ${JSON.stringify(ids)}`),
  ];
}

function conclusion({ verdict, complaints }: CampaignReport): string[] {
  if (verdict === 'held') return ['  Every invariant held.'];
  const title = verdict === 'violated' ? 'NOT as promised' : 'Too little was tried';
  return complaints.map((complaint) => `  ${title}: ${complaint}`);
}

/** Why audits could not run: away is one thing, a mistake another. */
function unable(records: readonly AuditRecord[]): string {
  const failed = records.filter(({ error }) => error !== null);
  const last = failed.at(-1)?.error?.split('\n')[0];
  return last === undefined ? '' : `; ${failed.length} could not run, the last one: ${last}`;
}

function countsOf(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([what, count]) => `${count} ${what}`)
    .join(', ');
}

function cell(value: number, width: number): string {
  return String(value).padStart(width);
}

function share(of: number): string {
  return `${(of * 100).toFixed(1)} %`;
}
