import type { ConsumerParts } from '../../mixins/inbox/assignment.ts';
import { pauseAfter } from '../../mixins/inbox/backoff.ts';
import { BatchSize } from '../../mixins/inbox/batch-size.ts';
import { emptyStats } from '../../mixins/inbox/consumer-stats.ts';
import { GroupMember } from '../../mixins/inbox/group-member.ts';
import { simulatedConsumer } from '../bus/consumer.ts';
import type { Transaction } from '../store/database.ts';
import { SimulatedInboxStore } from '../store/inbox-store.ts';
import type { NodeParts } from './node-parts.ts';

/** Runs the product's group member as `EventConsumer` does: a new one in place of each that has to be replaced. */
export async function keepConsuming(parts: NodeParts): Promise<never> {
  const { service, process, clock, scheduler, dice, logger, count } = parts;
  const { input, database } = service;
  const consumerParts: ConsumerParts<Transaction> = {
    store: new SimulatedInboxStore(database, process),
    clock,
    consumer: `${service.name}.${input.consumer}`,
    handle: (events, { transaction }) => input.handle(events, transaction, parts),
    schemas: input.schemas,
    logger,
    batchSize: new BatchSize(),
    stats: emptyStats(),
    waitsFor: null,
  };
  const never = new AbortController().signal;
  for (let members = 1; ; members++) {
    const consumer = simulatedConsumer({
      id: `${process.name}/${members}`,
      scheduler,
      process,
      clock,
      dice,
      topic: input.topic,
      group: input.group,
      bus: parts.publishing.bus,
    });
    const member = new GroupMember<Transaction>({
      consumer,
      topic: { name: input.topic.name, partitions: input.topic.partitions.length },
      parts: consumerParts,
    });
    try {
      await member.start();
      await member.ended;
    } catch {
      // Kafka is away: a new one is tried.
    }
    count('member replaced');
    await member.leave();
    await pauseAfter(1, never, clock);
  }
}
