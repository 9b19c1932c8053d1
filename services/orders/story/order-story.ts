import type { Sequelize, Transaction } from 'sequelize';
import type { Order } from '../../../contract/outputs.ts';
import type { OrderStory, PaymentsStory, Waiting } from '../../../contract/story.ts';
import { paymentCompleted } from '../../../events/payment-decided.ts';
import { readBounded } from '../../../mixins/database/read-bounded.ts';
import { readTrail } from '../../../mixins/inbox/event-trail.ts';
import { errorText } from '../../../problems/error-text.ts';
import { orderNotFound } from '../../../problems/unknown.ts';
import { tellSteps } from './tell-steps.ts';

export interface StoryContext {
  readonly sequelize: Sequelize;
  readonly readOrder: (transaction: Transaction) => Promise<Order | null>;
  readonly findWaiting: (event: { eventId: string; partitionKey: string }) => Promise<Waiting | null>;
  /** @throws when payments does not answer */
  readonly askPayments: () => Promise<PaymentsStory>;
}

/**
 * Puts together what both services know of an order. What cannot be asked is named in `missing`.
 *
 * @throws order-not-found when neither of them knows it
 */
export async function orderStory(orderId: string, context: StoryContext): Promise<OrderStory> {
  const { sequelize } = context;
  const missing: string[] = [];
  const orElseNull =
    (what: string) =>
    (error: unknown): null => {
      missing.push(`${what}: ${errorText(error)}`);
      return null;
    };
  // Of one moment: the order becomes final in the transaction of its inbox row.
  const { order, decided } = await readBounded(sequelize, async (transaction) => {
    const trail = {
      service: 'orders',
      consumer: 'orders.settle',
      eventId: orderId,
      aggregateType: paymentCompleted.aggregateType,
      aggregateId: orderId,
    };
    return { order: await context.readOrder(transaction), decided: await readTrail(sequelize, trail, transaction) };
  });
  // After the order: an event that is not there any more has left.
  const waiting =
    order?.status === 'NEW'
      ? await context
          .findWaiting({ eventId: orderId, partitionKey: order.userId })
          .catch(orElseNull('Whether the event waits in the outbox of orders could not be read'))
      : null;
  // Last: the cause of all that was seen above is seen here.
  const payments = await context.askPayments().catch(orElseNull('Payments did not answer, so its steps are not shown'));
  const letters = [...(payments?.created.letters ?? []), ...decided.letters];
  const isKnown = [order, payments?.decision ?? null, payments?.created.arrival ?? null, decided.arrival].some(
    (each) => each !== null,
  );
  if (!isKnown && letters.length === 0) throw orderNotFound(orderId);
  if (order === null) missing.push('Orders has no row of this order (any more): only what was left of it is shown.');
  return {
    orderId,
    asOf: new Date().toISOString(),
    status: order?.status ?? 'unknown',
    order: order === null ? null : { ...order, description: null },
    steps: tellSteps({ orderId, order, waiting, payments, decided, now: new Date() }),
    entries: payments?.entries ?? [],
    deadLetters: letters,
    missing: [...missing, ...(payments?.missing ?? [])],
  };
}
