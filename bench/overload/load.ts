import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { send } from '../../test/support/http-client.ts';

/** What became of the requests of a load, as their client saw it. */
export interface LoadResult {
  readonly sent: number;
  readonly elapsedMs: number;
  /** Requests by status, or by what became of their connection: `ECONNRESET`. */
  readonly byStatus: Readonly<Record<string, number>>;
  /** Ids of the orders that were answered 201. */
  readonly created: readonly string[];
  readonly latenciesMs: readonly number[];
  /** Requests that were due while every connection was taken. */
  readonly unsent: number;
}

export interface LoadTarget {
  readonly port: number;
  /** Users with enough money for all of it. */
  readonly users: readonly string[];
}

/** Connections at most: above the door's own bound, so that it is met. */
const MAX_CONNECTIONS = 2000;
/** How often the open loop sends what is due. */
const TICK_MS = 5;

class Load {
  readonly #target: LoadTarget;
  readonly #agent = new Agent({
    keepAlive: true,
    maxSockets: MAX_CONNECTIONS,
    // Otherwise 256 are kept, and the rest is opened again and again.
    maxFreeSockets: MAX_CONNECTIONS,
  });
  readonly #byStatus: Record<string, number> = {};
  readonly #created: string[] = [];
  readonly #latenciesMs: number[] = [];
  #sent = 0;
  #unsent = 0;
  #inFlight = 0;

  constructor(target: LoadTarget) {
    this.#target = target;
  }

  /**
   * Opens every connection before the load: Node accepts one for each turn of its event loop, so that on a busy node it is
   * the opening that would be measured.
   */
  async connect(): Promise<void> {
    const { port } = this.#target;
    const opened = Array.from({ length: MAX_CONNECTIONS }, () => send(port, '/health/live', { agent: this.#agent }));
    await Promise.all(opened);
  }

  /** Sends one order and waits for its answer; never rejects. */
  async send(): Promise<void> {
    if (this.#inFlight >= MAX_CONNECTIONS) {
      this.#unsent += 1;
      return;
    }
    this.#inFlight += 1;
    this.#sent += 1;
    const startedAtMs = performance.now();
    const { status, orderId } = await this.#post();
    this.#inFlight -= 1;
    this.#byStatus[status] = (this.#byStatus[status] ?? 0) + 1;
    this.#latenciesMs.push(performance.now() - startedAtMs);
    if (status === '201') this.#created.push(String(orderId));
  }

  async #post(): Promise<{ status: string; orderId?: unknown }> {
    const { users, port } = this.#target;
    try {
      const { status, json } = await send(port, '/api/orders', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ userId: users[this.#sent % users.length], amount: '0.01' }),
        agent: this.#agent,
      });
      return { status: String(status), orderId: json?.orderId };
    } catch (error) {
      return { status: (error as NodeJS.ErrnoException).code ?? 'none' };
    }
  }

  async settled(): Promise<void> {
    while (this.#inFlight > 0) await sleep(TICK_MS);
  }

  result(elapsedMs: number): LoadResult {
    this.#agent.destroy();
    return {
      sent: this.#sent,
      unsent: this.#unsent,
      elapsedMs,
      byStatus: this.#byStatus,
      created: this.#created,
      latenciesMs: this.#latenciesMs,
    };
  }
}

/** Closed loop: as many callers as `inFlight`, each of which sends its next request when it has its answer. */
export async function closedLoop(target: LoadTarget, inFlight: number, durationMs: number): Promise<LoadResult> {
  const load = new Load(target);
  const startedAtMs = performance.now();
  const caller = async (): Promise<void> => {
    while (performance.now() - startedAtMs < durationMs) await load.send();
  };
  await Promise.all(Array.from({ length: inFlight }, caller));
  return load.result(performance.now() - startedAtMs);
}

/** Open loop: requests at a rate, whatever becomes of the ones before. */
export async function openLoop(target: LoadTarget, ratePerSecond: number, durationMs: number): Promise<LoadResult> {
  const load = new Load(target);
  await load.connect();
  const startedAtMs = performance.now();
  let due = 0;
  for (;;) {
    const elapsedMs = performance.now() - startedAtMs;
    if (elapsedMs >= durationMs) break;
    for (; due < (elapsedMs / 1000) * ratePerSecond; due += 1) void load.send();
    await sleep(TICK_MS);
  }
  const elapsedMs = performance.now() - startedAtMs;
  await load.settled();
  return load.result(elapsedMs);
}
