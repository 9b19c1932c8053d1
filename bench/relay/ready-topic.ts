import { loadConfig } from '../../config/config.ts';
import { eventTopics, type EventTopic } from '../../events/topics.ts';
import { createKafka, withAdmin } from '../../kafka/client.ts';
import { ensureEventTopics } from '../../kafka/topics.ts';
import { silentLogger } from '../../test/support/silent-logger.ts';

/** Makes the orders service's topic in a namespace, and waits until each partition has its leader, which takes a moment. */
export async function readyTopic(brokers: string, namespace: string): Promise<EventTopic> {
  const topic = eventTopics(namespace).orders;
  const kafka = createKafka(loadConfig({ KAFKA_BROKERS: brokers }).kafka, 'bench', silentLogger);
  await withAdmin(kafka, (admin) => ensureEventTopics(admin, [topic], silentLogger));
  const producer = kafka.producer();
  await producer.connect();
  const messages = Array.from({ length: topic.partitions }, (_, partition) => ({ partition, value: null }));
  await producer.send({ topic: topic.name, messages });
  await producer.disconnect();
  return topic;
}
