import type { SettleStore } from '../../../mixins/inbox/inbox-store.ts';
import type { InboxMessage } from '../../../mixins/inbox/record.ts';
import { settleBatch, type Settled } from '../../../mixins/inbox/settle-batch.ts';
import { systemClock } from '../../../mixins/time/clock.ts';

const COMMIT_MS = 30;

const MESSAGE = {
  record: { topic: 'parcels', partition: 0, offset: 1n, key: null, value: null },
  eventId: '017f22e2-79b0-7cc3-98c4-dc0c0c07398f',
  payloadHash: Buffer.alloc(32),
  event: { eventId: '017f22e2-79b0-7cc3-98c4-dc0c0c07398f' },
  aggregate: { type: 'parcel', id: 'p' },
  poison: null,
} as unknown as InboxMessage;

/** A store whose commit takes a while, and whose inbox has the message or not. */
function storeWith(isSettled: boolean): SettleStore<null> {
  return {
    transaction: async (work: (transaction: null) => Promise<void>) => {
      await work(null);
      await new Promise((resolve) => setTimeout(resolve, COMMIT_MS));
    },
    lockAggregates: () => Promise.resolve(),
    parkedAggregates: () => Promise.resolve(new Set<string>()),
    settledHashes: () => Promise.resolve(new Map([[MESSAGE.eventId, MESSAGE.payloadHash]])),
    insertInboxRows: () => Promise.resolve(new Set(isSettled ? [] : [MESSAGE.eventId])),
    countDuplicates: () => Promise.resolve(),
    park: () => Promise.resolve(0),
  } as unknown as SettleStore<null>;
}

function settle(isSettled: boolean): Promise<Settled> {
  const context = {
    store: storeWith(isSettled),
    clock: systemClock,
    consumer: 'test.track',
    handle: () => Promise.resolve(),
    logger: { error: () => undefined },
  };
  return settleBatch<null>(context, [MESSAGE], new Map());
}

test('a batch of duplicates locks no business rows, however long its commit takes: it is no reason for smaller batches', async () => {
  expect(await settle(true)).toMatchObject({ handled: 0, duplicates: 1, lockMs: 0 });
  const fresh = await settle(false);
  expect(fresh).toMatchObject({ handled: 1, duplicates: 0 });
  expect(fresh.lockMs).toBeGreaterThan(COMMIT_MS / 2);
});
