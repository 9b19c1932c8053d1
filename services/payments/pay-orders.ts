import type { Sequelize, Transaction } from 'sequelize';
import { uuidv7 } from 'uuidv7';
import type { NewEvent, ReceivedEvent } from '../../events/event.ts';
import type { OrderCreated } from '../../events/order-created.ts';
import { paymentCompleted, paymentRejected } from '../../events/payment-decided.ts';
import { decidedOrders, insertEntries, insertPayments, lockAccounts, updateAccounts } from './ledger.ts';
import { decide, type Payment, type PaymentRequest } from './payment.ts';

/**
 * Pays for orders, each at most once, in the caller's transaction: all row locks first and in order, then the decisions
 * that exist, then a decision on the rows just read, then one write of each kind.
 */
export async function payOrders(
  events: readonly ReceivedEvent<OrderCreated>[],
  context: { sequelize: Sequelize; transaction: Transaction; addToOutbox: (events: NewEvent[]) => Promise<void> },
): Promise<void> {
  const { sequelize, transaction, addToOutbox } = context;
  const now = new Date();
  const requests = events.map(({ data }) => toRequest(data));
  const accounts = await lockAccounts(
    sequelize,
    requests.map(({ userId }) => userId),
    transaction,
  );
  // After the locks: whoever decided one of these orders held the same account, and has committed.
  const decided = await decidedOrders(
    sequelize,
    requests.map(({ orderId }) => orderId),
    transaction,
  );
  const { payments, entries, changes } = decide(
    accounts,
    requests.filter(({ orderId }) => !decided.has(orderId)),
    uuidv7,
  );
  await updateAccounts(sequelize, changes, now, transaction);
  await insertEntries(sequelize, entries, now, transaction);
  await insertPayments(sequelize, payments, now, transaction);
  await addToOutbox(payments.map((payment) => toEvent(payment, now)));
}

function toRequest({ orderId, userId, amount }: OrderCreated): PaymentRequest {
  return { orderId, userId, amount: BigInt(amount) };
}

function toEvent(payment: Payment, now: Date): NewEvent {
  const { orderId, userId } = payment;
  const data = { orderId, userId, amount: payment.amount.toString(), decidedAt: now.toISOString() };
  const event = { aggregateId: orderId, aggregateVersion: 1, partitionKey: orderId };
  return payment.status === 'completed'
    ? { ...event, definition: paymentCompleted, data }
    : { ...event, definition: paymentRejected, data: { ...data, reason: payment.reason } };
}
