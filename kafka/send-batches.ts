import { outsideOfRequests } from '../logs/request-context.ts';
import { kafkaErrorType, type TopicMessages } from './client.ts';

/**
 * What one record batch may hold. kafkajs puts a partition's messages of a request into one batch, and the broker
 * refuses a batch above `max.message.bytes` (1 MiB) whole, so the cut is below it.
 */
export const MAX_BATCH_BYTES = 900_000;
/** Lengths, offsets, time stamp and key of one record, generously. */
const RECORD_OVERHEAD_BYTES = 64;
/** What may lie between this node and Kafka: when a broker stalls, calls fail rather than fill the memory. */
const MAX_UNANSWERED_BYTES = 64 * 1024 * 1024;

/** The packet alone would be above `MAX_BATCH_BYTES`. */
export class PacketTooLarge extends Error {
  override readonly name = 'PacketTooLarge';
  readonly bytes: number;

  constructor(bytes: number) {
    super(`It takes ${bytes} bytes, and a call carries ${MAX_BATCH_BYTES - RECORD_OVERHEAD_BYTES} at most.`);
    this.bytes = bytes;
  }
}

/** The packet was not given to the producer. */
export class NotHandedOver extends Error {
  override readonly name = 'NotHandedOver';
}

export interface Packet {
  readonly topic: string;
  readonly value: Buffer;
  /** Milliseconds since the epoch. */
  readonly timestampMs: number;
  readonly key?: Buffer;
}

/** @returns true when the packet has to fail alone */
export function isTooLarge(value: Buffer): boolean {
  return value.length + RECORD_OVERHEAD_BYTES > MAX_BATCH_BYTES;
}

/**
 * Cuts packets into produce requests: in order, with at most `maxBytes` for a topic in each; a topic that is not known
 * to exist goes alone, since kafkajs fails a request as a whole when one of its topics is missing.
 *
 * @returns indexes into `packets`, one list for each request
 */
export function cutIntoRequests(
  packets: readonly Pick<Packet, 'topic' | 'value'>[],
  isKnown: (topic: string) => boolean,
  maxBytes = MAX_BATCH_BYTES,
): number[][] {
  const common: number[][] = [];
  const alone = new Map<string, number[][]>();
  const filling = new Map<string, { request: number; bytes: number }>();
  packets.forEach(({ topic, value }, index) => {
    const bytes = value.length + RECORD_OVERHEAD_BYTES;
    const place = filling.get(topic) ?? { request: 0, bytes: 0 };
    filling.set(topic, place);
    if (place.bytes > 0 && place.bytes + bytes > maxBytes) {
      place.request += 1;
      place.bytes = 0;
    }
    place.bytes += bytes;
    const requests = isKnown(topic) ? common : (alone.get(topic) ?? []);
    if (requests !== common) alone.set(topic, requests);
    (requests[place.request] ??= []).push(index);
  });
  return [...common, ...[...alone.values()].flat()];
}

/** Sends the messages in one produce request; rejects when it is not known that all of them were written. */
export type SendRequest = (topicMessages: TopicMessages[]) => Promise<unknown>;

interface Waiting extends Packet {
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Collects the packets of one event-loop turn into one produce request: one packet a request is what bounds a
 * transporter's rate. Nothing is ever sent twice.
 */
export class SendBatches {
  readonly #send: SendRequest;
  readonly #collects: boolean;
  readonly #knownTopics = new Set<string>();
  readonly #underWay = new Set<Promise<void>>();
  #waiting: Waiting[] = [];
  #unansweredBytes = 0;

  /** @param collects false: a request for each packet, as other transporters do it */
  constructor(send: SendRequest, collects = true) {
    this.#send = send;
    this.#collects = collects;
  }

  /**
   * @returns when Kafka has acknowledged the packet
   * @throws PacketTooLarge, NotHandedOver: it was surely not sent; anything else: not known
   */
  add(packet: Packet): Promise<void> {
    if (isTooLarge(packet.value)) return Promise.reject(new PacketTooLarge(packet.value.length));
    if (this.#unansweredBytes + packet.value.length > MAX_UNANSWERED_BYTES) {
      return Promise.reject(new NotHandedOver(`Kafka has ${this.#unansweredBytes} bytes of this node unanswered.`));
    }
    return new Promise((resolve, reject) => {
      if (this.#collects && this.#waiting.length === 0) {
        outsideOfRequests(() =>
          setImmediate(() => {
            this.#flush();
          }),
        );
      }
      this.#unansweredBytes += packet.value.length;
      this.#waiting.push({ ...packet, resolve, reject });
      if (!this.#collects) this.#flush();
    });
  }

  /** Resolves when everything that was added is answered, one way or the other. */
  async settled(): Promise<void> {
    if (this.#waiting.length > 0) this.#flush();
    await Promise.all(this.#underWay);
  }

  #flush(): void {
    const packets = this.#waiting;
    this.#waiting = [];
    for (const indexes of cutIntoRequests(packets, (topic) => this.#knownTopics.has(topic))) {
      const request = this.#request(indexes.flatMap((index) => packets[index] ?? []));
      this.#underWay.add(request);
      void request.finally(() => this.#underWay.delete(request));
    }
  }

  async #request(packets: readonly Waiting[]): Promise<void> {
    const byTopic = new Map<string, TopicMessages>();
    for (const { topic, value, timestampMs, key } of packets) {
      const messages = byTopic.get(topic) ?? { topic, messages: [] };
      byTopic.set(topic, messages);
      messages.messages.push({
        value,
        timestamp: Math.round(timestampMs).toString(),
        partition: 0,
        ...(key && { key }),
      });
    }
    try {
      await this.#send([...byTopic.values()]);
      for (const topic of byTopic.keys()) this.#knownTopics.add(topic);
      for (const packet of packets) packet.resolve();
    } catch (error) {
      if (isUnknownTopic(error)) for (const topic of byTopic.keys()) this.#knownTopics.delete(topic);
      for (const packet of packets) packet.reject(error);
    } finally {
      for (const { value } of packets) this.#unansweredBytes -= value.length;
    }
  }
}

/** True when Kafka has no such topic: the packet was not written, and Kafka itself is well. */
export function isUnknownTopic(error: unknown): boolean {
  return kafkaErrorType(error) === 'UNKNOWN_TOPIC_OR_PARTITION';
}
