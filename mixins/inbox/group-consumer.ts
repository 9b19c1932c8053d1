import type { KafkaConfig } from '../../config/config.ts';
import { createKafka, type Consumer, type Logger } from '../../kafka/client.ts';

/** What a member needs of kafkajs' consumer; the simulator has one of its own. What both do is one test suite. */
export type GroupConsumer = Pick<Consumer, 'connect' | 'subscribe' | 'run' | 'disconnect' | 'on' | 'events'>;

/** After this long without a heartbeat the group gives the member's partitions to others. */
export const SESSION_TIMEOUT_MS = 10_000;
/** How long the group waits for its members to come back when its membership changes. */
export const REBALANCE_TIMEOUT_MS = 15_000;
export const HEARTBEAT_INTERVAL_MS = 1000;
/** How long a fetch waits for the first record: bounds how late a silent member hears of a rebalance, and its stop. */
const MAX_WAIT_MS = 250;
/** What one fetch brings at most: bounds the memory of a consumer that is behind. */
const MAX_FETCH_BYTES = 5 * 1024 * 1024;
const MAX_PARTITION_BYTES = 1024 * 1024;
/** Every retry value is given: NODE_ENV=test would change kafkajs' defaults. A member that gives up is replaced. */
const RETRY = { initialRetryTime: 100, maxRetryTime: 1000, retries: 3, factor: 0.2, multiplier: 2 };

/** A consumer of a client of its own: kafkajs keeps the committed offsets of a group in the client, for all its consumers. */
export function createGroupConsumer(kafka: KafkaConfig, groupId: string, logger: Logger): Consumer {
  return createKafka(kafka, groupId, logger).consumer({
    groupId,
    sessionTimeout: SESSION_TIMEOUT_MS,
    rebalanceTimeout: REBALANCE_TIMEOUT_MS,
    // kafkajs sends no heartbeat sooner than this after the one before: a little less than our own interval.
    heartbeatInterval: HEARTBEAT_INTERVAL_MS - 100,
    maxWaitTimeInMs: MAX_WAIT_MS,
    minBytes: 1,
    maxBytes: MAX_FETCH_BYTES,
    maxBytesPerPartition: MAX_PARTITION_BYTES,
    allowAutoTopicCreation: false,
    retry: { ...RETRY, restartOnFailure: () => Promise.resolve(false) },
  });
}
