/** A topic of domain events. Partitions are fixed for its life: more would re-map keys and break their order. */
export interface EventTopic {
  readonly name: string;
  readonly partitions: number;
}

/** Facts about orders, keyed by user id: one consumer sees all orders of one account. */
export const ORDERS_EVENTS: EventTopic = { name: 'orders.events.v1', partitions: 12 };

/** Facts about payments, keyed by order id. */
export const PAYMENTS_EVENTS: EventTopic = { name: 'payments.events.v1', partitions: 12 };

/** 30 days: bounds how long a consumer may be away, and how far back a replay reaches. */
export const TOPIC_RETENTION_MS = 30 * 24 * 60 * 60 * 1000;
