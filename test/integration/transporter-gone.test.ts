import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { ServiceBroker } from 'moleculer';
import { callNodes } from '../support/call-nodes.ts';
import { testKafkaBrokers } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';

/** A call's time in production: who is told of a node's death hears of it before. */
const TIMEOUT_MS = 10_000;
/** Whoever waited it out was told of nothing. */
const LONGER_MS = 60_000;
jest.setTimeout(120_000);

const nodes = callNodes(testKafkaBrokers());
const children: ChildProcess[] = [];
let caller: ServiceBroker;

beforeAll(async () => {
  caller = await nodes.start('caller-0', []);
});

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await nodes.stopAll();
});

/** A node that takes calls and is stopped: what is sent to it stays unanswered. */
async function startNode(): Promise<ChildProcess> {
  const child = fork('test/support/stopped-node-process.ts', {
    env: { ...process.env, KAFKA_BROKERS: testKafkaBrokers(), NAMESPACE: nodes.namespace, LOG_LEVEL: 'fatal' },
  });
  children.push(child);
  await new Promise<void>((resolve) => {
    child.on('message', (message: { ready?: true }) => {
      if (message.ready) resolve();
    });
  });
  await eventually(() => caller.call('stopped.run', { id: 'before' }, { timeout: 1000 }), { timeoutMs: 30_000 });
  return child;
}

/** @returns the outcome of a call, to be, in an object: a promise that an async function returns is waited for */
async function killWithCallUnderWay(timeout: number): Promise<{ outcome: Promise<unknown> }> {
  const child = await startNode();
  child.kill('SIGSTOP');
  const outcome = caller.call('stopped.run', { id: 'lost' }, { timeout }).catch((error: unknown) => error);
  child.kill('SIGKILL');
  await once(child, 'exit');
  return { outcome };
}

test('a call to a node that dies ends before its time-out: nobody can say whether it was run', async () => {
  const { outcome } = await killWithCallUnderWay(TIMEOUT_MS);
  expect(await outcome).toMatchObject({ type: 'REQUEST_REJECTED' });
  expect(caller.transit?.pendingRequests.size).toBe(0);
  await expect(caller.call('stopped.run', { id: 'after' })).rejects.toMatchObject({ code: 404 });
});

test('a call to a node that dies ends when the next process comes under its name', async () => {
  const { outcome } = await killWithCallUnderWay(LONGER_MS);
  await startNode();
  expect(await outcome).toMatchObject({ type: 'REQUEST_REJECTED' });
});
