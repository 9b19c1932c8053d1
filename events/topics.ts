/** A topic of domain events. Partitions are fixed for its life: more would re-map keys and break their order. */
export interface EventTopic {
  readonly name: string;
  readonly partitions: number;
}

/** 30 days: bounds how long a consumer may be away, and how far back a replay reaches. */
export const TOPIC_RETENTION_MS = 30 * 24 * 60 * 60 * 1000;

/** As many consumers of a topic can share its work. */
const PARTITIONS = 12;

/**
 * The topics of a cluster.
 *
 * @param namespace of the cluster; empty unless several share one Kafka
 */
export function eventTopics(namespace: string): { readonly orders: EventTopic; readonly payments: EventTopic } {
  const prefix = namespace === '' ? '' : `${namespace}.`;
  return {
    /** Facts about orders, keyed by user id: one consumer sees all orders of one account. */
    orders: { name: `${prefix}orders.events.v1`, partitions: PARTITIONS },
    /** Facts about payments, keyed by order id. */
    payments: { name: `${prefix}payments.events.v1`, partitions: PARTITIONS },
  };
}
