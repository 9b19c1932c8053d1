import type { OpenTransaction } from '../../mixins/idempotency-keys/write-store.ts';
import type { OutboxMessage } from '../../mixins/outbox/message.ts';
import type { OutboxRead } from '../../mixins/outbox/relay.ts';
import { eventually } from '../support/eventually.ts';
import { keyIn, LANES, thing, type OutboxStage, type StagedSession } from './support/outbox-stage.ts';
import { postgresOutbox } from './support/postgres-outbox.ts';
import { simulatedOutbox } from './support/simulated-outbox.ts';

const OUTBOXES = [
  { name: 'the simulated database', open: simulatedOutbox },
  { name: 'PostgreSQL', open: postgresOutbox },
];
const MANY = { maxRows: 100, maxBytes: 1_000_000 };
const ALL_LANES = Array.from({ length: LANES }, (_, lane) => lane);

const keysOf = (messages: readonly OutboxMessage[]): string[] => messages.map(({ partitionKey }) => partitionKey);

describe.each(OUTBOXES)('a relay’s session in $name', ({ open }) => {
  let stage: OutboxStage;
  let session: StagedSession;

  beforeAll(async () => {
    stage = await open();
  });
  beforeEach(async () => {
    session = await stage.openSession();
  });
  afterEach(async () => {
    await stage.clear();
  });
  afterAll(async () => {
    await stage.close();
  });

  /** Writes events, one for each key, in a transaction that stays open. */
  async function write(...keys: string[]): Promise<OpenTransaction> {
    const transaction = await stage.begin();
    await stage.addToOutbox(
      keys.map((key) => thing(key)),
      transaction,
    );
    return transaction;
  }

  const add = async (...keys: string[]): Promise<void> => (await write(...keys)).commit();

  const readAll = (from: StagedSession = session): Promise<OutboxRead> =>
    from.read(
      ALL_LANES.map((lane) => ({ lane, afterId: 0 })),
      MANY,
    );

  const messagesOf = async (): Promise<readonly OutboxMessage[]> => (await readAll()).messages;

  /** All lanes of the sessions, once they are shared equally. */
  async function balanced(...sessions: StagedSession[]): Promise<void> {
    await eventually(async () => {
      for (const each of sessions) await each.balance();
      const held = sessions.map((each) => each.heldLanes());
      expect(held.flat().sort()).toEqual(ALL_LANES);
      for (const lanes of held) expect(lanes.length).toBeLessThanOrEqual(Math.ceil(LANES / sessions.length));
    });
  }

  describe('reads', () => {
    test('lanes in the order given, and a lane in the order of its ids, after a position', async () => {
      const [one, two] = [keyIn(1), keyIn(2)];
      await add(two, one, two, keyIn(3));
      await add(one);
      const { messages } = await session.read(
        [
          { lane: 2, afterId: 0 },
          { lane: 1, afterId: 0 },
        ],
        MANY,
      );
      expect(messages.map(({ lane }) => lane)).toEqual([2, 2, 1, 1]);
      const ids = messages.map(({ id }) => id);
      expect(ids[1]).toBeGreaterThan(ids[0] ?? Infinity);
      expect(ids[3]).toBeGreaterThan(ids[2] ?? Infinity);
      const later = await session.read([{ lane: 1, afterId: ids[2] ?? 0 }], MANY);
      expect(later.messages.map(({ id }) => id)).toEqual([ids[3]]);
    });

    test('an event as it was written', async () => {
      const transaction = await stage.begin();
      await stage.addToOutbox([{ ...thing(keyIn(1), 'Ä "text"'), aggregateVersion: 7 }], transaction);
      await transaction.commit();
      const [message] = await messagesOf();
      expect(message).toMatchObject({
        lane: 1,
        aggregateType: 'thing',
        aggregateId: keyIn(1),
        aggregateVersion: 7,
        partitionKey: keyIn(1),
        type: 'thing.done',
        dataschema: 'thing.done/1',
        traceparent: null,
        payload: '{"text":"Ä \\"text\\""}',
      });
      expect(message?.createdAt).toBeInstanceOf(Date);
      expect(message?.ageMs).toBeGreaterThanOrEqual(0);
    });

    test('as many rows as it may, and as many bytes: it stops with the event that passes them', async () => {
      const transaction = await stage.begin();
      const events = ['x', 'x'.repeat(1000), 'x', 'x'].map((text) => thing(keyIn(0), text));
      await stage.addToOutbox(events, transaction);
      await transaction.commit();
      const [first, second] = await messagesOf();
      expect(second?.bytes).toBeGreaterThan((first?.bytes ?? 0) + 900);
      const lane = [{ lane: 0, afterId: 0 }];
      const limited = async (maxRows: number, maxBytes: number): Promise<number> =>
        (await session.read(lane, { maxRows, maxBytes })).messages.length;
      expect(await limited(3, 1_000_000)).toBe(3);
      expect(await limited(100, 1)).toBe(1);
      expect(await limited(100, (first?.bytes ?? 0) + 1)).toBe(2);
      expect(await limited(100, (first?.bytes ?? 0) + (second?.bytes ?? 0) + 1)).toBe(3);
    });

    test('nothing of a transaction that is open, or was rolled back, and then there is no snapshot', async () => {
      const transaction = await write(keyIn(0));
      expect(await readAll()).toEqual({ messages: [], snapshot: null });
      await transaction.rollback();
      expect(await readAll()).toEqual({ messages: [], snapshot: null });
    });

    test('a lower id after a higher one: ids are taken before the commit', async () => {
      const late = await write(keyIn(0, 'late'));
      await add(keyIn(0, 'early'));
      const [early] = await messagesOf();
      expect(early?.partitionKey).toBe(keyIn(0, 'early'));
      await late.commit();
      expect(keysOf(await messagesOf())).toEqual([keyIn(0, 'late'), keyIn(0, 'early')]);
      expect((await session.read([{ lane: 0, afterId: early?.id ?? 0 }], MANY)).messages).toEqual([]);
    });
  });

  describe('with each read says', () => {
    test('which transaction is the oldest that writes: one that is open holds it, until it ends', async () => {
      const writer = await write(keyIn(1));
      await add(keyIn(0));
      const { snapshot } = await readAll();
      expect(snapshot?.oldestRunning).toBeLessThan(snapshot?.next ?? 0);
      await add(keyIn(0), keyIn(0));
      expect((await readAll()).snapshot?.oldestRunning).toBe(snapshot?.oldestRunning);
      await writer.commit();
      // Another database of the same server may be writing just now.
      await eventually(async () => {
        expect((await readAll()).snapshot?.oldestRunning).toBeGreaterThanOrEqual(snapshot?.next ?? Infinity);
      });
    });

    test('which had not begun: not one that writes already, and began after all that have ended', async () => {
      const first = await write(keyIn(0));
      await write(keyIn(1));
      await first.commit();
      const { snapshot } = await readAll();
      expect((await readAll()).snapshot?.oldestRunning).toBeLessThan(snapshot?.next ?? 0);
    });

    test('which had not begun: one that begins to write afterwards does not count as older', async () => {
      await add(keyIn(0));
      const { snapshot } = await readAll();
      await write(keyIn(0));
      await eventually(async () => {
        expect((await readAll()).snapshot?.oldestRunning).toBeGreaterThanOrEqual(snapshot?.next ?? Infinity);
      });
    });

    test('nothing of a transaction that has written nothing: that holds nobody up', async () => {
      const reader = await stage.begin();
      await stage.look(reader);
      await add(keyIn(0));
      const { snapshot } = await readAll();
      await add(keyIn(0));
      await eventually(async () => {
        expect((await readAll()).snapshot?.oldestRunning).toBeGreaterThanOrEqual(snapshot?.next ?? Infinity);
      });
      // It begins to write only now: it is younger than all that was read.
      await stage.addToOutbox([thing(keyIn(0))], reader);
      const later = await readAll();
      expect(later.snapshot?.oldestRunning).toBeGreaterThanOrEqual(snapshot?.next ?? Infinity);
      expect(later.snapshot?.oldestRunning).toBeLessThan(later.snapshot?.next ?? 0);
    });
  });

  describe('takes out of the outbox', () => {
    test('what was published, and nothing else; once more does nothing', async () => {
      await add(keyIn(0), keyIn(1), keyIn(0));
      const [first, ...others] = await messagesOf();
      await session.remove([first as OutboxMessage]);
      await session.remove([first as OutboxMessage]);
      expect((await messagesOf()).map(({ id }) => id)).toEqual(others.map(({ id }) => id));
    });

    test('what is refused, and says that it is parked and what the oldest of its key is', async () => {
      await add(keyIn(0, 'one'), keyIn(0, 'two'), keyIn(0, 'one'), keyIn(1));
      const [first, , third] = (await messagesOf()) as [OutboxMessage, OutboxMessage, OutboxMessage];
      expect(await session.park([third, first], 'refused', 'too large')).toEqual(
        expect.arrayContaining([first, third]),
      );
      expect(await session.park([first], 'refused', 'too large')).toEqual([]);
      expect(keysOf(await messagesOf())).toEqual([keyIn(0, 'two'), keyIn(1)]);
      const key = { lane: 0, partitionKey: keyIn(0, 'one'), firstId: first.id };
      expect(await session.parkedKeys([0, 1])).toEqual([key]);
      expect(await session.parkedKeys([1])).toEqual([]);
    });

    test('what is behind an earlier event of its key, as long as that is parked', async () => {
      const [key, other] = [keyIn(0, 'one'), keyIn(0, 'two')];
      await add(key, key, other, key);
      const [earlier, refused, free, later] = (await messagesOf()) as OutboxMessage[] & { length: 4 };
      const behind = (): Promise<readonly OutboxMessage[]> =>
        session.park([earlier, free, later] as OutboxMessage[], 'behind', 'an earlier one is parked');
      expect(await behind()).toEqual([]);
      await session.park([refused as OutboxMessage], 'refused', 'too large');
      expect(await behind()).toEqual([later]);
      expect((await messagesOf()).map(({ id }) => id)).toEqual([earlier?.id, free?.id]);
    });

    test('nothing behind what a person is just discarding: it waits for that', async () => {
      await add(keyIn(0), keyIn(0));
      const [refused, later] = (await messagesOf()) as [OutboxMessage, OutboxMessage];
      await session.park([refused], 'refused', 'too large');
      const person = await stage.begin();
      await stage.discardParked([refused.id], person);
      const behind = session.park([later], 'behind', 'an earlier one is parked');
      await eventually(async () => {
        expect(await stage.waiting()).toBe(1);
      });
      await person.commit();
      expect(await behind).toEqual([]);
      expect((await messagesOf()).map(({ id }) => id)).toEqual([later.id]);
    });
  });

  describe('holds lanes', () => {
    test('alone: all of them, and none before it has asked', async () => {
      expect(session.heldLanes()).toEqual([]);
      expect(await session.balance()).toBe(true);
      expect(session.heldLanes()).toEqual(ALL_LANES);
      expect(await session.isHeld()).toBe(true);
      expect(await session.balance()).toBe(false);
    });

    test('each by one session at a time: what one has, another gets only when it is given up', async () => {
      await balanced(session);
      const other = await stage.openSession();
      expect(await other.balance()).toBe(false);
      expect(other.heldLanes()).toEqual([]);
      await balanced(session, other);
      await balanced(session, other, await stage.openSession());
    });

    test('that several try for at once: one of them gets each', async () => {
      const sessions = [session];
      for (let more = 0; more < 7; more++) sessions.push(await stage.openSession());
      await Promise.all(sessions.map((each) => each.balance()));
      const held = sessions.flatMap((each) => each.heldLanes());
      expect(held).toEqual([...new Set(held)]);
      await balanced(...sessions);
    });

    test('until it closes: then it has nothing, answers nothing, and the next one gets all', async () => {
      await balanced(session);
      const other = await stage.openSession();
      await session.close();
      expect(session.heldLanes()).toEqual([]);
      expect(await session.isHeld()).toBe(false);
      await expect(readAll()).rejects.toThrow('the relay closed its session');
      await expect(session.balance()).rejects.toThrow();
      await balanced(other);
    });

    test('until the server ends it: all are gone at once, and it hears of it once', async () => {
      let ends = 0;
      const ended = await stage.openSession(() => ends++);
      await session.close();
      await balanced(ended);
      await add(keyIn(0));
      const [message] = (await readAll(ended)).messages as [OutboxMessage];
      await stage.endSessions();
      const other = await stage.openSession();
      await balanced(other);
      await eventually(() => {
        expect(ended.endedBecause).not.toBeNull();
      });
      expect(ended.heldLanes()).toEqual([]);
      expect(await ended.isHeld()).toBe(false);
      await expect(ended.remove([message])).rejects.toThrow();
      await expect(ended.park([message], 'refused', 'too large')).rejects.toThrow();
      expect((await readAll(other)).messages.length).toBe(1);
      expect(ends).toBe(1);
    });
  });
});
