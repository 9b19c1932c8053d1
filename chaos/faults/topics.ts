import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultContext, FaultKind } from './fault.ts';
import { withAdmin } from '../../kafka/client.ts';
import { GROUP_OF } from './groups.ts';
import { append, endsOf, hasPassed, kafkaOf, readNewest, readUntil, topicsOf, type Place } from './topic-records.ts';
import { pause, until, untilOrdersAreInFlight } from './until.ts';

/** Which service reads a topic. */
const READER_OF = { orders: 'payments', payments: 'orders' } as const;
const CONSUMED_TIMEOUT_MS = 25_000;
const TWICE_FOR_MS = 6000;
const TWICE_EVERY_MS = 1000;
const REORDERED = 300;
const MEMBERS_THAT_COME_AND_GO = 4;
const JOINED_TIMEOUT_MS = 15_000;
const MEMBER_STAYS_MS = 1000;
const REPLAY_TIMEOUT_MS = 90_000;

type Topic = keyof typeof READER_OF;

function groupThatReads({ cluster }: FaultContext, topic: Topic): string {
  return GROUP_OF[READER_OF[topic]](cluster.namespace);
}

/** Waits until what was appended is behind the consumer. */
function untilConsumed(context: FaultContext, topic: Topic, places: readonly Place[]): Promise<boolean> {
  const { cluster, signal } = context;
  const group = groupThatReads(context, topic);
  return until(() => hasPassed(cluster, group, topicsOf(cluster)[topic], places), CONSUMED_TIMEOUT_MS, signal);
}

const deliveredTwice: FaultKind = {
  name: 'delivered-twice',
  what: 'for some seconds each record of both topics is appended once more as it is, under the same event id',
  touches: ['topics'],
  usualS: 9,
  run: async (context) => {
    const { cluster, signal } = context;
    const topics = topicsOf(cluster);
    const isBusy = await untilOrdersAreInFlight(context);
    const inFlight = context.ordersInFlight();
    const read = { orders: await endsOf(cluster, topics.orders), payments: await endsOf(cluster, topics.payments) };
    const appended: Record<Topic, Place[]> = { orders: [], payments: [] };
    const endsAt = performance.now() + TWICE_FOR_MS;
    while (performance.now() < endsAt && !signal.aborted) {
      await sleep(TWICE_EVERY_MS);
      for (const topic of ['orders', 'payments'] as const) {
        const ends = await endsOf(cluster, topics[topic]);
        const isOwn = new Set(appended[topic].map(placeName));
        const fresh = (await readUntil(cluster, topics[topic], read[topic], ends)).filter(
          (record) => !isOwn.has(placeName(record)),
        );
        read[topic] = ends;
        appended[topic].push(...(await append(cluster, topics[topic], fresh)));
      }
    }
    const areConsumed =
      (await untilConsumed(context, 'orders', appended.orders)) &&
      (await untilConsumed(context, 'payments', appended.payments));
    const count = appended.orders.length + appended.payments.length;
    return {
      target: 'both topics',
      hit: isBusy && count > 0 && areConsumed,
      evidence:
        `${appended.orders.length} orders' and ${appended.payments.length} payments' events again, with ` +
        `${inFlight} orders in flight; ${areConsumed ? 'all consumed' : 'not all consumed in time'}`,
    };
  },
};

function placeName({ partition, offset }: Place): string {
  return `${partition}/${offset}`;
}

const reordered: FaultKind = {
  name: 'reordered',
  what: 'old records of every partition are appended again in another order',
  touches: ['topics'],
  usualS: 4,
  run: async (context) => {
    const { cluster } = context;
    const topic = context.random.pick(['orders', 'payments'] as const);
    const name = topicsOf(cluster)[topic];
    const isBusy = await untilOrdersAreInFlight(context);
    const inFlight = context.ordersInFlight();
    const old = await readNewest(cluster, name, REORDERED);
    const places = await append(cluster, name, context.random.shuffle(old));
    const areConsumed = await untilConsumed(context, topic, places);
    return {
      target: name,
      hit: isBusy && places.length > 1 && areConsumed,
      evidence:
        `${places.length} old events again in another order, with ${inFlight} orders in flight; ` +
        (areConsumed ? 'all consumed' : 'not all consumed in time'),
    };
  },
};

