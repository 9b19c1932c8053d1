import { fork, type ChildProcess } from 'node:child_process';
import { callNodes } from '../support/call-nodes.ts';
import { testKafkaBrokers } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';

/** Shorter than the calls' node is stopped, longer than a call takes. */
const TIMEOUT_MS = 1500;
const CALLS = 20;

const nodes = callNodes(testKafkaBrokers());
const ran: string[] = [];
let node: ChildProcess;

beforeAll(async () => {
  node = fork('test/support/stopped-node-process.ts', {
    env: {
      ...process.env,
      KAFKA_BROKERS: testKafkaBrokers(),
      NAMESPACE: nodes.namespace,
      LOG_LEVEL: 'fatal',
    },
  });
  const ready = new Promise<void>((resolve) => {
    node.on('message', (message: { ran?: string }) => {
      if (message.ran === undefined) resolve();
      else ran.push(message.ran);
    });
  });
  await ready;
});

afterAll(async () => {
  node.kill('SIGKILL');
  await nodes.stopAll();
});

test('calls to a node that was stopped do not run when it goes on: their callers had given up', async () => {
  const caller = await nodes.start('caller-0', []);
  await caller.waitForServices('stopped');
  await caller.call('stopped.run', { id: 'before' });
  node.kill('SIGSTOP');
  const calls = Array.from({ length: CALLS }, (_, number) =>
    caller.call('stopped.run', { id: `late ${number}` }, { timeout: TIMEOUT_MS }),
  );
  const outcomes = await Promise.allSettled(calls);
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toEqual([]);
  node.kill('SIGCONT');
  await eventually(() => caller.call('stopped.run', { id: 'after' }, { timeout: TIMEOUT_MS }), { timeoutMs: 30_000 });
  // Calls are taken in order, and this one came after them all.
  await eventually(() => {
    expect(ran).toContain('after');
  });
  expect(ran.filter((id) => id.startsWith('late'))).toEqual([]);
});
