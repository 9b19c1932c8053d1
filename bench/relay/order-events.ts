import { encodeEnvelope, EventSchemas } from '../../events/envelope.ts';
import type { NewEvent } from '../../events/event.ts';
import { orderCreated } from '../../events/order-created.ts';
import { DEFAULT_LANES } from '../../mixins/outbox/lanes.ts';
import { toOutboxRow, type OutboxRules } from '../../mixins/outbox/outbox-row.ts';
import { createdEvent } from '../../services/orders/order-event.ts';
import { uuidv7 } from 'uuidv7';

/** So many that their keys fill every lane and partition evenly. */
const CUSTOMERS = 10_000;

/** What the orders service publishes, and how. */
export const ORDERS: OutboxRules & { readonly source: string } = {
  schemas: new EventSchemas([orderCreated]),
  lanes: DEFAULT_LANES,
  source: '/orders',
};

/** Makes the events of so many new orders, of one customer after the other. */
export function orderEvents(count: number): NewEvent<typeof orderCreated.data>[] {
  return Array.from({ length: count }, (_, index) =>
    createdEvent({
      orderId: uuidv7(),
      userId: `customer-${index % CUSTOMERS}`,
      amount: BigInt(100 + index),
      createdAt: new Date(),
    }),
  );
}

/** Makes the records that the relay would send for these events, byte for byte. */
export function toRecords(events: ReturnType<typeof orderEvents>): ReturnType<typeof encodeEnvelope>[] {
  return events.map((event) =>
    encodeEnvelope({
      ...toOutboxRow(event, ORDERS, null),
      source: ORDERS.source,
      dataschema: event.definition.dataschema,
      time: event.data.createdAt,
      traceparent: null,
    }),
  );
}
