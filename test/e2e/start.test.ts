import { isAlive, readRunningCluster } from '../../start/cluster-state.ts';
import type { ClusterState, ProcessMark } from '../../start/cluster-state.ts';
import { eventually } from '../support/eventually.ts';
import { runSystem, systemPlace } from '../support/running-system.ts';
import type { RunningSystem, SystemPlace } from '../support/running-system.ts';

// Several whole starts, each of which may take a minute.
const STARTS_TIMEOUT_MS = 600_000;
jest.setTimeout(STARTS_TIMEOUT_MS);

let place: SystemPlace;
let system: RunningSystem;

async function post(path: string, body: unknown): Promise<Response> {
  return await fetch(`${place.urls.api}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

async function balance(userId: string): Promise<unknown> {
  const answer = await fetch(`${place.urls.api}/api/payments/accounts/${userId}`);
  return ((await answer.json()) as { balance?: unknown }).balance;
}

async function state(): Promise<ClusterState> {
  const found = await readRunningCluster(place.env['DATA_DIR'] ?? '');
  if (found === undefined) throw new Error('The system does not run.');
  return found;
}

async function childNamed(name: string): Promise<ProcessMark> {
  const child = (await state()).children.findLast((one) => one.name === name);
  if (child === undefined) throw new Error(`No child ${name}.`);
  return child;
}

/** Sends a signal to the supervisor alone, and waits for its end. */
async function end(signal: NodeJS.Signals): Promise<number | null> {
  process.kill((await state()).supervisor.pid, signal);
  return (await system.exited).code;
}

beforeAll(async () => {
  place = await systemPlace();
  system = await runSystem(place);
});

afterAll(async () => {
  await system.stop();
  place.remove();
});

describe('npm start', () => {
  test('tells where everything is, and the call that it proposes works', async () => {
    const { addresses } = await state();
    for (const where of [
      `${addresses?.apiPort ?? ''}/api`,
      addresses?.brokers,
      addresses?.ordersUrl,
      addresses?.paymentsUrl,
    ]) {
      expect(system.output()).toContain(where);
    }
    const [, proposed = ''] = /-d '(.*)'/.exec(system.output()) ?? [];
    expect((await post('/api/orders', JSON.parse(proposed))).status).toBe(201);
  });

  test('a second one beside it says so and touches nothing', async () => {
    const before = await state();
    const second = await runSystem(place, { args: ['--fresh'] });
    expect((await second.exited).code).toBe(1);
    expect(second.output()).toContain('runs already');
    expect(await state()).toEqual(before);
  });

  test.each(['orders', 'PostgreSQL', 'Kafka'])('%s is started again after it was killed', async (name) => {
    const before = await childNamed(name);
    process.kill(before.pid, 'SIGKILL');
    await eventually(
      async () => {
        expect(system.output()).toContain(`${name} died (signal SIGKILL)`);
        expect(system.output()).toContain(`${name} runs again`);
        expect((await childNamed(name)).pid).not.toBe(before.pid);
        for (const url of Object.values(place.urls)) {
          expect((await fetch(`${url}/health/ready`)).status).toBe(200);
        }
      },
      { timeoutMs: STARTS_TIMEOUT_MS },
    );
  });

  test('what was deposited is there after a stop and a start, and no process remains between them', async () => {
    expect((await post('/api/payments/accounts', { userId: 'kept' })).status).toBe(201);
    expect((await post('/api/payments/accounts/deposit', { userId: 'kept', amount: 12.34 })).status).toBe(200);
    const { children } = await state();
    expect(await end('SIGTERM')).toBe(0);
    expect(children.filter(isAlive)).toEqual([]);
    system = await runSystem(place);
    expect(await balance('kept')).toBe(12.34);
  });

  test('what a killed one has left is ended by the next, and the data is there', async () => {
    const { children } = await state();
    await end('SIGKILL');
    expect(children.filter(isAlive)).not.toEqual([]);
    system = await runSystem(place);
    expect(system.output()).toContain('An earlier start was killed');
    expect(children.filter(isAlive)).toEqual([]);
    expect(await balance('kept')).toBe(12.34);
  });

  test('--fresh begins empty', async () => {
    await end('SIGINT');
    system = await runSystem(place, { args: ['--fresh'] });
    expect((await fetch(`${place.urls.api}/api/payments/accounts/kept`)).status).toBe(404);
  });
});
