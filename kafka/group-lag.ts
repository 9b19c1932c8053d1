import type { KafkaConfig } from '../config/config.ts';
import { createKafka, NO_RETRY, withAdmin, type Admin, type Logger } from './client.ts';

/** Whoever asks asks again soon: a broker that does not answer is not waited for. */
const REQUEST_TIMEOUT_MS = 3000;

/**
 * How many records lie behind what the group has committed, in each partition of the topic, over a connection of its own:
 * three small requests.
 *
 * @throws when Kafka does not answer
 */
export async function groupLag(
  kafka: KafkaConfig,
  group: { readonly groupId: string; readonly topic: string },
  logger: Logger,
): Promise<Map<number, bigint>> {
  const { groupId, topic } = group;
  const client = createKafka(kafka, `${groupId}-lag`, logger, {
    retry: NO_RETRY,
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
  });
  const count = async (admin: Admin): Promise<Map<number, bigint>> => {
    // One after the other: the first also learns which brokers there are.
    const ends = await admin.fetchTopicOffsets(topic);
    const committed = await admin.fetchOffsets({ groupId, topics: [topic] });
    const positions = new Map(committed[0]?.partitions.map(({ partition, offset }) => [partition, BigInt(offset)]));
    return new Map(
      ends.map(({ partition, low, high }) => {
        // Nothing is committed yet (-1), or only what the topic no longer has: reading begins at its first record.
        const position = positions.get(partition) ?? -1n;
        return [partition, BigInt(high) - (position < BigInt(low) ? BigInt(low) : position)];
      }),
    );
  };
  return withAdmin(client, count, NO_RETRY);
}
