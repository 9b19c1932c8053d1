import type { Sequelize, Transaction } from 'sequelize';
import type { KnownDecisions } from '../../../contract/order-decisions.ts';
import type { Reconciled } from '../../../contract/reconcile.ts';
import type { NewEvent } from '../../../events/event.ts';
import { orderCreated } from '../../../events/order-created.ts';
import { paymentCompleted } from '../../../events/payment-decided.ts';
import { aggregatesParked } from '../../../mixins/inbox/parked-aggregates.ts';
import { aggregatesWaiting } from '../../../mixins/outbox/waiting-events.ts';
import { errorText } from '../../../problems/error-text.ts';
import { createdEvent } from '../order-event.ts';
import {
  claim,
  forgetSettled,
  lockReconciling,
  postpone,
  readOverdue,
  stillNew,
  type OverdueOrder,
} from './overdue-orders.ts';

/** Orders of one question to payments: as many as it takes in one. */
const PAGE = 1000;
/** A round ends after this many orders or this long, whichever is first: it answers well within the time of a call. */
const MAX_PER_ROUND = 10_000;
const MAX_ROUND_MS = 3000;
/** An order that nothing helps is tried once a day. */
const MAX_PAUSE_MS = 24 * 60 * 60 * 1000;

export interface ReconcileContext {
  readonly sequelize: Sequelize;
  /** How long after its first attempt an order gets its second; the pause doubles from there. Milliseconds. */
  readonly firstPauseMs: number;
  /** Asks payments, and lets it tell again what it has decided. @throws when it does not answer */
  readonly askPayments: (question: { orderIds: string[]; dryRun: boolean }) => Promise<KnownDecisions>;
  readonly addToOutbox: (events: NewEvent[], transaction: Transaction) => Promise<void>;
}

export interface ReconcileOptions {
  /** Orders that are NEW for at least this long, in milliseconds. */
  readonly olderThanMs: number;
  readonly after: string | null;
  readonly dryRun: boolean;
  /** By an operator's hand: takes no notice of pauses, and sends events also while payments does not answer. */
  readonly byHand: boolean;
}

/**
 * Helps orders that are NEW for too long, with nothing on the way: payments tells again what it has decided, and what it
 * has not decided gets its event again, under the same id. Both are harmless where they were not needed: consumers drop
 * what they have. A crash at any point leaves orders that the next round finds again.
 *
 * @returns what was done, and where to go on if there may be more
 */
export async function reconcileOrders(context: ReconcileContext, options: ReconcileOptions): Promise<Reconciled> {
  const began = performance.now();
  const createdBefore = new Date(Date.now() - options.olderThanMs);
  let total: Reconciled = { ...NOTHING, next: options.after };
  for (;;) {
    const page = await reconcilePage(context, options, createdBefore, total.next);
    total = add(total, page);
    const isOver = total.overdue >= MAX_PER_ROUND || performance.now() - began > MAX_ROUND_MS;
    if (page.next === null || page.postponed > 0 || isOver) break;
  }
  if (!options.dryRun) await forgetSettled(context.sequelize, MAX_PER_ROUND);
  return total;
}

const NOTHING: Reconciled = {
  overdue: 0,
  onTheWay: 0,
  repeated: 0,
  waiting: 0,
  parked: 0,
  sent: 0,
  postponed: 0,
  paymentsAway: null,
  next: null,
};

function add(total: Reconciled, page: Reconciled): Reconciled {
  return {
    overdue: total.overdue + page.overdue,
    onTheWay: total.onTheWay + page.onTheWay,
    repeated: total.repeated + page.repeated,
    waiting: total.waiting + page.waiting,
    parked: total.parked + page.parked,
    sent: total.sent + page.sent,
    postponed: total.postponed + page.postponed,
    paymentsAway: page.paymentsAway ?? total.paymentsAway,
    next: page.next,
  };
}

async function reconcilePage(
  context: ReconcileContext,
  { dryRun, byHand }: ReconcileOptions,
  createdBefore: Date,
  after: string | null,
): Promise<Reconciled> {
  const { overdue, stuck } = await chooseStuck(context, { createdBefore, after, byHand, dryRun });
  const next = overdue.length < PAGE ? null : (overdue.at(-1)?.orderId ?? null);
  const seen = { ...NOTHING, overdue: overdue.length, onTheWay: overdue.length - stuck.length, next };
  if (stuck.length === 0) return seen;
  const { known, paymentsAway } = await ask(context, stuck, dryRun);
  if (known === null && !byHand) return { ...seen, postponed: stuck.length, paymentsAway };
  const unknown = new Set(known?.unknown ?? stuck.map(({ orderId }) => orderId));
  const toSend = stuck.filter(({ orderId }) => unknown.has(orderId));
  const sent = dryRun ? toSend.length : await sendAgain(context, toSend, stuck);
  return {
    ...seen,
    repeated: known?.repeated.length ?? 0,
    waiting: known?.waiting.length ?? 0,
    parked: known?.parked.length ?? 0,
    sent,
    paymentsAway,
  };
}

/** Reads a page of overdue orders, and claims those of which nothing is on the way. */
async function chooseStuck(
  { sequelize }: ReconcileContext,
  page: { createdBefore: Date; after: string | null; byHand: boolean; dryRun: boolean },
): Promise<{ overdue: OverdueOrder[]; stuck: OverdueOrder[] }> {
  return sequelize.transaction(async (transaction) => {
    if (!page.dryRun) await lockReconciling(sequelize, transaction);
    const overdue = await readOverdue(
      sequelize,
      { createdBefore: page.createdBefore, after: page.after, ignorePauses: page.byHand, limit: PAGE },
      transaction,
    );
    if (overdue.length === 0) return { overdue, stuck: [] };
    const ids = overdue.map(({ orderId }) => orderId);
    const inOutbox = await aggregatesWaiting(sequelize, orderCreated.aggregateType, ids, transaction);
    // A decision that lies here as a dead letter would only get a second one behind it.
    const parkedHere = await aggregatesParked(sequelize, paymentCompleted.aggregateType, ids, transaction);
    const stuck = overdue.filter(({ orderId }) => !inOutbox.has(orderId) && !parkedHere.has(orderId));
    if (!page.dryRun && stuck.length > 0) {
      await claim(
        sequelize,
        stuck.map(({ orderId }) => orderId),
        transaction,
      );
    }
    return { overdue, stuck };
  });
}

async function ask(
  { askPayments }: ReconcileContext,
  stuck: readonly OverdueOrder[],
  dryRun: boolean,
): Promise<{ known: KnownDecisions | null; paymentsAway: string | null }> {
  try {
    return { known: await askPayments({ orderIds: stuck.map(({ orderId }) => orderId), dryRun }), paymentsAway: null };
  } catch (error) {
    return { known: null, paymentsAway: errorText(error) };
  }
}

/** @returns how many events were written: of those orders that are NEW still */
async function sendAgain(
  { sequelize, firstPauseMs, addToOutbox }: ReconcileContext,
  toSend: readonly OverdueOrder[],
  stuck: readonly OverdueOrder[],
): Promise<number> {
  return sequelize.transaction(async (transaction) => {
    const undecided = await stillNew(
      sequelize,
      toSend.map(({ orderId }) => orderId),
      transaction,
    );
    await addToOutbox(toSend.filter(({ orderId }) => undecided.has(orderId)).map(createdEvent), transaction);
    await postpone(
      sequelize,
      stuck.map(({ orderId }) => orderId),
      { firstPauseMs, maxPauseMs: MAX_PAUSE_MS },
      transaction,
    );
    return undecided.size;
  });
}
