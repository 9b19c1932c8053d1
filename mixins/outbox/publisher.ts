import { SpanKind } from '@opentelemetry/api';
import type { KafkaConfig } from '../../config/config.ts';
import { encodeEnvelope } from '../../events/envelope.ts';
import type { EventTopic } from '../../events/topics.ts';
import {
  createKafka,
  createPartitioner,
  isPermanentProduceError,
  NO_RETRY,
  withAdmin,
  type Kafka,
  type Logger,
  type Producer,
} from '../../kafka/client.ts';
import { ensureEventTopics } from '../../kafka/topics.ts';
import { Attribute } from '../../tracing/attributes.ts';
import { traceShared, type ItemSpans } from '../../tracing/batch-spans.ts';
import type { OutboxMessage } from './message.ts';
import type { RelayPublisher } from './relay-loop.ts';

/** Every in-sync replica. */
const ACKS_ALL = -1;
/** The broker gives up waiting for replicas before the client gives up waiting for the broker (10 s). */
const REPLICATION_TIMEOUT_MS = 8000;

export interface PublisherOptions {
  readonly kafka: KafkaConfig;
  readonly topic: EventTopic;
  /** CloudEvents `source` of every event. */
  readonly source: string;
  readonly clientId: string;
  readonly logger: Logger;
}

/** The relay's producer: sends a request once, and says truly whether it was confirmed. */
export class KafkaPublisher implements RelayPublisher {
  readonly #options: PublisherOptions;
  readonly #kafka: Kafka;
  readonly #producer: Producer;
  #isTopicChecked = false;

  /** @throws Error when a TLS file cannot be read */
  constructor(options: PublisherOptions) {
    this.#options = options;
    this.#kafka = createKafka(options.kafka, options.clientId, options.logger);
    this.#producer = this.#kafka.producer({
      // kafkajs' idempotent producer confirmed messages that were never written when a connection broke under two
      // sends; and its own retries would send after the lanes are gone. Repeats are the inbox's to drop.
      idempotent: false,
      retry: NO_RETRY,
      allowAutoTopicCreation: false,
      createPartitioner,
    });
  }

  /**
   * Reaches Kafka and makes the topic if it is missing.
   *
   * @throws when Kafka cannot be reached, or the topic is not as declared
   */
  async connect(): Promise<void> {
    if (!this.#isTopicChecked) await this.#checkTopic();
    await this.#producer.connect();
  }

  async publish(messages: readonly OutboxMessage[]): Promise<void> {
    const { topic } = this.#options;
    const attributes = {
      [Attribute.messagingSystem]: 'kafka',
      [Attribute.messagingDestination]: topic.name,
      [Attribute.messagingOperation]: 'send',
    };
    const shared = {
      name: `publish to ${topic.name}`,
      kind: SpanKind.PRODUCER,
      attributes,
      items: messages,
      causeOf: ({ traceparent }: OutboxMessage) => traceparent,
      describe: (message: OutboxMessage) => ({
        name: `publish ${message.type}`,
        attributes: { ...attributes, ...describeMessage(message) },
      }),
    };
    await traceShared(shared, (spans) =>
      this.#producer.sendBatch({
        acks: ACKS_ALL,
        timeout: REPLICATION_TIMEOUT_MS,
        topicMessages: [{ topic: topic.name, messages: messages.map((message) => this.#toRecord(message, spans)) }],
      }),
    );
    this.#options.logger.debug(`${messages.length} events are in ${topic.name}.`);
  }

  isPermanent(error: unknown): boolean {
    return isPermanentProduceError(error);
  }

  async disconnect(): Promise<void> {
    await this.#producer.disconnect();
  }

  async #checkTopic(): Promise<void> {
    const { topic, logger } = this.#options;
    await withAdmin(this.#kafka, (admin) => ensureEventTopics(admin, [topic], logger), NO_RETRY);
    this.#isTopicChecked = true;
  }

  #toRecord(message: OutboxMessage, spans: ItemSpans<OutboxMessage>): ReturnType<typeof encodeEnvelope> {
    return encodeEnvelope({
      ...message,
      traceparent: spans.traceparentOf(message),
      source: this.#options.source,
      time: message.createdAt.toISOString(),
    });
  }
}

function describeMessage({
  eventId,
  aggregateType,
  aggregateId,
  ageMs,
}: OutboxMessage): Record<string, string | number> {
  return {
    [Attribute.messagingId]: eventId,
    [Attribute.aggregateType]: aggregateType,
    [Attribute.aggregateId]: aggregateId,
    [Attribute.outboxWaitMs]: Math.round(ageMs),
  };
}
