import { encodeEnvelope } from '../../events/envelope.ts';
import { isPermanentProduceError } from '../../kafka/client.ts';
import type { OutboxMessage } from '../../mixins/outbox/message.ts';
import type { RelayPublisher } from '../../mixins/outbox/relay-loop.ts';
import type { FaultDice } from '../fault-dice.ts';
import type { Process, Scheduler } from '../scheduler.ts';
import { brokersAway, BusError } from './errors.ts';
import type { RecordToSend, Topic } from './topic.ts';

export interface SimulatedPublisherOptions {
  readonly scheduler: Scheduler;
  readonly process: Process;
  readonly dice: FaultDice;
  readonly topic: Topic;
  readonly source: string;
  readonly bus: { readonly isDown: boolean };
  /** Events that the brokers take from nobody. */
  readonly refused: ReadonlySet<string>;
}

/** As `KafkaPublisher`: one request, acknowledged or not. Each partition's part of it is appended as a whole or not at all. */
export class SimulatedPublisher implements RelayPublisher {
  readonly #options: SimulatedPublisherOptions;

  constructor(options: SimulatedPublisherOptions) {
    this.#options = options;
  }

  connect(): Promise<void> {
    const { scheduler, process, topic, bus } = this.#options;
    return scheduler.call(process, `connects to publish to ${topic.name}`, () => {
      if (bus.isDown) throw brokersAway();
    });
  }

  disconnect(): Promise<void> {
    return Promise.resolve();
  }

  publish(messages: readonly OutboxMessage[]): Promise<void> {
    const { scheduler, process, topic } = this.#options;
    return scheduler.call(
      process,
      `publishes ${messages.length} to ${topic.name}`,
      () => {
        this.#request(messages);
      },
      true,
    );
  }

  isPermanent(error: unknown): boolean {
    return isPermanentProduceError(error);
  }

  #request(messages: readonly OutboxMessage[]): void {
    const { dice, bus, refused, topic, scheduler } = this.#options;
    if (bus.isDown || dice.hits('publish lost')) throw brokersAway();
    const refusedPartitions = new Set(
      messages.filter(({ eventId }) => refused.has(eventId)).map(({ partitionKey }) => topic.partitionOf(partitionKey)),
    );
    const isRefused = (message: OutboxMessage): boolean =>
      refusedPartitions.has(topic.partitionOf(message.partitionKey));
    const good = messages.filter((message) => !isRefused(message)).map((message) => this.#toRecord(message));
    if (dice.hits('publish late')) {
      scheduler.addAfter(dice.below(4000), null, `${topic.name} appends what was given up`, () => {
        topic.append(good, scheduler.nowMs);
      });
      throw new BusError('REQUEST_TIMED_OUT');
    }
    if (dice.hits('publish partly done')) {
      const some = new Set([...topic.partitions.keys()].filter(() => dice.oneIn(2)));
      topic.append(
        good.filter(({ key }) => some.has(topic.partitionOf(key))),
        scheduler.nowMs,
      );
      throw new BusError('NOT_ENOUGH_REPLICAS_AFTER_APPEND');
    }
    topic.append(good, scheduler.nowMs);
    if (refusedPartitions.size > 0) throw new BusError('MESSAGE_TOO_LARGE');
    if (dice.hits('publish answer lost')) throw new BusError('REQUEST_TIMED_OUT');
  }

  #toRecord(message: OutboxMessage): RecordToSend {
    return encodeEnvelope({ ...message, source: this.#options.source, time: message.createdAt.toISOString() });
  }
}
