import { Type, type Static } from '@sinclair/typebox';
import { defineEvent } from './event.ts';
import { MinorUnits, OrderId, Time, UserId } from './values.ts';

/** The order's amount left the customer's account. */
export const paymentCompleted = defineEvent({
  type: 'payment.completed',
  dataschema: 'payment.completed/1',
  aggregateType: 'payment',
  data: Type.Object({ orderId: OrderId, userId: UserId, amount: MinorUnits, decidedAt: Time }),
});

/** No money moved and none will for this order. */
export const paymentRejected = defineEvent({
  type: 'payment.rejected',
  dataschema: 'payment.rejected/1',
  aggregateType: 'payment',
  data: Type.Object({
    orderId: OrderId,
    userId: UserId,
    amount: MinorUnits,
    reason: Type.Union([Type.Literal('no-account'), Type.Literal('insufficient-funds')]),
    decidedAt: Time,
  }),
});

export type PaymentCompleted = Static<typeof paymentCompleted.data>;
export type PaymentRejected = Static<typeof paymentRejected.data>;
