import { randomUUID } from 'node:crypto';
import { kafkaErrorType, type EachBatchPayload } from '../../kafka/client.ts';
import type { OutboxMessage } from '../../mixins/outbox/message.ts';
import type { GroupConsumer } from '../../mixins/inbox/group-consumer.ts';
import { eventually } from '../support/eventually.ts';
import { kafkaBus, PARTITIONS, simulatedBus, type BusStage } from './support/bus-stage.ts';

const BUSES = [
  { name: 'the simulated bus', open: simulatedBus },
  { name: 'Kafka', open: kafkaBus },
];
const ALL_PARTITIONS = Array.from({ length: PARTITIONS }, (_, partition) => partition);
/** A session and a rebalance of the group, and some time for a machine that is busy. */
const PATIENT = { timeoutMs: 50_000 };

interface Received {
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly value: string;
  readonly eventId: string;
}

interface Member {
  readonly consumer: GroupConsumer;
  partitions: readonly number[];
  readonly received: Received[];
  latest: EachBatchPayload | null;
}

function message(key: string, text = ''): OutboxMessage {
  return {
    lane: 0,
    id: 1,
    eventId: randomUUID(),
    aggregateType: 'thing',
    aggregateId: key,
    aggregateVersion: 1,
    partitionKey: key,
    type: 'thing.done',
    dataschema: 'thing.done/1',
    traceparent: null,
    payload: JSON.stringify({ text }),
    createdAt: new Date(),
    bytes: 400,
    ageMs: 0,
  };
}

describe.each(BUSES)('$name', ({ open }) => {
  let bus: BusStage;
  let members: Member[];
  let letGo: () => void;
  let held: Promise<void>;

  beforeEach(async () => {
    bus = await open();
    members = [];
    held = new Promise((resolve) => {
      letGo = resolve;
    });
  });
  afterEach(async () => {
    letGo();
    await Promise.all(members.map(({ consumer }) => consumer.disconnect()));
    await bus.close();
  });

  /** Joins a group. @param isStuck it keeps its first batch until the test ends, and gives no sign of life */
  async function join(group: string, isStuck = false): Promise<Member> {
    const consumer = bus.consumer(group);
    const member: Member = { consumer, partitions: [], received: [], latest: null };
    members.push(member);
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      member.partitions = (payload.memberAssignment as Record<string, number[]>)[bus.topic] ?? [];
    });
    await consumer.connect();
    await consumer.subscribe({ topics: [bus.topic], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: PARTITIONS,
      eachBatch: async (payload) => {
        member.latest = payload;
        const { partition, messages } = payload.batch;
        for (const { offset, key, value, headers } of messages) {
          const eventId = String(headers?.['ce_id']);
          member.received.push({ partition, offset: Number(offset), key: String(key), value: String(value), eventId });
          payload.resolveOffset(offset);
        }
        if (isStuck) await held;
      },
    });
    return member;
  }

  async function leave(member: Member): Promise<void> {
    members = members.filter((each) => each !== member);
    await member.consumer.disconnect();
  }

  function commit({ latest }: Member, partition: number, offset: number): Promise<unknown> {
    const partitions = [{ partition, offset: String(offset) }];
    return latest?.commitOffsetsIfNecessary({ topics: [{ topic: bus.topic, partitions }] }) ?? Promise.resolve();
  }

  const untilReceived = (member: Member, count: number): Promise<void> =>
    eventually(() => {
      expect(member.received.length).toBeGreaterThanOrEqual(count);
    }, PATIENT);

  /** A member that has received so many; kafkajs' may never get to a partition, and is replaced then, as on a node. */
  async function readerOf(count: number): Promise<Member> {
    return eventually(async () => {
      const member = await join('readers');
      try {
        await eventually(() => {
          expect(member.received.length).toBe(count);
        });
        return member;
      } catch (error) {
        await leave(member);
        throw error;
      }
    }, PATIENT);
  }

  test('confirms what can be read by then, and nothing sooner', async () => {
    for (const count of [1, 2, 3]) {
      await bus.publisher.publish([message('one')]);
      expect(await bus.readable()).toBe(count);
    }
    await bus.publisher.publish(['one', 'two', 'three', 'four'].map((key) => message(key)));
    expect(await bus.readable()).toBe(7);
  });

  test('keeps a key in one partition, in the order in which it was published, and brings events as they are', async () => {
    const keys = ['one', 'two', 'three', 'four', 'five', 'six'];
    const sent = ['a', 'b', 'c'].flatMap((text) => keys.map((key) => message(key, text)));
    await bus.publisher.publish(sent.slice(0, 10));
    await bus.publisher.publish(sent.slice(10));
    const member = await readerOf(sent.length);
    for (const key of keys) {
      const of = member.received.filter((each) => each.key === key);
      expect(of.map(({ eventId, value }) => [eventId, value])).toEqual(
        sent.filter(({ partitionKey }) => partitionKey === key).map(({ eventId, payload }) => [eventId, payload]),
      );
      expect(new Set(of.map(({ partition }) => partition)).size).toBe(1);
    }
    for (const partition of ALL_PARTITIONS) {
      const offsets = member.received.filter((each) => each.partition === partition).map(({ offset }) => offset);
      expect(offsets).toEqual(offsets.map((_, index) => index));
    }
  });

  test('begins a group at the beginning, and where it has committed when a member joins again', async () => {
    await bus.publisher.publish(['a', 'b', 'c', 'd', 'e'].map((text) => message('one', text)));
    const first = await join('readers');
    await untilReceived(first, 5);
    await commit(first, first.received[0]?.partition ?? 0, 2);
    await leave(first);
    const again = await join('readers');
    await untilReceived(again, 3);
    expect(again.received.map(({ offset }) => offset)).toEqual([2, 3, 4]);
    const others = await join('others');
    await untilReceived(others, 5);
    expect(others.received.map(({ offset }) => offset)).toEqual([0, 1, 2, 3, 4]);
  });

  test('shares the partitions among members, and delivers again what was not committed', async () => {
    const keys = Array.from({ length: 12 }, (_, index) => `key-${index}`);
    await bus.publisher.publish(keys.map((key) => message(key)));
    const first = await readerOf(12);
    expect([...first.partitions].sort()).toEqual(ALL_PARTITIONS);
    const before = first.received.length;
    const second = await join('readers');
    await eventually(() => {
      expect([...first.partitions, ...second.partitions].sort()).toEqual(ALL_PARTITIONS);
    }, PATIENT);
    await eventually(() => {
      const again = [...first.received.slice(before), ...second.received];
      expect(again.map(({ key }) => key).sort()).toEqual([...keys].sort());
    }, PATIENT);
    for (const { partition } of second.received) expect(second.partitions).toContain(partition);
  });

  test('gives the partitions of a silent member to others with what it did not commit, and refuses its commit', async () => {
    await bus.publisher.publish([message('one', 'a'), message('one', 'b')]);
    const silent = await join('readers', true);
    await untilReceived(silent, 1);
    const next = await join('readers');
    await untilReceived(next, 2);
    const { partition } = next.received[0] as Received;
    await commit(next, partition, 1);
    const refused: unknown = await commit(silent, partition, 2).catch((error: unknown) => error);
    expect(['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION']).toContain(kafkaErrorType(refused));
    await leave(next);
    const last = await join('readers');
    await untilReceived(last, 1);
    expect(last.received.map(({ offset }) => offset)).toEqual([1]);
  }, 120_000);
});
