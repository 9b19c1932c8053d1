import { cpus } from 'node:os';
import { mergeWindows, ordersInFlight, outsideFaults } from '../checks/coverage.ts';
import { judgeCampaign, type Verdict } from '../checks/verdict.ts';
import type { CampaignOptions, Played } from '../campaign.ts';
import type { FaultRecord } from '../faults/fault.ts';
import type { OrderHistory } from '../history/account-history.ts';
import type { History } from '../history/history.ts';
import type { Violation } from '../history/violation.ts';
import { quantile } from '../load/seconds.ts';
import type { CampaignReport, ReportedFault, ReportedKind } from './campaign-report.ts';

/** Of each fault and of the violations, as many as are shown; the counts are of all. */
const ORDER_IDS_SHOWN = 20;
const VIOLATIONS_SHOWN = 200;
/** So that the picture shows that nothing comes after the last order was final. */
const SECONDS_AFTER_MS = 5000;
/** As `runFaults` has it: a shorter run has no time for kinds that take minutes. */
const LONG_KINDS_FROM_MINUTES = 15;

/** Puts together what a campaign saw, and judges it. */
export function buildReport(options: CampaignOptions, played: Played): CampaignReport {
  const { load, audits, lastHealAtMs, allFinalAtMs, faultsFromMs, lastAudit, rest, databases } = played;
  const { history } = load;
  const faults = played.faults.filter(isFault).map((fault) => reportFault(fault, history));
  const violations = allViolations(options, played);
  const minutes = (lastHealAtMs - faultsFromMs) / 60_000;
  const outside = outsideFaults(faults, history.spans, { fromMs: faultsFromMs, toMs: lastHealAtMs });
  const allFinalAfterMs = allFinalAtMs === null ? null : allFinalAtMs - lastHealAtMs;
  const answered = audits.records.filter(({ error }) => error === null);
  const windows = mergeWindows(faults);
  const kindsOffered = kindsOf(options, played);
  const verdict: Verdict = judgeCampaign({
    // What was asked for is the measure, unless somebody ended it early.
    minutes: options.signal.aborted ? minutes : options.minutes,
    accounts: history.accounts.filter(({ isOpen }) => isOpen).length,
    orders: history.orders.size,
    faults,
    kindsOffered,
    audits: audits.records,
    outside,
    violations: violations.length,
    allFinalAfterMs,
    unknownWrites: history.unknown.size,
  });
  return {
    ...verdict,
    command: options.command,
    startedAt: new Date(faultsFromMs).toISOString(),
    seed: options.seed,
    minutesAsked: options.minutes,
    minutes,
    interrupted: options.signal.aborted,
    machine: { cores: cpus().length, node: process.version },
    load: reportLoad(history, minutes, faultsFromMs),
    faults: { count: faults.length, kindsOffered, kinds: byKind(faults), records: faults },
    outside,
    audits: {
      count: answered.length,
      full: answered.filter(({ mode }) => mode === 'full').length,
      duringFaults: answered.filter(({ startedAtMs, tookMs }) =>
        windows.some(({ fromMs, toMs }) => startedAtMs <= toMs && startedAtMs + tookMs >= fromMs),
      ).length,
      failed: audits.records.length - answered.length,
      violations: audits.violations.length,
      records: audits.records,
    },
    end: {
      lastHealAtMs,
      allFinalAtMs,
      allFinalAfterMs,
      audit: lastAudit,
      readThroughRest: rest.counted,
      foundInDatabases: databases.counted,
      deadLetters: databases.deadLetters,
    },
    violations: { count: violations.length, examples: violations.slice(0, VIOLATIONS_SHOWN) },
    seconds: load.seconds.all.filter(({ atMs }) => atMs <= (allFinalAtMs ?? Infinity) + SECONDS_AFTER_MS),
  };
}

