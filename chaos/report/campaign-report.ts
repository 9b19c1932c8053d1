import type { AuditRecord } from '../checks/audits.ts';
import type { DeadLetter } from '../checks/check-databases.ts';
import type { Outside } from '../checks/coverage.ts';
import type { Verdict } from '../checks/verdict.ts';
import type { Violation } from '../history/violation.ts';
import type { Second } from '../load/seconds.ts';

/** A fault as the report tells it. */
export interface ReportedFault {
  readonly kind: string;
  readonly target: string;
  readonly startedAtMs: number;
  readonly healedAtMs: number;
  readonly hit: boolean;
  /** What shows that it did something. */
  readonly evidence: string;
  /** Answered 201 before it began, and not final then. */
  readonly ordersInFlight: number;
  /** In flight at some moment while it lasted: several kinds wait for orders before they strike. */
  readonly ordersMet: number;
  /** The first of those. */
  readonly orderIds: readonly string[];
}

/** Faults of one kind together. */
export interface ReportedKind {
  readonly fired: number;
  readonly hit: number;
  /** Those that hit while orders were in flight. */
  readonly hitWork: number;
  readonly mostOrdersMet: number;
}

/** Everything that a campaign has to say; times are `Date.now()`, lengths milliseconds. One JSON file. */
export interface CampaignReport extends Verdict {
  readonly command: string;
  readonly startedAt: string;
  readonly seed: number;
  readonly minutesAsked: number;
  /** How long faults came. */
  readonly minutes: number;
  readonly interrupted: boolean;
  readonly machine: { readonly cores: number; readonly node: string };
  readonly load: {
    readonly accounts: number;
    readonly orders: number;
    readonly ordersByOutcome: Readonly<Record<string, number>>;
    readonly posts: number;
    readonly requests: number;
    /** Of the posts: sent again until it was known what became of them. */
    readonly postsAskedAgain: number;
    readonly unknownPosts: number;
    /** Answers by call and status; 0 is none. */
    readonly answers: Readonly<Record<string, number>>;
    readonly ordersPerSecond: number;
    /** From the answer to the order to the moment when it was seen to be final. */
    readonly settledMs: { readonly median: number | null; readonly p99: number | null; readonly most: number | null };
  };
  readonly faults: {
    readonly count: number;
    readonly kindsOffered: readonly string[];
    readonly kinds: Readonly<Record<string, ReportedKind>>;
    readonly records: readonly ReportedFault[];
  };
  readonly outside: Outside;
  readonly audits: {
    readonly count: number;
    readonly full: number;
    /** Those that ran, wholly or in part, while something was broken. */
    readonly duringFaults: number;
    /** Could not run, because a database was away: not counted. */
    readonly failed: number;
    readonly violations: number;
    readonly records: readonly AuditRecord[];
  };
  readonly end: {
    readonly lastHealAtMs: number;
    readonly allFinalAtMs: number | null;
    readonly allFinalAfterMs: number | null;
    /** What the last, full audit counted. */
    readonly audit: AuditRecord;
    readonly readThroughRest: Readonly<Record<string, number>>;
    readonly foundInDatabases: Readonly<Record<string, number>>;
    readonly deadLetters: readonly DeadLetter[];
  };
  readonly violations: { readonly count: number; readonly examples: readonly Violation[] };
  readonly seconds: readonly Second[];
}
