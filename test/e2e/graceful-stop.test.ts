import { Agent } from 'node:http';
import { Client } from 'pg';
import { errorText } from '../../problems/error-text.ts';
import { eventually } from '../support/eventually.ts';
import { send } from '../support/http-client.ts';
import { startSystem, type System } from '../support/own-system.ts';

// A whole start, and a stop under load for each node.
jest.setTimeout(180_000);

const CALLERS = 40;
/** Before the stop, so that everything is under way; and after it, so that callers have met it. */
const ANSWERS_BEFORE = 400;
const REFUSALS_AFTER = 200;
const USER = 'alice';

/** What became of a request: its answer, or the error of its connection. */
interface Outcome {
  readonly sentBeforeTheSignal: boolean;
  readonly status?: number;
  readonly orderId?: unknown;
  readonly error?: string;
}

/** Callers that send orders to one port, each the next when it has its answer, over connections that they keep. */
class Callers {
  readonly outcomes: Outcome[] = [];
  readonly #agent = new Agent({ keepAlive: true });
  readonly #port: number;
  readonly #running: Promise<void>[];
  signalled = false;
  #ended = false;

  constructor(port: number) {
    this.#port = port;
    this.#running = Array.from({ length: CALLERS }, () => this.#call());
  }

  async end(): Promise<void> {
    this.#ended = true;
    await Promise.all(this.#running);
    this.#agent.destroy();
  }

  async #call(): Promise<void> {
    while (!this.#ended) this.outcomes.push(await this.#post());
  }

  async #post(): Promise<Outcome> {
    let sentBeforeTheSignal = false;
    try {
      const { status, json } = await send(this.#port, '/api/orders', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ userId: USER, amount: 0.01 }),
        agent: this.#agent,
        onSent: () => (sentBeforeTheSignal = !this.signalled),
      });
      return { sentBeforeTheSignal, status, orderId: json?.orderId };
    } catch (error) {
      return { sentBeforeTheSignal, error: errorText(error) };
    }
  }
}

let system: System;

beforeEach(async () => {
  system = await startSystem();
  await system.call('POST', '/api/payments/accounts', { userId: USER });
  await system.call('POST', '/api/payments/accounts/deposit', { userId: USER, amount: 1_000_000 });
});

afterEach(() => system.stop());

/** @returns what became of the requests to `port` while a node was stopped */
async function stopUnderLoad(node: 'api' | 'orders', port: number): Promise<Outcome[]> {
  const callers = new Callers(port);
  await eventually(() => {
    expect(callers.outcomes.length).toBeGreaterThan(ANSWERS_BEFORE);
  });
  const before = callers.outcomes.length;
  callers.signalled = true;
  const stopped = system.nodes[node].stop();
  await eventually(() => {
    expect(callers.outcomes.length).toBeGreaterThan(before + REFUSALS_AFTER);
  });
  expect(await stopped).toMatchObject({ code: 0, killed: false });
  await callers.end();
  return callers.outcomes;
}

async function missing(outcomes: readonly Outcome[]): Promise<string[]> {
  const created = outcomes.flatMap(({ orderId }) => (typeof orderId === 'string' ? [orderId] : []));
  expect(created.length).toBeGreaterThan(ANSWERS_BEFORE);
  const client = new Client({ connectionString: system.urlOf('orders') });
  await client.connect();
  try {
    const { rows } = await client.query<{ order_id: string }>(
      'SELECT unnest($1::uuid[]) AS order_id EXCEPT SELECT order_id FROM orders',
      [created],
    );
    return rows.map(({ order_id }) => order_id);
  } finally {
    await client.end();
  }
}

function statusesOf(outcomes: readonly Outcome[]): number[] {
  return [...new Set(outcomes.map(({ status }) => status ?? 0))].sort();
}

test('a gateway that is told to stop answers every request that was sent before, and loses no order that it answered', async () => {
  const outcomes = await stopUnderLoad('api', system.nodes.api.port);
  const before = outcomes.filter(({ sentBeforeTheSignal }) => sentBeforeTheSignal);
  expect(before.filter(({ error }) => error !== undefined)).toEqual([]);
  // The last of them had been sent, and not been read.
  expect(statusesOf(before).filter((status) => status !== 201 && status !== 503)).toEqual([]);
  expect(await missing(outcomes)).toEqual([]);
});

test('a service that is told to stop answers what was sent to its own door before', async () => {
  const outcomes = await stopUnderLoad('orders', system.nodes.orders.port);
  const before = outcomes.filter(({ sentBeforeTheSignal }) => sentBeforeTheSignal);
  expect(before.filter(({ error }) => error !== undefined)).toEqual([]);
  expect(statusesOf(before).filter((status) => status !== 201 && status !== 503)).toEqual([]);
  expect(await missing(outcomes)).toEqual([]);
});

test('while the service behind it stops, the gateway goes on answering: done, not done, or not known', async () => {
  const outcomes = await stopUnderLoad('orders', system.nodes.api.port);
  expect(outcomes.filter(({ error }) => error !== undefined)).toEqual([]);
  expect(statusesOf(outcomes).filter((status) => ![201, 503, 504].includes(status))).toEqual([]);
  expect(await missing(outcomes)).toEqual([]);
});
