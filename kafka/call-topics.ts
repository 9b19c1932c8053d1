import { isTopicExists, TOPIC_RESOURCE, type Admin, type Logger } from './client.ts';
import { onceKnown, STAMPED_BY_KAFKA } from './topics.ts';

/** Copies of a call where there are brokers enough. */
const REPLICATION_FACTOR = 3;

/**
 * A call is of interest for seconds; ten minutes are for whoever looks into one. An active segment is never deleted,
 * so segments have to end soon. A batch of 900 KB and its overhead has to pass.
 */
const CALL_TOPIC_CONFIG: Readonly<Record<string, string>> = {
  'retention.ms': (10 * 60_000).toString(),
  'segment.bytes': (16 * 1024 * 1024).toString(),
  'segment.ms': (60_000).toString(),
  'max.message.bytes': (1024 * 1024).toString(),
  'cleanup.policy': 'delete',
};

/** A topic of calls. */
export interface CallTopic {
  readonly name: string;
  /** Records bear Kafka's time: on the packets that a node sends to itself that shows how far its clock is from Kafka's. */
  readonly stampedByKafka: boolean;
}

/**
 * Makes the topics of calls that are missing, and corrects the settings of those that have others.
 *
 * @param admin a connected admin client
 * @throws Error when Kafka refuses or is away
 */
export async function ensureCallTopics(admin: Admin, topics: readonly CallTopic[], logger: Logger): Promise<void> {
  const existing = new Set(await admin.listTopics());
  const missing = topics.filter(({ name }) => !existing.has(name));
  if (missing.length > 0) await createTopics(admin, missing);
  await correctSettings(
    admin,
    topics.filter(({ name }) => existing.has(name)),
    logger,
  );
}

async function createTopics(admin: Admin, topics: readonly CallTopic[]): Promise<void> {
  const { brokers } = await admin.describeCluster();
  try {
    await admin.createTopics({
      // Ours comes after.
      waitForLeaders: false,
      topics: topics.map((topic) => ({
        topic: topic.name,
        numPartitions: 1,
        replicationFactor: Math.min(REPLICATION_FACTOR, brokers.length),
        configEntries: Object.entries(wanted(topic)).map(([name, value]) => ({ name, value })),
      })),
    });
  } catch (error) {
    if (!isTopicExists(error)) throw error;
  }
  await onceKnown(() => admin.fetchTopicMetadata({ topics: topics.map(({ name }) => name) }));
}

function wanted({ stampedByKafka }: CallTopic): Record<string, string> {
  return { ...CALL_TOPIC_CONFIG, ...(stampedByKafka && { [STAMPED_BY_KAFKA.name]: STAMPED_BY_KAFKA.value }) };
}

async function correctSettings(admin: Admin, topics: readonly CallTopic[], logger: Logger): Promise<void> {
  if (topics.length === 0) return;
  const { resources } = await onceKnown(() =>
    admin.describeConfigs({
      includeSynonyms: false,
      resources: topics.map(({ name }) => ({ type: TOPIC_RESOURCE, name })),
    }),
  );
  const wrong = topics.filter((topic) => {
    const found = resources.find(({ resourceName }) => resourceName === topic.name)?.configEntries ?? [];
    return Object.entries(wanted(topic)).some(
      ([name, value]) => found.find(({ configName }) => configName === name)?.configValue !== value,
    );
  });
  if (wrong.length === 0) return;
  logger.warn(`Correcting the settings of ${wrong.map(({ name }) => name).join(', ')}: they were not those of calls.`);
  await admin.alterConfigs({
    validateOnly: false,
    resources: wrong.map((topic) => ({
      type: TOPIC_RESOURCE,
      name: topic.name,
      configEntries: Object.entries(wanted(topic)).map(([name, value]) => ({ name, value })),
    })),
  });
}
