import type { Context, ServiceBroker } from 'moleculer';
import { unreadyParts } from '../../health/readiness.ts';
import { callNodes, type CallNodes } from '../support/call-nodes.ts';
import { eventually } from '../support/eventually.ts';
import { ownKafka, type OwnKafka } from '../support/own-cluster.ts';

/** The contract's: after Kafka is back, calls work within this. */
const BACK_WITHIN_MS = 15_000;
/** "Quickly, not a time-out each": far below the request timeout of 10 s. */
const REFUSED_WITHIN_MS = 1000;
/** On a crowded machine Kafka itself takes long to start. */
const TEST_TIMEOUT_MS = 180_000;

let kafka: OwnKafka;
let nodes: CallNodes;
let caller: ServiceBroker;
let callee: ServiceBroker;

beforeAll(async () => {
  kafka = await ownKafka();
  nodes = callNodes(kafka.brokers);
  const echo = (ctx: Context): unknown => ctx.params;
  [caller, callee] = await Promise.all([
    nodes.start('caller-0', []),
    nodes.start('callee-0', [{ name: 'callee', actions: { echo } }]),
  ]);
  await caller.waitForServices('callee');
}, TEST_TIMEOUT_MS);

afterAll(async () => {
  await nodes.stopAll();
  await kafka.remove();
}, TEST_TIMEOUT_MS);

function call(): Promise<unknown> {
  return caller.call('callee.echo', { text: 'hello' });
}

function saysKafkaIsAway(node: ServiceBroker): boolean {
  return unreadyParts(node).some(({ part, detail }) => part === 'kafka' && detail.startsWith('Kafka is away'));
}

async function expectQuickRefusal(): Promise<void> {
  const outcome = await Promise.race([
    call().catch((error: unknown) => error),
    new Promise((resolve) => setTimeout(resolve, REFUSED_WITHIN_MS, 'still waiting').unref()),
  ]);
  expect(outcome).toMatchObject({ type: 'service-unavailable', code: 503 });
}

test(
  'while Kafka is away nodes say so and callers are refused at once; when it is back calls work again',
  async () => {
    await expect(call()).resolves.toEqual({ text: 'hello' });
    await kafka.kill();
    await eventually(() => {
      expect([caller, callee].map(saysKafkaIsAway)).toEqual([true, true]);
    });
    for (let time = 0; time < 20; time += 1) await expectQuickRefusal();
    expect(caller.transit?.pendingRequests.size).toBe(0);
    await kafka.start();
    await eventually(call, { timeoutMs: BACK_WITHIN_MS });
    expect(unreadyParts(caller)).toEqual([]);
  },
  TEST_TIMEOUT_MS,
);

test(
  'a node that starts while Kafka is away waits for it, and then takes part',
  async () => {
    await kafka.stop();
    const late = nodes.create('late-0', [{ name: 'late', actions: { here: (): boolean => true } }]);
    const started = late.start();
    await eventually(() => {
      expect(saysKafkaIsAway(late)).toBe(true);
    });
    await kafka.start();
    await started;
    await eventually(() => caller.call('late.here'), { timeoutMs: BACK_WITHIN_MS });
  },
  TEST_TIMEOUT_MS,
);
