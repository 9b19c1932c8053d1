import type { Sequelize } from 'sequelize';
import type { PaymentsStory, Waiting } from '../../contract/story.ts';
import { orderCreated } from '../../events/order-created.ts';
import { readBounded } from '../../mixins/database/read-bounded.ts';
import { readTrail } from '../../mixins/inbox/event-trail.ts';
import { errorText } from '../../problems/error-text.ts';
import { describeEntry, type StoredEntry } from './payment.ts';
import { readDecisions } from './repeat-decisions.ts';

/** What payments knows of an order: how its event came, what was decided, what moved, and whether that has left. */
export async function tellPaymentsStory(
  orderId: string,
  context: {
    readonly sequelize: Sequelize;
    readonly readEntries: () => Promise<StoredEntry[]>;
    readonly findWaiting: (event: { eventId: string; partitionKey: string }) => Promise<Waiting | null>;
  },
): Promise<PaymentsStory> {
  const { sequelize } = context;
  const missing: string[] = [];
  const { decision, created } = await readBounded(sequelize, async (transaction) => {
    const [decided] = await readDecisions(sequelize, [orderId], transaction);
    const trail = {
      service: 'payments',
      consumer: 'payments.pay',
      eventId: orderId,
      aggregateType: orderCreated.aggregateType,
      aggregateId: orderId,
    };
    return { decision: decided, created: await readTrail(sequelize, trail, transaction) };
  });
  // After the decision: an event that is not there any more has left.
  const waiting =
    decision === undefined
      ? null
      : await context.findWaiting({ eventId: orderId, partitionKey: orderId }).catch((error: unknown) => {
          missing.push(`Whether the decision waits in the outbox of payments could not be read: ${errorText(error)}.`);
          return null;
        });
  const entries = decision === undefined ? [] : await context.readEntries();
  return {
    orderId,
    asOf: new Date().toISOString(),
    decision:
      decision === undefined
        ? null
        : { status: decision.status, reason: decision.reason, decidedAt: decision.decidedAt.toISOString() },
    created,
    waiting,
    entries: entries.map(describeEntry),
    missing,
  };
}
