import { QueryTypes, type Sequelize, type Transaction } from 'sequelize';
import type { KnownDecisions, RepeatDecisionsInput } from '../../contract/order-decisions.ts';
import type { NewEvent } from '../../events/event.ts';
import { orderCreated } from '../../events/order-created.ts';
import { paymentCompleted } from '../../events/payment-decided.ts';
import { aggregatesParked } from '../../mixins/inbox/parked-aggregates.ts';
import { aggregatesWaiting } from '../../mixins/outbox/waiting-events.ts';
import { decisionEvent } from './decision-event.ts';
import type { Payment } from './payment.ts';

/**
 * Tells decisions again that were made about orders: the same event, under the same id, so that whoever has it drops it.
 * Asked by orders about those that are still NEW; nothing is decided here.
 */
export async function repeatDecisions(
  { orderIds, dryRun }: RepeatDecisionsInput,
  context: { sequelize: Sequelize; transaction: Transaction; addToOutbox: (events: NewEvent[]) => Promise<void> },
): Promise<KnownDecisions> {
  const { sequelize, transaction, addToOutbox } = context;
  const decisions = await readDecisions(sequelize, orderIds, transaction);
  const decided = new Set(decisions.map(({ orderId }) => orderId));
  const undecided = orderIds.filter((orderId) => !decided.has(orderId));
  const waiting = await aggregatesWaiting(sequelize, paymentCompleted.aggregateType, [...decided], transaction);
  const parked = await aggregatesParked(sequelize, orderCreated.aggregateType, undecided, transaction);
  const toRepeat = decisions.filter(({ orderId }) => !waiting.has(orderId));
  if (!dryRun) await addToOutbox(toRepeat.map((decision) => decisionEvent(decision, decision.decidedAt)));
  return {
    repeated: toRepeat.map(({ orderId }) => orderId),
    waiting: [...waiting],
    parked: [...parked],
    unknown: undecided.filter((orderId) => !parked.has(orderId)),
  };
}

type Decision = Payment & { readonly decidedAt: Date };

/** Reads the decisions that exist about these orders. */
export async function readDecisions(
  sequelize: Sequelize,
  orderIds: readonly string[],
  transaction: Transaction,
): Promise<Decision[]> {
  const rows = await sequelize.query<Omit<Decision, 'amount'> & { amount: string }>(
    `SELECT order_id AS "orderId", user_id AS "userId", amount, status, reason, decided_at AS "decidedAt"
       FROM payments WHERE order_id = ANY ($1::uuid[])`,
    { bind: [orderIds], type: QueryTypes.SELECT, transaction },
  );
  return rows.map((row) => ({ ...row, amount: BigInt(row.amount) }) as Decision);
}
