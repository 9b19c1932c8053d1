import type { ServiceBroker } from 'moleculer';
import { keepOwnId } from '../../cluster/own-id.ts';

interface Handling {
  created(broker: ServiceBroker): void;
  transitMessageHandler(next: (...packet: unknown[]) => Promise<unknown>): (...packet: unknown[]) => Promise<unknown>;
}

async function meet(packet: [command: string, sender: string, instanceID: string], isHeld: boolean) {
  const happened: string[] = [];
  const note = (what: string) => (): void => {
    happened.push(what);
  };
  const middleware = keepOwnId({ isHeld: () => isHeld, leave: note('leaves') }) as unknown as Handling;
  middleware.created({
    nodeID: 'orders-0',
    instanceID: 'this',
    logger: { warn: note('warns') },
  } as unknown as ServiceBroker);
  const handle = middleware.transitMessageHandler(() => {
    happened.push('handed on');
    return Promise.resolve();
  });
  const [command, sender, instanceID] = packet;
  await handle(command, { payload: { sender, instanceID } });
  return happened;
}

test.each<[string, Parameters<typeof meet>, string[]]>([
  ['which holds the lease goes on', [['INFO', 'orders-0', 'other'], true], ['warns']],
  ['which has lost the lease leaves', [['INFO', 'orders-0', 'other'], false], ['leaves']],
])('a node that meets another one under its id, and %s', async (_what, met, happened) => {
  expect(await meet(...met)).toEqual(happened);
});

test('every other packet is handed on', async () => {
  expect(await meet(['INFO', 'orders-0', 'this'], false)).toEqual(['handed on']);
  expect(await meet(['INFO', 'orders-1', 'other'], false)).toEqual(['handed on']);
  expect(await meet(['HEARTBEAT', 'orders-0', 'other'], false)).toEqual(['handed on']);
});
