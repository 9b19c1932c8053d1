import { ServiceBroker } from 'moleculer';
import { ORDERS_SETTLED, type OrderChange } from '../../../contract/order-changes.ts';
import type { ReplCall } from '../../../repl/command.ts';
import { tail } from '../../../repl/tail.ts';

const AT = '2026-11-24T02:00:00.000Z';
let broker: ServiceBroker;
let printed: string[];
let pressCtrlC: () => void;

beforeEach(async () => {
  broker = new ServiceBroker({ logger: false });
  printed = [];
  await broker.start();
});

afterEach(async () => {
  await broker.stop();
});

function call(over: Partial<ReplCall> = {}): ReplCall {
  return {
    ...{ broker, words: [], values: {}, switches: new Set(), print: (text) => printed.push(...text.split('\n')) },
    onInterrupt: (act) => {
      pressCtrlC = act;
      return () => undefined;
    },
    ...over,
  };
}

function settled(...statuses: readonly OrderChange['status'][]): Promise<unknown> {
  const orders = statuses.map((status, index) => ({
    ...{ orderId: `order-${index}`, status, version: 2, updatedAt: AT },
    reason: status === 'CANCELLED' ? 'no-account' : null,
  }));
  return broker.broadcast(ORDERS_SETTLED, { orders });
}

function listeners(): number {
  return broker.services.filter(({ name }) => name === 'tail').length;
}

async function tailing(given: ReplCall, act: () => Promise<unknown>): Promise<void> {
  const running = tail.run(given);
  await broker.waitForServices('tail');
  await act();
  pressCtrlC();
  await running;
}

test('it shows what becomes final, sums it up at Ctrl-C, and listens no longer', async () => {
  await tailing(call(), () => settled('FINISHED', 'CANCELLED'));
  expect(printed).toEqual([
    'Following; Ctrl-C ends it.',
    `${AT}  -->  FINISHED   order-0`,
    `${AT}  --x  CANCELLED  order-1  no-account`,
    expect.stringMatching(/^1 finished, 1 cancelled in /),
  ]);
  expect(listeners()).toBe(0);
});

test('a type leaves the others out; as JSON there is a document for each order, and nothing else', async () => {
  await tailing(call({ words: ['cancelled'], switches: new Set(['json']) }), () => settled('FINISHED', 'CANCELLED'));
  expect(printed.map((line): unknown => JSON.parse(line))).toEqual([
    { orderId: 'order-1', status: 'CANCELLED', reason: 'no-account', version: 2, updatedAt: AT },
  ]);
});

test('what comes faster than it can be shown is counted, and not kept', async () => {
  await tailing(call({ switches: new Set(['json']) }), () => settled(...Array<'FINISHED'>(2500).fill('FINISHED')));
  expect(printed).toHaveLength(2001);
  expect(printed.at(-1)).toBe('{"leftOut":500}');
});

test('it ends by itself after a time that was given, without anybody at the keyboard', async () => {
  await tail.run(call({ onInterrupt: null, values: { for: '1' } }));
  expect(printed[0]).toBe('Following for 1 s.');
  expect(listeners()).toBe(0);
});

test('without either end, or of a type that there is not, it does not begin', async () => {
  await expect(tail.run(call({ onInterrupt: null }))).rejects.toThrow('say how long, tail --for <seconds>.');
  await expect(tail.run(call({ words: ['new'] }))).rejects.toThrow('tail has no new: finished or cancelled');
  expect(listeners()).toBe(0);
});