function allViolations(
  { cluster }: CampaignOptions,
  { load, audits, lastAudit, rest, databases }: Played,
): Violation[] {
  const { history } = load;
  const unkept = Array.from({ length: history.violations.count - history.violations.kept.length }, () => ({
    invariant: 'more',
    what: 'not kept: there are too many',
    ids: {},
  }));
  const unaudited =
    lastAudit.error === null ? [] : [{ invariant: 'I1', what: `the last audit failed: ${lastAudit.error}`, ids: {} }];
  const unwritten =
    load.historyFile.error === null
      ? []
      : [{ invariant: 'I12', what: `the history is not whole: ${load.historyFile.error}`, ids: {} }];
  return [
    ...history.violations.kept,
    ...audits.violations,
    ...unaudited,
    ...unwritten,
    ...cluster.unorderedExits.map((exit) => ({
      invariant: 'contract',
      what: 'a node ended though nothing had told it to',
      ids: { exit: JSON.stringify(exit) },
    })),
    ...rest.violations,
    ...databases.violations,
    ...unkept,
  ];
}

/** What could not be done on this machine is no fault. */
function isFault({ isNotPossibleHere = false }: FaultRecord): boolean {
  return !isNotPossibleHere;
}

/** Those that could have come: possible here, and short enough. */
function kindsOf({ kinds, minutes }: CampaignOptions, { faults }: Played): string[] {
  const impossible = new Set(faults.filter((fault) => !isFault(fault)).map(({ kind }) => kind));
  return kinds
    .filter(({ name, isLong = false }) => !impossible.has(name) && (!isLong || minutes >= LONG_KINDS_FROM_MINUTES))
    .map(({ name }) => name);
}

function reportFault(fault: FaultRecord, history: History): ReportedFault {
  const orders = (toMs: number) => ordersInFlight(history.orders.values(), fault.startedAtMs, toMs);
  const met = orders(fault.healedAtMs);
  return {
    ...fault,
    ordersInFlight: orders(fault.startedAtMs).length,
    ordersMet: met.length,
    orderIds: met.slice(0, ORDER_IDS_SHOWN),
  };
}

function byKind(faults: readonly ReportedFault[]): Record<string, ReportedKind> {
  const kinds: Record<string, ReportedKind> = {};
  for (const [kind, records = []] of Object.entries(Object.groupBy(faults, (fault) => fault.kind))) {
    kinds[kind] = {
      fired: records.length,
      hit: records.filter(({ hit }) => hit).length,
      hitWork: records.filter(({ hit, ordersMet }) => hit && ordersMet > 0).length,
      mostOrdersMet: Math.max(...records.map(({ ordersMet }) => ordersMet)),
    };
  }
  return kinds;
}

function reportLoad(history: History, minutes: number, faultsFromMs: number): CampaignReport['load'] {
  const orders = [...history.orders.values()];
  const posts = history.accounts.flatMap(({ writes }) => writes);
  const settledMs = orders
    .flatMap(({ answeredAtMs, finalAtMs }) => (finalAtMs === null ? [] : [finalAtMs - answeredAtMs]))
    .sort((a, b) => a - b);
  const during = orders.filter(({ answeredAtMs }) => answeredAtMs >= faultsFromMs).length;
  return {
    accounts: history.accounts.filter(({ isOpen }) => isOpen).length,
    orders: orders.length,
    ordersByOutcome: countOutcomes(orders),
    posts: posts.length,
    requests: history.spans.length,
    postsAskedAgain: history.askedAgain,
    unknownPosts: history.unknown.size,
    answers: Object.fromEntries(Object.entries(history.byStatus).sort(([a], [b]) => a.localeCompare(b))),
    ordersPerSecond: Math.round((during / minutes / 60) * 10) / 10,
    settledMs: { median: quantile(settledMs, 0.5), p99: quantile(settledMs, 0.99), most: settledMs.at(-1) ?? null },
  };
}

function countOutcomes(orders: readonly OrderHistory[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, reason } of orders) {
    const outcome = reason === null ? status : `${status} ${reason}`;
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  return counts;
}
