import { createHash, randomUUID } from 'node:crypto';
import type { CrashMarker, Parked } from '../../mixins/inbox/inbox-store.ts';
import { aggregateKey, type Aggregate, type InboxMessage } from '../../mixins/inbox/record.ts';
import { committed, untilWaiting } from './support/database-stage.ts';
import { DATABASES, stageOf } from './support/databases.ts';

const NOW = new Date('2026-01-01T00:00:00.000Z');

let offsets = 0n;

/** A message with a place, and unless it is given others, an id and an aggregate of its own. */
function message(more: Partial<InboxMessage> = {}): InboxMessage {
  const offset = offsets++;
  const record = { topic: 'things', partition: 0, offset, key: null, value: null, kafkaTime: NOW, receivedAt: NOW };
  return {
    record,
    place: `things/0/${offset}`,
    eventId: randomUUID(),
    type: 'thing.done',
    aggregate: aggregate(),
    payloadHash: createHash('sha256').update(String(offset)).digest(),
    event: null,
    poison: null,
    ...more,
  };
}

function aggregate(id: string = randomUUID()): Aggregate {
  return { type: 'thing', id };
}

function letter(parked: InboxMessage, error = 'never'): Parked {
  return { message: parked, poison: { reason: 'refused', error } };
}

function marker(partition: number, more: Partial<CrashMarker> = {}): CrashMarker {
  return { partition, firstOffset: 3n, lastOffset: 9n, aloneOffset: null, attempts: 0, ...more };
}

const idsOf = (...messages: InboxMessage[]): string[] => messages.map(({ eventId }) => eventId ?? '');

