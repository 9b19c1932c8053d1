import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadConfig } from '../../config/config.ts';
import { eventTopics } from '../../events/topics.ts';
import { createKafka } from '../../kafka/client.ts';
import { membersOf } from '../oracle/check-ok.ts';

/** What both topics say about the orders of some users: amounts as the text that the events carry. */
export interface ToldEvents {
  /** From now on, of users whose ids begin like this; what was kept before is dropped. */
  follow(userIdPrefix: string): void;
  /** `order.created` and what payments decided, by order id. */
  readonly created: ReadonlyMap<string, string>;
  readonly decided: ReadonlyMap<string, { readonly type: string; readonly amount: string }>;
  /** Waits until both topics have told of so many orders, or a minute is over. */
  untilTold(orders: number): Promise<void>;
  close(): Promise<void>;
}

const TOLD_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 20;
const logger = { info: () => undefined, warn: () => undefined, error: () => undefined, debug: () => undefined };

export async function readToldEvents(brokers: string): Promise<ToldEvents> {
  const { kafka } = loadConfig({ KAFKA_BROKERS: brokers });
  const topics = eventTopics('');
  const consumer = createKafka(kafka, 'fuzz', logger).consumer({
    groupId: `fuzz-${randomUUID()}`,
    maxWaitTimeInMs: 50,
  });
  const created = new Map<string, string>();
  const decided = new Map<string, { type: string; amount: string }>();
  let prefix = '\0';
  await consumer.connect();
  await consumer.subscribe({ topics: [topics.orders.name, topics.payments.name], fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachMessage: ({ message }) => {
      const data = membersOf(JSON.parse(String(message.value)));
      if (String(data['userId']).startsWith(prefix)) {
        const [orderId, amount, type] = [data['orderId'], data['amount'], message.headers?.['ce_type']].map(String);
        if (type === 'order.created') created.set(orderId ?? '', amount ?? '');
        else decided.set(orderId ?? '', { type: type ?? '', amount: amount ?? '' });
      }
      return Promise.resolve();
    },
  });
  return {
    created,
    decided,
    follow(userIdPrefix) {
      prefix = userIdPrefix;
      created.clear();
      decided.clear();
    },
    async untilTold(orders) {
      const deadline = performance.now() + TOLD_WITHIN_MS;
      while ((created.size < orders || decided.size < orders) && performance.now() < deadline) {
        await sleep(LOOK_EVERY_MS);
      }
    },
    close: () => consumer.disconnect(),
  };
}
