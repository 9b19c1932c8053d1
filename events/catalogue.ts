import { orderCreated } from './order-created.ts';
import { paymentCompleted, paymentRejected } from './payment-decided.ts';

/** Every event type, by the service that tells it, in its newest version. What is not here, no outbox takes and no document names. */
export const EVENT_TYPES = {
  orders: [orderCreated],
  payments: [paymentCompleted, paymentRejected],
};
