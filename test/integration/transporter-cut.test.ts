import { randomUUID } from 'node:crypto';
import type { Context, ServiceBroker } from 'moleculer';
import { callNodes, type CallNodes } from '../support/call-nodes.ts';
import { eventually } from '../support/eventually.ts';
import { startKafkaProxy, type KafkaProxy } from '../support/kafka-proxy.ts';
import { ownKafka, type OwnKafka } from '../support/own-cluster.ts';
import { readTopic } from '../support/topic-reader.ts';

const LOST_ANSWERS = 8;

let proxy: KafkaProxy;
let kafka: OwnKafka;
let nodes: CallNodes;
let caller: ServiceBroker;
const ran: string[] = [];

beforeAll(async () => {
  proxy = await startKafkaProxy();
  kafka = await ownKafka({ advertisedPort: proxy.port });
  proxy.forwardTo(Number(kafka.brokers.split(':')[1]));
  nodes = callNodes(`127.0.0.1:${proxy.port}`);
  const run = (ctx: Context<{ id: string }>): void => void ran.push(ctx.params.id);
  [caller] = await Promise.all([
    nodes.start('caller-0', []),
    nodes.start('callee-0', [{ name: 'callee', actions: { run } }]),
  ]);
  await caller.waitForServices('callee');
});

afterAll(async () => {
  await nodes.stopAll();
  await proxy.close();
  await kafka.remove();
});

test('no call runs twice, and none is sent twice, when connections are cut before Kafka’s answer arrives', async () => {
  const outcomes = new Map<string, string>();
  const unsure = (): string[] => [...outcomes].filter(([, outcome]) => outcome === 'outcome-unknown').map(([id]) => id);
  await eventually(
    async () => {
      const id = randomUUID();
      proxy.loseNextProduceAnswer();
      await caller.call('callee.run', { id }, { timeout: 3000 }).then(
        () => outcomes.set(id, 'answered'),
        (error: unknown) => outcomes.set(id, (error as { type: string }).type),
      );
      expect(proxy.lostAnswers).toBeGreaterThanOrEqual(LOST_ANSWERS);
      // The caller's own request was hit, and not only answers and heartbeats: otherwise this would have shown nothing.
      expect(unsure().some((each) => ran.includes(each))).toBe(true);
    },
    { timeoutMs: 50_000 },
  );
  await eventually(() => caller.call('callee.run', { id: 'last' }));

  for (const [id, outcome] of outcomes) {
    const times = ran.filter((each) => each === id).length;
    expect(times).toBeLessThanOrEqual(1);
    if (outcome === 'answered') expect(times).toBe(1);
    if (outcome === 'service-unavailable') expect(times).toBe(0);
  }
  const reader = await readTopic(kafka.brokers, `MOL-${nodes.namespace}.REQ.callee-0`);
  await eventually(() => {
    expect(reader.records.some(({ value }) => value.includes('"last"'))).toBe(true);
  });
  const sent = reader.records.map(({ value }) => (JSON.parse(value) as { id: string }).id);
  expect(new Set(sent).size).toBe(sent.length);
  await reader.close();

  expect(
    [...outcomes.values()].filter(
      (outcome) => !['answered', 'outcome-unknown', 'service-unavailable', 'REQUEST_TIMEOUT'].includes(outcome),
    ),
  ).toEqual([]);
});
