import type { Transaction } from 'sequelize';
import { EventSchemas } from '../../../events/envelope.ts';
import type { ConsumerParts } from '../../../mixins/inbox/assignment.ts';
import { BatchSize } from '../../../mixins/inbox/batch-size.ts';
import { emptyStats } from '../../../mixins/inbox/consumer-stats.ts';
import type { InboxStore } from '../../../mixins/inbox/inbox-store.ts';
import { systemClock, type Clock } from '../../../mixins/time/clock.ts';
import { silentLogger } from '../../support/silent-logger.ts';

/** A consumer that settles nothing, unless it is given a store. */
export function consumerParts(clock: Clock = systemClock, store: Partial<InboxStore<Transaction>> = {}): ConsumerParts {
  return {
    store: store as InboxStore<Transaction>,
    clock,
    consumer: 'unit.consumer',
    handle: () => Promise.resolve(),
    schemas: new EventSchemas([]),
    logger: silentLogger,
    batchSize: new BatchSize(),
    stats: emptyStats(),
    waitsFor: null,
  };
}
