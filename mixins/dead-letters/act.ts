import type { Selection } from './selection.ts';

/** The two kinds of dead letters: of a consumer, and of the relay. */
export const SIDES = ['consumer', 'relay'] as const;
export type Side = (typeof SIDES)[number];

/** What can be done to dead letters. */
export type ActKind = 'replay' | 'discard';

/**
 * What became of a letter in an act:
 * `settled`: its event has had its effect; `settled-before`: it had it already; `put-back`: into the outbox;
 * `discarded`; `refused-again`: it stays, with its new error; `failed`: it stays, since something else went wrong;
 * `waits`: an earlier one of its aggregate, or key, is still here; `needs-force`: a try may end the process.
 */
export type Outcome =
  'settled' | 'settled-before' | 'put-back' | 'discarded' | 'refused-again' | 'failed' | 'waits' | 'needs-force';

/** One letter of an act's report. */
export interface ActedLetter {
  readonly id: string;
  readonly consumer: string | null;
  /** Consumer: `topic/partition/offset`; relay: `outbox/lane/id`. */
  readonly place: string;
  readonly eventId: string | null;
  readonly type: string | null;
  /** `type/id`. */
  readonly aggregate: string | null;
  readonly outcome: Outcome;
  /** Why it stays; null for one that is gone. */
  readonly detail: string | null;
}

/** What somebody asks for. */
export interface ActRequest {
  readonly kind: ActKind;
  readonly selection: Selection;
  readonly by: string;
  readonly why: string;
  readonly dryRun: boolean;
  /** Also what may end the process. */
  readonly force: boolean;
  /** Selected letters with ids up to here were dealt with by an earlier call. */
  readonly after: string;
  /** How many letters this call may deal with, followers included. */
  readonly limit: number;
  /** When this call has to come to its end, on `performance.now()`. */
  readonly until: number;
}

/** What was done, or would be. */
export interface ActReport {
  readonly act: string;
  readonly what: ActKind;
  readonly dryRun: boolean;
  /** How many letters came to which outcome. */
  readonly counts: Readonly<Partial<Record<Outcome, number>>>;
  /** The first of them. */
  readonly letters: readonly ActedLetter[];
  /** True when there was more to do than one call may: call again with `after`. */
  readonly more: boolean;
  readonly after: string;
  /** What ended the act early, or what to do next. */
  readonly note: string | null;
}
