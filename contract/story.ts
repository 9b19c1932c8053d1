import type { LedgerEntry, Order } from './outputs.ts';

/**
 * An order's story: each step from HTTP to its final state and its ledger entries. `orders.story` and `payments.story`, for
 * operators, no part of the REST contract. Times are RFC 3339 in milliseconds, UTC, each of the clock of whoever wrote it.
 */

/** Where a record lies. */
export interface RecordPlace {
  readonly topic: string;
  readonly partition: number;
  /** Decimal digits. */
  readonly offset: string;
}

/** How an event came: a row of the inbox. */
export interface Arrival {
  readonly record: RecordPlace;
  /** When the event was written to the outbox; null when it did not say. */
  readonly eventTime: string | null;
  /** When its relay sent it. */
  readonly kafkaTime: string;
  readonly receivedAt: string;
  readonly committedAt: string;
  readonly node: string;
  /** Transactions until it was settled; null in rows from before that was counted. */
  readonly attempts: number | null;
  /** Times that it was delivered again, and skipped; null in rows from before that was counted. */
  readonly duplicates: number | null;
}

/** An event that has not left its service. */
export interface Waiting {
  readonly lane: number;
  readonly since: string;
  /** Why Kafka refused it, and when it was set aside; null while it waits its turn. */
  readonly parked: { readonly reason: string; readonly error: string; readonly at: string } | null;
}

/** A dead letter of the order, as it lies there, or what became of it. */
export interface StoryLetter {
  readonly deadLetterId: string;
  readonly service: string;
  readonly consumer: string | null;
  readonly eventId: string | null;
  /** `open` while it lies there; otherwise the outcome of an act, such as `settled` or `discarded`. */
  readonly state: string;
  /** Why it lies there; of an act who did it and why. */
  readonly error: string;
  readonly at: string;
}

/** What happened to the order's event, or is to happen. */
export interface EventTrail {
  /** In the inbox of whoever consumes it; null: no row is there (any more). */
  readonly arrival: Arrival | null;
  readonly letters: readonly StoryLetter[];
}

/** What payments knows of an order: `payments.story`. */
export interface PaymentsStory {
  readonly orderId: string;
  readonly asOf: string;
  readonly decision: {
    readonly status: 'completed' | 'rejected';
    readonly reason: string | null;
    readonly decidedAt: string;
  } | null;
  /** `order.created`, at `payments.pay`. */
  readonly created: EventTrail;
  /** The decision's event, while it is in the outbox of payments. */
  readonly waiting: Waiting | null;
  readonly entries: readonly LedgerEntry[];
  readonly missing: readonly string[];
}

export type StepName =
  | 'accepted'
  | 'published'
  | 'received'
  | 'decided'
  | 'decision-published'
  | 'decision-received'
  | 'settled'
  | 'waits-in-outbox'
  | 'parked'
  | 'in-topic'
  | 'dead-letter'
  | 'discarded'
  | 'waits-for-payment';

export interface StoryStep {
  readonly name: StepName;
  /** A sentence for people. */
  readonly title: string;
  readonly service: 'orders' | 'payments' | 'kafka';
  readonly node: string | null;
  /** Null: when it was is not known. */
  readonly at: string | null;
  readonly sinceStartMs: number | null;
  /** How long it took, or has taken up to now; null when that is not known, or clocks differ. */
  readonly tookMs: number | null;
  readonly event: { readonly eventId: string; readonly type: string } | null;
  readonly record: RecordPlace | null;
  readonly attempts: number | null;
  readonly duplicates: number | null;
  readonly detail: string | null;
}

export interface OrderStory {
  readonly orderId: string;
  readonly asOf: string;
  /** `unknown`: payments knows of it, and orders does not (any more). */
  readonly status: Order['status'] | 'unknown';
  /** As it is now; its description is the customer's own text and stays out. */
  readonly order: (Order & { readonly description: null }) | null;
  /** From cause to effect; an order that is on its way ends with where it is now. */
  readonly steps: readonly StoryStep[];
  readonly entries: readonly LedgerEntry[];
  readonly deadLetters: readonly StoryLetter[];
  /** What could not be asked, or is not kept any more: sentences. */
  readonly missing: readonly string[];
}
