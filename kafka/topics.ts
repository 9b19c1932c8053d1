import { setTimeout as sleep } from 'node:timers/promises';
import { TOPIC_RETENTION_MS, type EventTopic } from '../events/topics.ts';
import { isTopicExists, kafkaErrorType, TOPIC_RESOURCE, type Admin, type Logger } from './client.ts';

/** Copies of every fact where the cluster has brokers enough, and how many have to confirm one. */
const REPLICATION_FACTOR = 3;
const MIN_INSYNC_REPLICAS = 2;

/** A broker that lags behind the controller for longer is in trouble, which the caller should hear. */
const TOPIC_KNOWN_TIMEOUT_MS = 5000;
const TOPIC_KNOWN_PAUSE_MS = 50;
const NOT_KNOWN_YET = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE']);

/** Records bear Kafka's time, not their sender's: Kafka refuses those of a sender whose clock is an hour ahead. */
export const STAMPED_BY_KAFKA = { name: 'message.timestamp.type', value: 'LogAppendTime' } as const;

/**
 * Makes the topics of domain events that do not exist yet, and says what is weaker than wanted about those that do.
 * Safe to run from several nodes at once.
 *
 * @param admin a connected admin client
 * @param topics what the caller produces to or consumes from
 * @param logger told, once for each weakness, what it costs
 * @throws Error when an existing topic has another partition count than declared: keys would be mapped differently
 */
export async function ensureEventTopics(admin: Admin, topics: readonly EventTopic[], logger: Logger): Promise<void> {
  const { brokers } = await admin.describeCluster();
  const replicationFactor = Math.min(REPLICATION_FACTOR, brokers.length);
  const minInsyncReplicas = replicationFactor >= REPLICATION_FACTOR ? MIN_INSYNC_REPLICAS : 1;
  await createMissing(admin, topics, replicationFactor, minInsyncReplicas);

  const { topics: found } = await onceKnown(() =>
    admin.fetchTopicMetadata({ topics: topics.map((topic) => topic.name) }),
  );
  for (const topic of topics) {
    const partitions = found.find(({ name }) => name === topic.name)?.partitions ?? [];
    if (partitions.length !== topic.partitions) {
      throw new Error(
        `Topic ${topic.name} has ${partitions.length} partitions, not ${topic.partitions}: keys would change their partition. ` +
          `Use a new topic version, or restore the old count.`,
      );
    }
    const copies = Math.min(...partitions.map((partition) => partition.replicas.length));
    if (copies < REPLICATION_FACTOR) {
      logger.warn(
        `Topic ${topic.name} has ${copies} ${copies === 1 ? 'copy' : 'copies'} of each record: losing ${copies === 1 ? 'that broker' : 'those brokers'} loses facts. ` +
          `Three brokers keep three.`,
      );
    }
    if ((await readSetting(admin, topic.name, STAMPED_BY_KAFKA.name)) !== STAMPED_BY_KAFKA.value) {
      logger.warn(
        `Topic ${topic.name} takes the times of its records from their senders: events of a node whose clock is an hour ahead wait until it is right. ` +
          `Set ${STAMPED_BY_KAFKA.name}=${STAMPED_BY_KAFKA.value} on it.`,
      );
    }
  }
}

/**
 * Asks about topics again while the broker that answers does not know them: it may hear of a topic, and of its leaders, only
 * some time after the one that made it. kafkajs' own wait for leaders fails then.
 *
 * @throws whatever `ask` throws when that is something else, or goes on for 5 s
 */
export async function onceKnown<T>(ask: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + TOPIC_KNOWN_TIMEOUT_MS;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const isNotKnownYet = NOT_KNOWN_YET.has(kafkaErrorType(error) ?? '');
      if (!isNotKnownYet || performance.now() >= deadline) throw error;
    }
    await sleep(TOPIC_KNOWN_PAUSE_MS);
  }
}

async function createMissing(
  admin: Admin,
  topics: readonly EventTopic[],
  replicationFactor: number,
  minInsyncReplicas: number,
): Promise<void> {
  const existing = new Set(await admin.listTopics());
  const missing = topics.filter((topic) => !existing.has(topic.name));
  if (missing.length === 0) return;
  try {
    await admin.createTopics({
      // Ours comes after.
      waitForLeaders: false,
      topics: missing.map((topic) => ({
        topic: topic.name,
        numPartitions: topic.partitions,
        replicationFactor,
        configEntries: [
          { name: 'retention.ms', value: TOPIC_RETENTION_MS.toString() },
          { name: 'retention.bytes', value: '-1' },
          { name: 'cleanup.policy', value: 'delete' },
          { name: 'min.insync.replicas', value: minInsyncReplicas.toString() },
          { name: 'unclean.leader.election.enable', value: 'false' },
          STAMPED_BY_KAFKA,
        ],
      })),
    });
  } catch (error) {
    if (!isTopicExists(error)) throw error;
  }
}

/**
 * How long a topic keeps its records, as the brokers have it now.
 *
 * @param admin a connected admin client
 * @returns milliseconds; null when it keeps them for ever
 * @throws Error when the brokers do not tell
 */
export async function topicRetentionMs(admin: Admin, topic: string): Promise<number | null> {
  const value = await readSetting(admin, topic, 'retention.ms');
  const ms = Number(value ?? NaN);
  if (Number.isNaN(ms)) throw new Error(`Kafka does not say how long topic ${topic} keeps its records.`);
  return ms < 0 ? null : ms;
}

/** @returns a topic's setting as the brokers have it now; undefined when they do not tell */
async function readSetting(admin: Admin, topic: string, setting: string): Promise<string | undefined> {
  const { resources } = await onceKnown(() =>
    admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: TOPIC_RESOURCE, name: topic, configNames: [setting] }],
    }),
  );
  return resources[0]?.configEntries.find(({ configName }) => configName === setting)?.configValue;
}
