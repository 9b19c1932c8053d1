/** What an audit says. Plain values that go through JSON unchanged. */

export type Invariant = 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I8' | 'I9';

/** Something that contradicts an invariant. */
export interface AuditViolation {
  readonly invariant: Invariant;
  /** The check that found it: `AuditCheck.id`. */
  readonly check: string;
  /** A sentence. */
  readonly what: string;
  /** Whom to look at: `userId`, `orderId`, `version`, … */
  readonly ids: Readonly<Record<string, string>>;
}

/** One sentence that has to be true, and how often it is not. */
export interface AuditCheck {
  /** Stable, for scripts. */
  readonly id: string;
  readonly invariant: Invariant;
  readonly name: string;
  readonly violations: number;
}

/** An order that stays NEW because a person discarded the event that had to come next: no violation. */
export interface DiscardedEvent {
  readonly orderId: string;
  /** Whose dead letter it was. */
  readonly service: 'orders' | 'payments';
  readonly side: 'consumer' | 'relay';
  /** The act, as `dlq acts <service>` lists it. */
  readonly act: string;
  readonly by: string;
  readonly why: string;
  readonly at: string;
}

/** Where the next incremental audit begins. */
export interface AuditMark {
  /** When the audit that made it began, less a margin for clocks that differ: what is stamped later is looked at again. */
  readonly since: string;
  /** Orders above this id are looked at again, … */
  readonly afterOrderId: string;
  /** … and these below it, which were not final. */
  readonly openOrderIds: readonly string[];
}

export interface AuditReport {
  readonly startedAt: string;
  readonly tookMs: number;
  readonly mode: 'full' | 'incremental';
  /** Rows and sums that were looked at; sums are minor units. */
  readonly counted: Readonly<Record<string, number | string>>;
  /** Every check, in the order of the invariants. */
  readonly checks: readonly AuditCheck[];
  /** How many there are; `violations` holds the first ones of each check. */
  readonly violationCount: number;
  readonly violations: readonly AuditViolation[];
  /** The first ones; `counted` has how many there are. Absent in reports of versions before. */
  readonly discarded?: readonly DiscardedEvent[];
  /** What could not be asked, a sentence each: the audit is then no proof, though it found nothing. */
  readonly unanswered: readonly string[];
  /** The longest that one snapshot was open, in milliseconds. */
  readonly longestSnapshotMs: number;
  readonly mark: AuditMark;
}

export interface AuditProgress {
  readonly stage: 'ledger' | 'decisions' | 'events on their way';
  /** Rows that were looked at in this stage. */
  readonly rows: number;
  /** 0 to 1, as far as it can be told. */
  readonly share: number;
}

/** What `audit.run` and `audit.last` answer: always soon, however long an audit takes. */
export interface AuditAnswer {
  /** The node that answers. */
  readonly nodeId: string;
  /** Null while this node runs none. */
  readonly running: AuditProgress | null;
  /** Why the last audit of this node has left no report: a sentence; null when it has left one, or ran none. */
  readonly failure: string | null;
  /** The newest one, of whatever node; null before the first. */
  readonly report: AuditReport | null;
}
