import type { World } from './world.ts';

/** Between two of them, in simulated time. */
const INTERVAL_MS = 350;
/** How long a node is away, or stopped: sometimes beyond every session. */
const AWAY_MS = [100, 1000, 8000];
const STOPPED_MS = [300, 5000, 16_000];
const OUTAGE_MS = [100, 1500, 5000];
const CLOCK_STEP_MS = 60_000;

interface Disaster {
  readonly name: string;
  readonly strike: (world: World) => void;
}

/** What happens to whole parts of the world. Each ends by itself. */
const DISASTERS: readonly Disaster[] = [
  { name: 'crash of a node', strike: crashNode },
  { name: 'crash of a node', strike: crashNode },
  { name: 'stop of a node', strike: stopNode },
  { name: 'crash of a database', strike: crashDatabase },
  { name: 'outage of the bus', strike: bringBusDown },
  { name: 'members thrown out', strike: throwMembersOut },
  { name: 'replay of a partition', strike: replayPartition },
  { name: 'inbox rows dropped', strike: dropInboxRows },
  { name: 'record of somebody else', strike: appendForeignRecord },
  { name: 'event that brokers refuse', strike: refuseEvent },
  { name: 'step of a clock', strike: stepClock },
  { name: 'account opened', strike: openAccount },
];

export const DISASTER_NAMES = DISASTERS.map(({ name }) => name);

/** Lets disasters happen, one after the other, until the world is healed. */
export function beginDisasters(world: World): { end(): void } {
  let isOver = false;
  const next = (): void => {
    const { scheduler } = world;
    scheduler.addAfter(1 + scheduler.random.below(2 * INTERVAL_MS), null, 'fate', () => {
      if (isOver) return;
      const { name, strike } = scheduler.random.pick(DISASTERS);
      world.count(name);
      strike(world);
      next();
    });
  };
  next();
  return {
    end: () => {
      isOver = true;
    },
  };
}

/** Ends everything that goes on: from now on nothing fails, and everybody is there. */
export function heal(world: World): void {
  world.dice.isCalm = true;
  world.scheduler.isCalm = true;
  world.bus.isDown = false;
  world.orders.isDown = false;
  world.payments.isDown = false;
  world.refused.clear();
  for (const node of world.nodes) {
    if (node.process.isStopped) node.goOn();
    node.restart();
  }
}

/** What an operator does once the causes are gone: puts back what was parked. */
export function putBack(world: World): void {
  for (const database of [world.orders, world.payments]) {
    for (const [key, { reason: _reason, ...message }] of [...database.outboxParked.rows]) {
      database.outboxParked.rows.delete(key);
      database.outbox.rows.set(key, message);
      world.count('put back into the outbox');
    }
  }
  replayDeadLetters(world);
}

/** A dead letter that nothing is wrong with comes to its topic again, under its id. */
function replayDeadLetters(world: World): void {
  for (const [database, topic] of [
    [world.orders, world.topics.payments],
    [world.payments, world.topics.orders],
  ] as const) {
    for (const [place, { message }] of [...database.deadLetters.rows]) {
      if (message.eventId === null || world.foreign.has(message.eventId)) continue;
      database.deadLetters.rows.delete(place);
      const { key, value, headers } = message.record;
      const text = Object.fromEntries(Object.entries(headers ?? {}).map(([name, each]) => [name, String(each)]));
      topic.append([{ key: String(key), value: String(value), headers: text }], world.scheduler.nowMs);
      world.count('dead letter replayed');
    }
  }
}

function crashNode(world: World): void {
  const { scheduler } = world;
  const node = scheduler.random.pick(world.nodes);
  node.crash();
  scheduler.addAfter(scheduler.random.below(scheduler.random.pick(AWAY_MS)), null, `${node.name} is started`, () => {
    node.restart();
  });
}

function stopNode(world: World): void {
  const { scheduler } = world;
  const node = scheduler.random.pick(world.nodes);
  if (!node.isUp) return;
  const { process } = node;
  node.stop();
  const forMs = scheduler.random.below(scheduler.random.pick(STOPPED_MS));
  scheduler.addAfter(forMs, null, `${node.name} goes on`, () => {
    if (node.process === process) node.goOn();
  });
}

function crashDatabase(world: World): void {
  const { scheduler } = world;
  const database = scheduler.random.pick([world.orders, world.payments]);
  database.crash();
  database.endLaneSessions();
  database.isDown = true;
  scheduler.addAfter(scheduler.random.below(scheduler.random.pick(OUTAGE_MS)), null, `${database.name} is back`, () => {
    database.isDown = false;
  });
}

function bringBusDown(world: World): void {
  const { scheduler } = world;
  world.bus.isDown = true;
  scheduler.addAfter(scheduler.random.below(scheduler.random.pick(OUTAGE_MS)), null, 'the bus is back', () => {
    world.bus.isDown = false;
  });
}

function throwMembersOut(world: World): void {
  const { scheduler } = world;
  scheduler.random.pick([world.groups.pay, world.groups.settle]).evict(() => scheduler.oneIn(2));
}

function replayPartition(world: World): void {
  const { random } = world.scheduler;
  const group = random.pick([world.groups.pay, world.groups.settle]);
  group.rewind(random.below(world.topics.orders.partitions.length), 0);
}

/** As if they were older than the topic keeps: the decision alone has to stand. */
function dropInboxRows(world: World): void {
  const { scheduler } = world;
  const { inbox } = scheduler.random.pick([world.orders, world.payments]);
  for (const eventId of [...inbox.rows.keys()]) if (scheduler.oneIn(2)) inbox.rows.delete(eventId);
}

/** Garbage, an unknown type, a payment for an order that nobody has placed. */
function appendForeignRecord(world: World): void {
  const { scheduler } = world;
  const eventId = world.newId();
  world.foreign.add(eventId);
  const orderId = world.newId();
  const topic = scheduler.random.pick([world.topics.orders, world.topics.payments]);
  const type = scheduler.random.pick(['order.created', 'payment.completed', 'weather.changed']);
  const data = { orderId, userId: 'nobody', amount: '1', decidedAt: '2026-01-01T00:00:00.000Z' };
  const headers = {
    ...{ ce_specversion: '1.0', ce_id: eventId, ce_source: '/elsewhere', ce_type: type },
    ...{ ce_time: '2026-01-01T00:00:00.000Z', ce_subject: `elsewhere/${orderId}`, ce_dataschema: `${type}/1` },
  };
  const value = scheduler.oneIn(2) ? 'no JSON' : JSON.stringify(data);
  topic.append([{ key: orderId, value, headers }], scheduler.nowMs);
}

function refuseEvent(world: World): void {
  const { random } = world.scheduler;
  const waiting = [...world.orders.outbox.rows.values(), ...world.payments.outbox.rows.values()];
  if (waiting.length > 0) world.refused.add(random.pick(waiting).eventId);
}

function stepClock(world: World): void {
  const { random } = world.scheduler;
  random.pick(world.nodes).clock.stepMs = random.below(2 * CLOCK_STEP_MS) - CLOCK_STEP_MS;
}

/** Somebody whose orders were rejected for want of an account gets one. */
function openAccount(world: World): void {
  const userId = 'dora';
  if (world.payments.accounts.rows.has(userId)) return;
  const now = new Date(Date.UTC(2026, 0, 1) + world.scheduler.nowMs);
  world.payments.accounts.rows.set(userId, { userId, balance: 0n, version: 0, createdAt: now, updatedAt: now });
}
