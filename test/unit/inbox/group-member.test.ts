import type { Transaction } from 'sequelize';
import type { GroupConsumer } from '../../../mixins/inbox/group-consumer.ts';
import { BatchSize } from '../../../mixins/inbox/batch-size.ts';
import { emptyStats } from '../../../mixins/inbox/consumer-stats.ts';
import { GroupMember } from '../../../mixins/inbox/group-member.ts';
import type { InboxStore } from '../../../mixins/inbox/inbox-store.ts';
import { systemClock } from '../../../mixins/time/clock.ts';
import { silentLogger } from '../../support/silent-logger.ts';
import { EventSchemas } from '../../../events/envelope.ts';

/** A member on a kafkajs consumer whose steps are let go one by one; on a clock that says what still runs on it. */
function newMember() {
  const steps = { connect: Promise.withResolvers<undefined>(), run: Promise.withResolvers<undefined>() };
  const called: string[] = [];
  let repeating = 0;
  const consumer = {
    events: {},
    on: () => () => undefined,
    connect: () => {
      called.push('connect');
      return steps.connect.promise;
    },
    subscribe: () => Promise.resolve(),
    run: () => {
      called.push('run');
      return steps.run.promise;
    },
    disconnect: () => {
      called.push('disconnect');
      return Promise.resolve();
    },
  } as unknown as GroupConsumer;
  const member = new GroupMember({
    consumer,
    topic: { name: 'orders', partitions: 1 },
    parts: {
      store: {} as InboxStore<Transaction>,
      clock: {
        ...systemClock,
        every: () => {
          repeating++;
          return () => repeating--;
        },
      },
      consumer: 'unit.consumer',
      handle: () => Promise.resolve(),
      schemas: new EventSchemas([]),
      logger: silentLogger,
      batchSize: new BatchSize(),
      stats: emptyStats(),
      waitsFor: null,
    },
  });
  return { member, steps, called, repeating: () => repeating };
}

test('a member that is told to leave before it is connected joins no group, and leaves nothing that runs', async () => {
  const { member, steps, called, repeating } = newMember();
  const started = member.start();
  const left = member.leave();
  steps.connect.resolve(undefined);
  await Promise.all([started, left]);
  expect(called).toEqual(['connect', 'disconnect']);
  expect(repeating()).toBe(0);
});

test('a member that is told to leave while it joins is let go once it has joined', async () => {
  const { member, steps, called, repeating } = newMember();
  const started = member.start();
  steps.connect.resolve(undefined);
  await systemClock.nextTurn();
  expect(repeating()).toBe(2);
  const left = member.leave();
  await systemClock.nextTurn();
  expect(called).toEqual(['connect', 'run']);
  steps.run.resolve(undefined);
  await Promise.all([started, left]);
  expect(called).toEqual(['connect', 'run', 'disconnect']);
  expect(repeating()).toBe(0);
});
