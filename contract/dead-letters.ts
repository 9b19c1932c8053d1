/**
 * What the actions on dead letters answer: `<service>.deadLetters.*`, for operators, no part of the REST contract
 * (docs/dead-letters.md). `Time` is text once it went over the bus or to the console's page; the service itself has it as
 * the database gives it, a `Date`.
 */

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

/** How many letters came to which outcome. */
export type OutcomeCounts = Readonly<Partial<Record<Outcome, number>>>;

/** How an act came to its end. `stopped`: the database or a neighbour was in the way; `interrupted`: its process died. */
export type ActEnd = 'done' | 'stopped' | 'failed' | 'interrupted';

/** How many there are, by consumer; one entry without a consumer for the relay. */
export interface LetterCount<Time = string> {
  readonly consumer: string | null;
  readonly count: number;
  readonly oldest: Time | null;
}

/** Dead letters that have the same in common: what happened once, to many. */
export interface LetterGroup<Time = string> {
  readonly side: Side;
  /** Null of the relay's. */
  readonly consumer: string | null;
  readonly reason: string;
  readonly type: string | null;
  readonly count: number;
  readonly oldest: Time;
  readonly newest: Time;
  /** Of the newest. */
  readonly error: string;
}

/** A letter as lists show it. */
export interface ListedLetter<Time = string> {
  readonly id: string;
  readonly consumer: string | null;
  readonly reason: string;
  readonly error: string;
  readonly eventId: string | null;
  readonly type: string | null;
  /** `type/id`. */
  readonly aggregate: string | null;
  readonly place: string;
  readonly parkedAt: Time;
  /** Replays that refused it again. */
  readonly attempts: number;
  /** Earlier letters of its aggregate, or key: it waits for those. */
  readonly behind: number;
}

export interface LettersPage<Time = string> {
  /** Letters of the whole selection. */
  // eslint-disable-next-line no-restricted-syntax -- letters, and no amount
  readonly total: number;
  readonly letters: readonly ListedLetter<Time>[];
  /** Where the next page begins; null when this one was not full. */
  readonly after: string | null;
}

/** Bytes for a person: JSON indented, other text as it is, anything else in base64; cut when long, which it says. */
export interface Readable {
  readonly form: 'json' | 'text' | 'base64' | 'none';
  readonly bytes: number;
  readonly content: string;
}

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

/** What was done, or would be. */
export interface ActReport {
  readonly act: string;
  readonly what: ActKind;
  readonly dryRun: boolean;
  readonly counts: OutcomeCounts;
  /** The first of them. */
  readonly letters: readonly ActedLetter[];
  /** True when there was more to do than one call may: call again with `after`. */
  readonly more: boolean;
  readonly after: string;
  /** What ended the act early, or what to do next. */
  readonly note: string | null;
}

/** An act as the list of acts shows it. */
export interface ListedAct<Time = string> {
  readonly id: string;
  readonly side: Side;
  readonly what: string;
  readonly dryRun: boolean;
  readonly by: string;
  readonly why: string;
  readonly selection: unknown;
  readonly node: string;
  readonly beganAt: Time;
  readonly endedAt: Time | null;
  /** Null while it is under way. */
  readonly outcome: ActEnd | null;
  readonly error: string | null;
  readonly counts: OutcomeCounts | null;
  /** Letters that it had in hand when it was heard of last. */
  readonly inHand: readonly string[];
}
