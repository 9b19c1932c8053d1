import { Type, type Static } from '@sinclair/typebox';
import { defineEvent } from './event.ts';
import { MinorUnits, OrderId, Time, UserId } from './values.ts';

/** An order was accepted and waits for its payment. */
export const orderCreated = defineEvent({
  type: 'order.created',
  dataschema: 'order.created/1',
  aggregateType: 'order',
  data: Type.Object({ orderId: OrderId, userId: UserId, amount: MinorUnits, createdAt: Time }),
});

export type OrderCreated = Static<typeof orderCreated.data>;
