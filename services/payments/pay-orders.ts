import { uuidv7 } from 'uuidv7';
import type { NewEvent, ReceivedEvent } from '../../events/event.ts';
import type { OrderCreated } from '../../events/order-created.ts';
import { decisionEvent } from './decision-event.ts';
import { writeEntries, type LedgerStore } from './ledger-store.ts';
import { decide, type PaymentRequest } from './payment.ts';

/**
 * Pays for orders, each at most once, in the caller's transaction: all row locks first and in order, then the decisions
 * that exist, then a decision on the rows just read, then one write of each kind.
 */
export async function payOrders(
  events: readonly ReceivedEvent<OrderCreated>[],
  context: {
    store: LedgerStore;
    addToOutbox: (events: NewEvent[]) => Promise<void>;
    now: Date;
    newEntryId?: () => string;
  },
): Promise<void> {
  const { store, addToOutbox, now, newEntryId = uuidv7 } = context;
  const requests = events.map(({ data }) => toRequest(data));
  const [accounts, decided] = await Promise.all([
    store.lockAccounts(requests.map(({ userId }) => userId)),
    // Runs after the locks: whoever decided one of these orders held the same account, and has committed.
    store.decidedOrders(requests.map(({ orderId }) => orderId)),
  ]);
  const settlement = decide(
    accounts,
    requests.filter(({ orderId }) => !decided.has(orderId)),
    newEntryId,
  );
  await Promise.all([
    writeEntries(store, settlement, now),
    store.insertPayments(settlement.payments, now),
    addToOutbox(settlement.payments.map((payment) => decisionEvent(payment, now))),
  ]);
}

function toRequest({ orderId, userId, amount }: OrderCreated): PaymentRequest {
  return { orderId, userId, amount: BigInt(amount) };
}
