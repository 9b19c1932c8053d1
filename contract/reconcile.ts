import { Type } from '@sinclair/typebox';
import { defineInput } from './define-input.ts';
import { toggle } from './order-decisions.ts';
import { orderId, type Value } from './values.ts';

/** `orders.reconcile`: for operators, no part of the REST contract. */

export interface ReconcileInput {
  /** Orders that are NEW for at least this long; null: as long as the node is set to. */
  readonly olderThanMs: number | null;
  /** Goes on after this order; null: from the oldest. */
  readonly after: string | null;
  /** Only says what it would do. */
  readonly dryRun: boolean;
  readonly by: string | null;
  readonly why: string | null;
}

/** A year. */
const MAX_AGE_MS = 366 * 24 * 60 * 60 * 1000;
const MAX_REMARK = 1000;

/** A whole number of milliseconds, or null. */
const ageMs: Value<number | null> = {
  schema: Type.Union([Type.Integer({ minimum: 0, maximum: MAX_AGE_MS }), Type.Null()]),
  check(value) {
    if (value === undefined || value === null) return { ok: true, value: null };
    return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_AGE_MS
      ? { ok: true, value }
      : { ok: false, detail: `This is a whole number of milliseconds from 0 to ${MAX_AGE_MS}.` };
  },
};

const maybeOrderId: Value<string | null> = {
  schema: Type.Union([orderId.schema, Type.Null()]),
  check: (value) => (value === undefined || value === null ? { ok: true, value: null } : orderId.check(value)),
};

/** Who does something, or why: text for the record. */
export const remark: Value<string | null> = {
  schema: Type.Union([Type.String({ minLength: 1, maxLength: MAX_REMARK }), Type.Null()]),
  check(value) {
    if (value === undefined || value === null) return { ok: true, value: null };
    return typeof value === 'string' && value.trim() !== '' && value.length <= MAX_REMARK && !value.includes('\0')
      ? { ok: true, value }
      : { ok: false, detail: `This is text of 1 to ${MAX_REMARK} characters.` };
  },
};

export const reconcileInput = defineInput<ReconcileInput>('body', {
  olderThanMs: ageMs,
  after: maybeOrderId,
  dryRun: toggle,
  by: remark,
  why: remark,
});

/** What a round of reconciling did, in orders; with `dryRun` what it would have done. */
export interface Reconciled {
  /** NEW for too long. Each of them is one of the following. */
  readonly overdue: number;
  /** Their event, or their decision, is on its way or lies among the dead letters here. */
  readonly onTheWay: number;
  /** Payments has decided, and tells its decision again. */
  readonly repeated: number;
  /** Payments has decided, and the decision has not left its outbox yet. */
  readonly waiting: number;
  /** Their event lies among the dead letters of payments. */
  readonly parked: number;
  /** Their event is in the outbox again. */
  readonly sent: number;
  /** Nothing was done: payments did not answer, and by itself the schedule waits for it. */
  readonly postponed: number;
  /** Why payments was not asked; null when it answered. */
  readonly paymentsAway: string | null;
  /** Last order that was looked at, when there may be more: `after` of the next round; null otherwise. */
  readonly next: string | null;
}
