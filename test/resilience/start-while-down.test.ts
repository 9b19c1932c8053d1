import { eventually as within } from '../support/eventually.ts';
import { startFleet, type Fleet, type FleetNode } from '../support/fleet.ts';
import { post, send } from '../support/http-client.ts';

// Servers and nodes start several times.
jest.setTimeout(240_000);
const eventually = <T>(assertion: () => T | Promise<T>): Promise<T> => within(assertion, { timeoutMs: 60_000 });

const USER = 'alice';

let fleet: Fleet;

beforeAll(async () => {
  fleet = await startFleet({ api: 1, orders: 1, payments: 1 }, { startNodes: false });
});

afterAll(() => fleet.stop());

/** A call of the node's own contract that changes something. */
const CALLS: Record<FleetNode['service'], { path: string; body: object }> = {
  api: { path: '/api/orders', body: { userId: USER, amount: 1 } },
  orders: { path: '/api/orders', body: { userId: USER, amount: 1 } },
  payments: { path: '/api/payments/accounts/deposit', body: { userId: USER, amount: 1 } },
};

interface Readiness {
  readonly status: string;
  readonly parts?: readonly { readonly part: string; readonly detail: string }[];
}

/** What the node says that it waits for; it lives, and refuses calls with a problem meanwhile. */
async function expectWaiting({ service, port }: FleetNode, part: string, detail: string): Promise<void> {
  await eventually(async () => {
    const ready = await send(port, '/health/ready');
    expect(ready.status).toBe(503);
    const parts = (ready.json as unknown as Readiness).parts ?? [];
    expect(parts.find((each) => each.part === part)?.detail).toContain(detail);
  });
  expect(await send(port, '/health/live')).toMatchObject({ status: 200, json: { status: 'live' } });
  const { path, body } = CALLS[service];
  expect(await post(port, path, body)).toMatchObject({
    status: 503,
    headers: { 'content-type': expect.stringContaining('application/problem+json') as string, 'retry-after': '1' },
    json: { type: '/problems/service-unavailable', instance: path },
  });
}

async function eachWaits(part: string, detail: string): Promise<void> {
  await Promise.all(fleet.nodes.map((node) => expectWaiting(node, part, detail)));
}

/** Through the gateway, from an account that may exist, to the end. */
async function anOrderIsPaid(): Promise<void> {
  const [gateway = 0] = fleet.gatewayPorts;
  await eventually(async () => {
    expect([201, 409]).toContain((await post(gateway, '/api/payments/accounts', { userId: USER })).status);
  });
  expect((await post(gateway, '/api/payments/accounts/deposit', { userId: USER, amount: 5 })).status).toBe(200);
  const order = await post(gateway, '/api/orders', { userId: USER, amount: 5 });
  expect(order.status).toBe(201);
  await eventually(async () => {
    const { json } = await send(gateway, `/api/orders/${String(order.json?.['orderId'])}`);
    expect(json).toMatchObject({ status: 'FINISHED' });
  });
}

async function eachIsReady(): Promise<void> {
  for (const { port } of fleet.nodes) {
    await eventually(async () => {
      expect((await send(port, '/health/ready')).status).toBe(200);
    });
  }
}

test('nodes that start while PostgreSQL and Kafka are down say what they wait for, and come up when they come', async () => {
  const { kafka, postgres, nodes } = fleet;
  await Promise.all([kafka.stop(), postgres.stop()]);
  const started = Promise.all(nodes.map((node) => node.start()));
  await eachWaits('node slot', 'PostgreSQL');
  await postgres.start();
  await eachWaits('kafka', 'Kafka is away');
  await kafka.start();
  await started;
  await anOrderIsPaid();
});

test('while PostgreSQL is away nodes say so; when it is back all goes on by itself', async () => {
  const { postgres, nodes } = fleet;
  await postgres.kill();
  const withDatabase = nodes.filter(({ service }) => service !== 'api');
  await Promise.all(withDatabase.map((node) => expectWaiting(node, 'database', 'does not answer')));
  await postgres.start();
  await eachIsReady();
  await anOrderIsPaid();
});

test('while Kafka is away nodes say so; when it is back all goes on by itself', async () => {
  const { kafka, nodes, gatewayPorts } = fleet;
  await kafka.kill();
  for (const { port } of nodes) {
    await eventually(async () => {
      const ready = await send(port, '/health/ready');
      expect((ready.json as unknown as Readiness).parts?.map(({ part }) => part)).toContain('kafka');
    });
  }
  const [gateway = 0] = gatewayPorts;
  expect(await post(gateway, '/api/orders', { userId: USER, amount: 1 })).toMatchObject({
    status: 503,
    headers: { 'retry-after': '1' },
  });
  await kafka.start();
  await eachIsReady();
  await anOrderIsPaid();
});