const rebalanced: FaultKind = {
  name: 'rebalance',
  what: "a member that does nothing joins a consumer's group and leaves it, every few seconds",
  touches: ['topics'],
  usualS: 12,
  run: async (context) => {
    const { signal } = context;
    const topic = context.random.pick(['orders', 'payments'] as const);
    const isBusy = await untilOrdersAreInFlight(context);
    const inFlight = context.ordersInFlight();
    let joined = 0;
    for (let time = 0; time < MEMBERS_THAT_COME_AND_GO && !signal.aborted; time++) {
      if (await joinAndLeave(context, topic)) joined++;
    }
    return {
      target: groupThatReads(context, topic),
      hit: isBusy && joined > 1,
      evidence: `the group was rebalanced ${joined * 2} times, from ${inFlight} orders in flight on`,
    };
  },
};

/** Takes a share of the partitions, settles nothing of them, and gives them back. */
async function joinAndLeave(context: FaultContext, topic: Topic): Promise<boolean> {
  const { cluster, signal } = context;
  const consumer = kafkaOf(cluster).consumer({
    groupId: groupThatReads(context, topic),
    sessionTimeout: 10_000,
    rebalanceTimeout: 15_000,
    heartbeatInterval: 900,
    allowAutoTopicCreation: false,
  });
  let isMember = false;
  consumer.on(consumer.events.GROUP_JOIN, () => {
    isMember = true;
  });
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [topicsOf(cluster)[topic]], fromBeginning: true });
    // Nothing is resolved or committed: whoever gets the partitions next begins where the group was.
    await consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch: () => Promise.resolve() });
    await until(() => isMember, JOINED_TIMEOUT_MS, signal);
    await pause(MEMBER_STAYS_MS, signal);
  } finally {
    await consumer.disconnect();
  }
  return isMember;
}

/** Every event of a topic comes again, to a consumer that has settled them all. */
function replayed(topic: Topic): FaultKind {
  const service = READER_OF[topic];
  return {
    name: `replay-${topic}-topic`,
    what: `the ${service} nodes stop, their group's offsets go back to the topic's beginning, and they start`,
    touches: ['topics', service],
    usualS: 20,
    run: async (context) => {
      const { cluster, signal } = context;
      const nodes = cluster.nodes.filter((node) => node.service === service);
      const [name, groupId] = [topicsOf(cluster)[topic], groupThatReads(context, topic)];
      const isBusy = await untilOrdersAreInFlight(context);
      let isReset = false;
      let ends: Place[] = [];
      try {
        await Promise.all(nodes.map((node) => node.stopGracefully()));
        // Refused for as long as the group has members.
        isReset = await until(
          async () => {
            await withAdmin(kafkaOf(cluster), (admin) => admin.resetOffsets({ groupId, topic: name, earliest: true }));
            return true;
          },
          CONSUMED_TIMEOUT_MS,
          signal,
        );
        ends = (await endsOf(cluster, name)).filter(({ offset }) => offset > 0n);
      } finally {
        await Promise.all(nodes.map((node) => node.start()));
      }
      const inFlight = context.ordersInFlight();
      const last = ends.map(({ partition, offset }) => ({ partition, offset: offset - 1n }));
      const isThrough = await until(() => hasPassed(cluster, groupId, name, last), REPLAY_TIMEOUT_MS, signal);
      const count = ends.reduce((sum, { offset }) => sum + offset, 0n);
      return {
        target: name,
        hit: isBusy && isReset && isThrough && count > 0n,
        evidence:
          `${count} events from offset 0, with ${inFlight} orders in flight at the start; ` +
          (isThrough ? 'all consumed' : 'not through in time'),
      };
    },
  };
}

export const TOPIC_KINDS: readonly FaultKind[] = [
  deliveredTwice,
  reordered,
  rebalanced,
  replayed('orders'),
  replayed('payments'),
];
