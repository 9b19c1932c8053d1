import type { AuditRecord } from './audits.ts';
import type { Outside } from './coverage.ts';

/** What decides whether a campaign counts. */
export interface Evidence {
  /** From the first fault on, as long as it ran. */
  readonly minutes: number;
  readonly accounts: number;
  readonly orders: number;
  /** Every fault, in order. */
  readonly faults: readonly { readonly kind: string; readonly hit: boolean; readonly ordersMet: number }[];
  /** The kinds that could have come. */
  readonly kindsOffered: readonly string[];
  readonly audits: readonly AuditRecord[];
  readonly outside: Outside;
  readonly violations: number;
  /** From the last heal to the moment when the last order was final; null: never while it was waited for. */
  readonly allFinalAfterMs: number | null;
  readonly unknownWrites: number;
}

/** Of thirty minutes; a campaign of another length is held to its share. */
const WANTED_IN_30_MINUTES = { faults: 200, orders: 10_000, audits: 100 } as const;
const WANTED_KINDS = 12;
const WANTED_ACCOUNTS = 1000;
/** A shorter one has no time for each kind, and kinds that last long take most of it: it is held to half of its share of faults. */
const EVERY_KIND_FROM_MINUTES = 15;
const SHARE_OF_SHORT = 0.5;
const WANTED_TIME_OUTSIDE = 0.3;
const WANTED_GOOD_OUTSIDE = 0.9;
export const FINAL_WITHIN_MS = 30_000;

export interface Verdict {
  /** `held`: all invariants, and there was enough to break them. */
  readonly verdict: 'held' | 'violated' | 'vacuous';
  /** Why it is not `held`. */
  readonly complaints: readonly string[];
}

/** I11, I12 and the rest: whether everything held, and whether enough was tried to say so. Pure. */
export function judgeCampaign(evidence: Evidence): Verdict {
  const violated = complaintsOf(evidence);
  const vacuous = tooLittle(evidence);
  const verdict = violated.length > 0 ? 'violated' : vacuous.length > 0 ? 'vacuous' : 'held';
  return { verdict, complaints: [...violated, ...vacuous] };
}

function complaintsOf({ violations, allFinalAfterMs, unknownWrites }: Evidence): string[] {
  const complaints: string[] = [];
  if (violations > 0) complaints.push(`${violations} violations`);
  if (unknownWrites > 0) complaints.push(`of ${unknownWrites} posts nobody knows what became of them`);
  if (allFinalAfterMs === null) complaints.push('there are orders that never became final');
  else if (allFinalAfterMs > FINAL_WITHIN_MS) {
    complaints.push(`the last order was final ${Math.round(allFinalAfterMs / 1000)} s after the last heal`);
  }
  return complaints;
}

function tooLittle(evidence: Evidence): string[] {
  const { minutes, accounts, orders, faults, audits, outside } = evidence;
  const share = minutes / 30;
  const isShort = minutes < EVERY_KIND_FROM_MINUTES;
  const wantedFaults = Math.floor(WANTED_IN_30_MINUTES.faults * share * (isShort ? SHARE_OF_SHORT : 1));
  const counts: readonly (readonly [what: string, seen: number, wanted: number])[] = [
    ['accounts', accounts, WANTED_ACCOUNTS],
    ['orders', orders, Math.floor(WANTED_IN_30_MINUTES.orders * share)],
    ['faults', faults.length, wantedFaults],
    ['kinds of faults that hit work', kindsThatHitWork(faults).size, wantedKinds(evidence, wantedFaults)],
    ['audits', audits.filter(({ error }) => error === null).length, Math.floor(WANTED_IN_30_MINUTES.audits * share)],
  ];
  return [
    ...counts.filter(([, seen, wanted]) => seen < wanted).map(([what, seen, wanted]) => `${seen} ${what} of ${wanted}`),
    ...(isShort ? [] : kindsThatDidNothing(evidence)),
    ...(outside.timeShare < WANTED_TIME_OUTSIDE
      ? [`${percent(outside.timeShare)} of the time lay outside of faults`]
      : []),
    ...(outside.goodShare < WANTED_GOOD_OUTSIDE
      ? [`${percent(outside.goodShare)} of the requests outside of faults were answered well`]
      : []),
  ];
}

function wantedKinds({ kindsOffered }: Evidence, wantedFaults: number): number {
  return Math.min(WANTED_KINDS, kindsOffered.length, wantedFaults);
}

function kindsThatHitWork(faults: Evidence['faults']): Set<string> {
  return new Set(faults.filter(({ hit, ordersMet }) => hit && ordersMet > 0).map(({ kind }) => kind));
}

function kindsThatDidNothing({ faults, kindsOffered }: Evidence): string[] {
  const came = new Set(faults.map(({ kind }) => kind));
  const didHit = kindsThatHitWork(faults);
  return kindsOffered
    .filter((kind) => !didHit.has(kind))
    .map((kind) => (came.has(kind) ? `${kind} hit no work in flight` : `${kind} never came`));
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
