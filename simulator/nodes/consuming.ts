import { BatchSize } from '../../mixins/inbox/batch-size.ts';
import { emptyStats } from '../../mixins/inbox/consumer-stats.ts';
import { keepConsuming } from '../../mixins/inbox/keep-consuming.ts';
import { simulatedConsumer } from '../bus/consumer.ts';
import type { Transaction } from '../store/database.ts';
import { SimulatedInboxStore } from '../store/inbox-store.ts';
import type { NodeParts } from './node-parts.ts';

/** Runs the product's consumer on a simulated group and a simulated inbox, until its process dies. */
export function consume(parts: NodeParts): void {
  const { service, process, clock, scheduler, dice, logger, count } = parts;
  const { input, database } = service;
  let members = 0;
  void keepConsuming<Transaction>(
    {
      parts: {
        store: new SimulatedInboxStore(database, process),
        clock,
        consumer: `${service.name}.${input.consumer}`,
        handle: (events, { transaction }) => input.handle(events, transaction, parts),
        schemas: input.schemas,
        logger,
        batchSize: new BatchSize(),
        stats: emptyStats(),
        waitsFor: null,
      },
      topic: { name: input.topic.name, partitions: input.topic.partitions.length },
      newConsumer: () => {
        if (++members > 1) count('member replaced');
        return simulatedConsumer({
          id: `${process.name}/${members}`,
          scheduler,
          process,
          clock,
          dice,
          topic: input.topic,
          group: input.group,
          bus: parts.publishing.bus,
        });
      },
    },
    // Nobody stops it but its death.
    new AbortController().signal,
  );
}
