import type { GroupConsumer } from '../../../mixins/inbox/group-consumer.ts';

/** Plays kafkajs: says what was called, and lets `connect` and `run` go when it is told to. */
export function fakeGroupConsumer() {
  const connected = Promise.withResolvers<undefined>();
  const running = Promise.withResolvers<undefined>();
  const called: string[] = [];
  const consumer = {
    events: {},
    on: () => () => undefined,
    connect: () => {
      called.push('connect');
      return connected.promise;
    },
    subscribe: () => Promise.resolve(),
    run: () => {
      called.push('run');
      return running.promise;
    },
    disconnect: () => {
      called.push('disconnect');
      return Promise.resolve();
    },
  } as unknown as GroupConsumer;
  return { consumer, connected, running, called };
}
