import type { Sequelize } from 'sequelize';
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
  readonly readOrder: () => Promise<Order | null>;
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
  const order = await context.readOrder();
  // In the order of cause and effect: what goes on meanwhile is found further on, and not nowhere.
  const waiting =
    order === null
      ? null
      : await context
          .findWaiting({ eventId: orderId, partitionKey: order.userId })
          .catch(orElseNull('Whether the event waits in the outbox of orders could not be read'));
  const payments = await context.askPayments().catch(orElseNull('Payments did not answer, so its steps are not shown'));
  const decided = await readBounded(sequelize, (transaction) =>
    readTrail(
      sequelize,
      {
        service: 'orders',
        consumer: 'orders.settle',
        eventId: orderId,
        aggregateType: paymentCompleted.aggregateType,
        aggregateId: orderId,
      },
      transaction,
    ),
  );
  const letters = [...(payments?.created.letters ?? []), ...decided.letters];
  const isKnown = [order, payments?.decision ?? null, payments?.created.arrival ?? null, decided.arrival].some(
    (each) => each !== null,
  );
  if (!isKnown && letters.length === 0) throw orderNotFound(orderId);
  if (order === null) missing.push('Orders has no row of this order (any more): only what was left of it is shown.');
  // It may have become final since it was read.
  const current = order?.status === 'NEW' ? ((await context.readOrder()) ?? order) : order;
  return {
    orderId,
    asOf: new Date().toISOString(),
    status: current?.status ?? 'unknown',
    order: current === null ? null : { ...current, description: null },
    steps: tellSteps({ orderId, order: current, waiting, payments, decided, now: new Date() }),
    entries: payments?.entries ?? [],
    deadLetters: letters,
    missing: [...missing, ...(payments?.missing ?? [])],
  };
}
