import { QueryTypes, type Sequelize, type Transaction } from 'sequelize';
import { uuidv7 } from 'uuidv7';
import type { ReceivedEvent } from '../../events/event.ts';
import { paymentCompleted, type PaymentCompleted, type PaymentRejected } from '../../events/payment-decided.ts';
import { EventRefused } from '../../mixins/idempotent-consumer.mixin.ts';
import { decimalText } from '../../money/money.ts';
import { writeEntries, type LedgerStore } from './ledger-store.ts';
import { decide, type Account, type Payment } from './payment.ts';
import { readDecisions } from './repeat-decisions.ts';

export type PaymentDecided = ReceivedEvent<PaymentCompleted | PaymentRejected>;

/**
 * Writes decisions that a restored database has lost, as they were made: orders have acted on them, so nothing is decided
 * anew. A completed payment takes its money once more from the account as it was restored.
 *
 * @throws EventRefused for a decision whose money is not there, because a deposit was lost with the database: it is a dead
 *   letter until the deposit is booked again; and for one that contradicts the decision that is there
 */
export async function restoreDecisions(
  events: readonly PaymentDecided[],
  context: { sequelize: Sequelize; transaction: Transaction; store: LedgerStore; now: Date },
): Promise<void> {
  const { sequelize, transaction, store, now } = context;
  const accounts = await store.lockAccounts(events.map(({ data }) => data.userId));
  // After the locks: whoever decided one of these orders held the same account, and has committed.
  const there = await readDecisions(
    sequelize,
    events.map(({ data }) => data.orderId),
    transaction,
  );
  const decisionOf = new Map(there.map((decision) => [decision.orderId, decision]));
  const lost = new Map<string, PaymentDecided>();
  for (const event of events) {
    const decision = decisionOf.get(event.data.orderId);
    if (decision === undefined) lost.set(event.data.orderId, event);
    else refuseContradiction(event, decision);
  }
  const payments = [...lost.values()].map(toPayment);
  const settlement = decide(
    accounts,
    payments.filter(({ status }) => status === 'completed'),
    uuidv7,
  );
  for (const { status, orderId } of settlement.payments) {
    const event = lost.get(orderId);
    if (status === 'rejected' && event !== undefined) throw withoutMoney(event, accounts);
  }
  await writeEntries(store, settlement, now);
  await insertDecisions([...lost.values()], context);
}

function toPayment({ type, data }: PaymentDecided): Payment {
  const { orderId, userId } = data;
  const request = { orderId, userId, amount: BigInt(data.amount) };
  return type === paymentCompleted.type || !('reason' in data)
    ? { ...request, status: 'completed', reason: null }
    : { ...request, status: 'rejected', reason: data.reason };
}

function refuseContradiction(event: PaymentDecided, there: Payment): void {
  const told = toPayment(event);
  const isSame =
    told.userId === there.userId &&
    told.amount === there.amount &&
    told.status === there.status &&
    told.reason === there.reason;
  if (isSame) return;
  throw new EventRefused(
    event.eventId,
    `order ${there.orderId} was decided otherwise since: it is ${there.status} here, and the event says ${told.status}`,
  );
}

function withoutMoney({ eventId, data }: PaymentDecided, accounts: readonly Account[]): EventRefused {
  const account = accounts.find(({ userId }) => userId === data.userId);
  const amount = decimalText(BigInt(data.amount));
  return new EventRefused(
    eventId,
    account === undefined
      ? `${data.userId} paid ${amount} for order ${data.orderId} and has no account here: open it, book its lost deposits, then replay this`
      : `${data.userId} paid ${amount} for order ${data.orderId} and has ${decimalText(account.balance)} here: book the lost deposits, then replay this`,
  );
}

/** Each with the time at which it was made, so that it can be told again. */
async function insertDecisions(
  events: readonly PaymentDecided[],
  { sequelize, transaction }: { sequelize: Sequelize; transaction: Transaction },
): Promise<void> {
  if (events.length === 0) return;
  const payments = events.map(toPayment);
  await sequelize.query(
    `INSERT INTO payments (order_id, user_id, amount, status, reason, decided_at)
     SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::timestamptz[])`,
    {
      bind: [
        payments.map(({ orderId }) => orderId),
        payments.map(({ userId }) => userId),
        payments.map(({ amount }) => amount.toString()),
        payments.map(({ status }) => status),
        payments.map(({ reason }) => reason),
        events.map(({ data }) => data.decidedAt),
      ],
      type: QueryTypes.RAW,
      transaction,
    },
  );
}
