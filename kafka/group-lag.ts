import type { KafkaConfig } from '../config/config.ts';
import { createKafka, NO_RETRY, withAdmin, type Admin, type Logger } from './client.ts';

/** Whoever asks asks again soon: a broker that does not answer is not waited for. */
const REQUEST_TIMEOUT_MS = 3000;

/**
 * How many records of these partitions lie behind what the group has committed, over a connection of its own: three
 * small requests.
 *
 * @throws when Kafka does not answer
 */
export async function groupLag(
  kafka: KafkaConfig,
  group: { readonly groupId: string; readonly topic: string; readonly partitions: readonly number[] },
  logger: Logger,
): Promise<number> {
  const { groupId, topic, partitions } = group;
  const client = createKafka(kafka, `${groupId}-lag`, logger, {
    retry: NO_RETRY,
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
  });
  const count = async (admin: Admin): Promise<number> => {
    // One after the other: the first also learns which brokers there are.
    const ends = await admin.fetchTopicOffsets(topic);
    const committed = await admin.fetchOffsets({ groupId, topics: [topic] });
    const positions = new Map(committed[0]?.partitions.map(({ partition, offset }) => [partition, BigInt(offset)]));
    let behind = 0n;
    for (const { partition, low, high } of ends) {
      if (!partitions.includes(partition)) continue;
      // Nothing is committed yet (-1), or only what the topic no longer has: reading begins at its first record.
      const position = positions.get(partition) ?? -1n;
      behind += BigInt(high) - (position < BigInt(low) ? BigInt(low) : position);
    }
    return Number(behind);
  };
  return withAdmin(client, count, NO_RETRY);
}
