import { loadConfig } from '../../config/config.ts';
import { encodeEnvelope } from '../../events/envelope.ts';
import { eventTopics } from '../../events/topics.ts';
import { createKafka, createPartitioner, type Message } from '../../kafka/client.ts';
import { createdEvent } from '../../services/orders/order-event.ts';
import { silentLogger } from '../../test/support/silent-logger.ts';
import { uuidv7 } from 'uuidv7';

/** An order that nobody has decided yet. */
export interface WaitingOrder {
  readonly orderId: string;
  readonly userId: string;
  /** Minor units. */
  readonly amount: bigint;
  readonly createdAt: Date;
  /** Of the topic of orders. */
  readonly partition: number;
}

/** Orders in the order of their ids, at least one. */
export type Backlog = readonly WaitingOrder[];

export const ORDERS_TOPIC = eventTopics('').orders;
const AMOUNT = 100n;
/** kafkajs copies a partition's list once for each message of it: requests of thousands get slow. */
const REQUEST_ORDERS = 1000;
const ACKS_ALL = -1;

/** @param userOf whose the order with this number is */
export function makeBacklog(count: number, userOf: (index: number) => string): Backlog {
  const partitionOf = partitioner();
  return Array.from({ length: count }, (_, index) => {
    const userId = userOf(index);
    return { orderId: uuidv7(), userId, amount: AMOUNT, createdAt: new Date(), partition: partitionOf(userId) };
  });
}

/** Publishes the orders' events as the relay of orders does. The topic has to exist. */
export async function publishBacklog(brokers: string, backlog: Backlog): Promise<void> {
  const { kafka } = loadConfig({ KAFKA_BROKERS: brokers });
  const producer = createKafka(kafka, 'bench-backlog', silentLogger).producer({
    createPartitioner,
    allowAutoTopicCreation: false,
  });
  await producer.connect();
  try {
    for (let from = 0; from < backlog.length; from += REQUEST_ORDERS) {
      const messages = backlog.slice(from, from + REQUEST_ORDERS).map(toMessage);
      await producer.send({ topic: ORDERS_TOPIC.name, acks: ACKS_ALL, messages });
    }
  } finally {
    await producer.disconnect();
  }
}

function toMessage(order: WaitingOrder): Message {
  const { definition, data, eventId, ...event } = createdEvent(order);
  const { type, dataschema, aggregateType } = definition;
  const time = order.createdAt.toISOString();
  const payload = JSON.stringify(data);
  const envelope = encodeEnvelope({
    ...event,
    eventId: eventId ?? order.orderId,
    source: '/orders',
    ...{ type, dataschema, aggregateType, time, payload },
    traceparent: null,
  });
  return { ...envelope, partition: order.partition };
}

/** Where the product's own producers put the events of a user. */
function partitioner(): (userId: string) => number {
  const partition = createPartitioner();
  const partitionMetadata = Array.from({ length: ORDERS_TOPIC.partitions }, (_, partitionId) => ({
    ...{ partitionErrorCode: 0, partitionId, leader: 0 },
    ...{ replicas: [], isr: [], offlineReplicas: [] },
  }));
  return (userId) => partition({ topic: ORDERS_TOPIC.name, partitionMetadata, message: { key: userId, value: null } });
}