describe.each(DATABASES)('the inbox in $name', ({ open }) => {
  const stage = stageOf(open);

  const insert = (...messages: InboxMessage[]): Promise<Set<string>> =>
    committed(stage(), (transaction) => stage().inbox.insertInboxRows(messages, transaction));

  const isParked = async (of: Aggregate): Promise<boolean> =>
    committed(stage(), async (transaction) => (await stage().inbox.parkedAggregates([of], transaction)).size > 0);

  const markersOf = async (topic: string, ...partitions: number[]): Promise<CrashMarker[]> =>
    (await stage().inbox.readMarkers(topic, partitions)).sort((one, other) => one.partition - other.partition);

  describe('rows', () => {
    test('that are there are not fresh, and keep the hash that they came with', async () => {
      const [there, fresh] = [message(), message()];
      expect(await insert(there)).toEqual(new Set(idsOf(there)));
      const changed = { ...there, payloadHash: Buffer.alloc(32) };
      expect(await insert(fresh, changed)).toEqual(new Set(idsOf(fresh)));
      const hashes = await committed(stage(), (transaction) =>
        stage().inbox.settledHashes(idsOf(there, fresh, message()), transaction),
      );
      expect(hashes).toEqual(
        new Map([
          [there.eventId, there.payloadHash],
          [fresh.eventId, fresh.payloadHash],
        ]),
      );
    });

    test.each([
      { end: 'commits', count: 0 },
      { end: 'rolls back', count: 1 },
    ] as const)('wait for the open transaction that writes the same, which $end: $count is fresh', async (after) => {
      const same = message();
      const first = await stage().begin();
      const second = await stage().begin();
      await stage().inbox.insertInboxRows([same], first);
      const again = stage().inbox.insertInboxRows([same], second);
      await untilWaiting(stage());
      await (after.end === 'commits' ? first.commit() : first.rollback());
      expect((await again).size).toBe(after.count);
    });

    test('met in opposite order by two transactions do not deadlock', async () => {
      const [one, two, three] = [message(), message(), message()].sort((a, b) =>
        (a.eventId ?? '') < (b.eventId ?? '') ? -1 : 1,
      ) as [InboxMessage, InboxMessage, InboxMessage];
      const first = await stage().begin();
      const others = [await stage().begin(), await stage().begin()];
      await stage().inbox.insertInboxRows([two], first);
      const crossing = [
        [one, two, three],
        [three, two, one],
      ].map(async (messages, index) => {
        const transaction = others[index] ?? first;
        const fresh = await stage().inbox.insertInboxRows(messages, transaction);
        await transaction.commit();
        return fresh.size;
      });
      await untilWaiting(stage(), 2);
      await first.commit();
      expect((await Promise.all(crossing)).sort()).toEqual([0, 2]);
    });

    test('say how many attempts it took, and count how often their events came again', async () => {
      const [first, replayed, never] = [message(), message({ triedBefore: 3 }), message()];
      await committed(stage(), (transaction) => stage().inbox.insertInboxRows([first, replayed], transaction, 2));
      const [one = '', other = '', none = ''] = idsOf(first, replayed, never);
      expect(await stage().inboxCounts(one)).toEqual({ attempts: 2, duplicates: 0 });
      expect(await stage().inboxCounts(other)).toEqual({ attempts: 5, duplicates: 0 });
      const count = (...ids: string[]): Promise<void> =>
        committed(stage(), (transaction) => stage().inbox.countDuplicates(ids, transaction));
      await count(other, one, none, one);
      await count(one);
      expect(await stage().inboxCounts(one)).toEqual({ attempts: 2, duplicates: 3 });
      expect(await stage().inboxCounts(other)).toEqual({ attempts: 5, duplicates: 1 });
      expect(await stage().inboxCounts(none)).toBeNull();
    });

    test('are seen by their own transaction, and by others with the commit', async () => {
      const mine = message();
      const first = await stage().begin();
      const second = await stage().begin();
      await stage().inbox.insertInboxRows([mine], first);
      expect((await stage().inbox.settledHashes(idsOf(mine), first)).size).toBe(1);
      expect((await stage().inbox.settledHashes(idsOf(mine), second)).size).toBe(0);
      await first.commit();
      expect((await stage().inbox.settledHashes(idsOf(mine), second)).size).toBe(1);
    });
  });

  describe('a transaction', () => {
    test('that resolves leaves all that it wrote', async () => {
      const [settled, poisoned] = [message(), message()];
      const topic = randomUUID();
      await stage().inbox.writeMarkers(topic, [marker(0)]);
      await stage().inbox.transaction(async (transaction) => {
        await stage().inbox.insertInboxRows([settled], transaction);
        await stage().inbox.park([letter(poisoned)], transaction);
        await stage().inbox.removeMarkers(topic, [0], transaction);
      });
      expect((await insert(settled)).size).toBe(0);
      expect(await isParked(poisoned.aggregate ?? aggregate())).toBe(true);
      expect(await markersOf(topic, 0)).toEqual([]);
    });

    test('that rejects leaves nothing, and says why', async () => {
      const [settled, poisoned] = [message(), message()];
      const topic = randomUUID();
      await stage().inbox.writeMarkers(topic, [marker(0), marker(1)]);
      const failed = stage().inbox.transaction(async (transaction) => {
        await stage().inbox.insertInboxRows([settled], transaction);
        await stage().inbox.park([letter(poisoned)], transaction);
        await stage().inbox.removeMarkers(topic, [0], transaction);
        await stage().inbox.advanceMarker(topic, 1, 7n, transaction);
        throw new Error('the handler failed');
      });
      await expect(failed).rejects.toThrow('the handler failed');
      expect((await insert(settled)).size).toBe(1);
      expect(await isParked(poisoned.aggregate ?? aggregate())).toBe(false);
      expect(await markersOf(topic, 0, 1)).toEqual([marker(0), marker(1)]);
    });
  });

  describe('the locks of aggregates', () => {
    test('wait for whoever has one of them, until that transaction ends', async () => {
      const [one, two, free] = [aggregate(), aggregate(), aggregate()];
      const first = await stage().begin();
      const [second, third] = [await stage().begin(), await stage().begin()];
      await stage().inbox.lockAggregates([one, two, one], first);
      await stage().inbox.lockAggregates([one], first);
      await stage().inbox.lockAggregates([free], second);
      const waiting = [
        stage().inbox.lockAggregates([two], second),
        stage()
          .inbox.lockAggregates([one], third)
          .then(() => third.rollback()),
      ];
      await untilWaiting(stage(), 2);
      await first.commit();
      await Promise.all(waiting);
    });

    test('are free after a rollback', async () => {
      const one = aggregate();
      const first = await stage().begin();
      await stage().inbox.lockAggregates([one], first);
      const second = await stage().begin();
      const lock = stage().inbox.lockAggregates([one], second);
      await untilWaiting(stage());
      await first.rollback();
      await lock;
    });

    test('are taken in one order by everybody: crossing batches do not deadlock', async () => {
      const all = [aggregate(), aggregate(), aggregate(), aggregate()];
      for (const middle of all) {
        const first = await stage().begin();
        await stage().inbox.lockAggregates([middle], first);
        const crossing = [all, all.toReversed()].map(async (batch) => {
          const transaction = await stage().begin();
          await stage().inbox.lockAggregates(batch, transaction);
          await transaction.commit();
        });
        await untilWaiting(stage(), 2);
        await first.commit();
        await Promise.all(crossing);
      }
    });
  });

  describe('dead letters', () => {
    test('stay as they were parked first: a record that comes again is not new', async () => {
      const [there, fresh] = [message(), message()];
      const park = (...letters: Parked[]): Promise<number> =>
        committed(stage(), (transaction) => stage().inbox.park(letters, transaction));
      expect(await park(letter(there))).toBe(1);
      const moved = { ...there, aggregate: aggregate() };
      expect(await park(letter(moved, 'again'), letter(fresh))).toBe(1);
      expect(await isParked(there.aggregate ?? aggregate())).toBe(true);
      expect(await isParked(moved.aggregate)).toBe(false);
    });

    test('park their aggregates: at once for their own transaction, with the commit for others', async () => {
      const [mine, none] = [message(), message({ aggregate: null })];
      const asked = [mine.aggregate ?? aggregate(), aggregate()];
      const first = await stage().begin();
      await stage().inbox.park([letter(mine), letter(none)], first);
      const parked = new Set([aggregateKey(mine.aggregate ?? aggregate())]);
      expect(await stage().inbox.parkedAggregates(asked, first)).toEqual(parked);
      const second = await stage().begin();
      expect(await stage().inbox.parkedAggregates(asked, second)).toEqual(new Set());
      await first.commit();
      expect(await stage().inbox.parkedAggregates(asked, second)).toEqual(parked);
    });

    test('wait for the open transaction that parks the same record', async () => {
      const same = message();
      const first = await stage().begin();
      const second = await stage().begin();
      await stage().inbox.park([letter(same)], first);
      const again = stage().inbox.park([letter(same)], second);
      await untilWaiting(stage());
      await first.commit();
      expect(await again).toBe(0);
    });
  });

  describe('crash markers', () => {
    test('are written, each in place of the one before it, and are those of one topic', async () => {
      const topic = randomUUID();
      await stage().inbox.writeMarkers(topic, [marker(1), marker(0)]);
      await stage().inbox.writeMarkers(topic, [marker(1, { firstOffset: 5n, aloneOffset: 5n, attempts: 2 })]);
      expect(await markersOf(topic, 0, 1, 2)).toEqual([
        marker(0),
        marker(1, { firstOffset: 5n, aloneOffset: 5n, attempts: 2 }),
      ]);
      expect(await markersOf(randomUUID(), 0, 1, 2)).toEqual([]);
    });

    test('advance with their transaction: from there on, and nothing is alone', async () => {
      const topic = randomUUID();
      await stage().inbox.writeMarkers(topic, [marker(0, { aloneOffset: 3n, attempts: 2 }), marker(1)]);
      const transaction = await stage().begin();
      await stage().inbox.advanceMarker(topic, 0, 4n, transaction);
      // One that is not there is not made.
      await stage().inbox.advanceMarker(topic, 2, 4n, transaction);
      expect(await markersOf(topic, 0)).toEqual([marker(0, { aloneOffset: 3n, attempts: 2 })]);
      await transaction.commit();
      expect(await markersOf(topic, 0, 1, 2)).toEqual([marker(0, { firstOffset: 4n }), marker(1)]);
    });

    test('are forgiven a death, but never more than they have', async () => {
      const topic = randomUUID();
      await stage().inbox.writeMarkers(topic, [marker(0, { attempts: 2 }), marker(1), marker(2, { attempts: 1 })]);
      await stage().inbox.forgiveMarkers(topic, [0, 1, 3]);
      expect(await markersOf(topic, 0, 1, 2, 3)).toEqual([
        marker(0, { attempts: 1 }),
        marker(1),
        marker(2, { attempts: 1 }),
      ]);
    });

    test('are removed at once, or with a transaction', async () => {
      const topic = randomUUID();
      await stage().inbox.writeMarkers(topic, [marker(0), marker(1), marker(2)]);
      await stage().inbox.removeMarkers(topic, [0, 9], null);
      const transaction = await stage().begin();
      await stage().inbox.removeMarkers(topic, [1], transaction);
      expect(await markersOf(topic, 0, 1, 2)).toEqual([marker(1), marker(2)]);
      await transaction.commit();
      expect(await markersOf(topic, 0, 1, 2)).toEqual([marker(2)]);
    });

    test('that are written wait for the transaction that changes the same ones, and for no others', async () => {
      const topic = randomUUID();
      await stage().inbox.writeMarkers(topic, [marker(0)]);
      const transaction = await stage().begin();
      await stage().inbox.advanceMarker(topic, 0, 4n, transaction);
      await stage().inbox.advanceMarker(topic, 1, 4n, transaction);
      await stage().inbox.removeMarkers(topic, [2], transaction);
      await stage().inbox.writeMarkers(topic, [marker(1), marker(2)]);
      const written = stage().inbox.writeMarkers(topic, [marker(0, { firstOffset: 8n })]);
      await untilWaiting(stage());
      await transaction.commit();
      await written;
      expect(await markersOf(topic, 0, 1, 2)).toEqual([marker(0, { firstOffset: 8n }), marker(1), marker(2)]);
    });
  });
});
