import { GroupMember } from '../../../mixins/inbox/group-member.ts';
import { systemClock } from '../../../mixins/time/clock.ts';
import { consumerParts } from './consumer-parts.ts';
import { fakeGroupConsumer } from './fake-group-consumer.ts';

/** A member on a clock that says how much still runs on it. */
function newMember() {
  const kafka = fakeGroupConsumer();
  let repeating = 0;
  const every = (): (() => void) => {
    repeating++;
    return () => repeating--;
  };
  const parts = consumerParts({ ...systemClock, every });
  const member = new GroupMember({ consumer: kafka.consumer, topic: { name: 'orders', partitions: 1 }, parts });
  return { ...kafka, member, repeating: () => repeating };
}

test('a member that is told to leave before it is connected joins no group, and leaves nothing that runs', async () => {
  const { member, connected, called, repeating } = newMember();
  const started = member.start();
  const left = member.leave();
  connected.resolve(undefined);
  await Promise.all([started, left]);
  expect(called).toEqual(['connect', 'disconnect']);
  expect(repeating()).toBe(0);
});

test('a member that is told to leave while it joins is let go once it has joined', async () => {
  const { member, connected, running, called, repeating } = newMember();
  const started = member.start();
  connected.resolve(undefined);
  await systemClock.nextTurn();
  expect(repeating()).toBe(2);
  const left = member.leave();
  await systemClock.nextTurn();
  expect(called).toEqual(['connect', 'run']);
  running.resolve(undefined);
  await Promise.all([started, left]);
  expect(called).toEqual(['connect', 'run', 'disconnect']);
  expect(repeating()).toBe(0);
});
