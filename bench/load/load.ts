import { setTimeout as sleep } from 'node:timers/promises';
import { Connections, type LoadEvents } from './connections.ts';
import { spreadOf, type Spread } from '../harness/spread.ts';
import { bytesOf, type LoadRequest } from './request.ts';
import type { Answer } from './response-reader.ts';

/** What a load process is told to do. */
export interface LoadPlan {
  /** Of the server, on this machine. */
  readonly port: number;
  /** Sent in turn, again and again. */
  readonly requests: readonly LoadRequest[];
  readonly durationMs: number;
  /** Of an open loop; unless given, as many as an overload needs. */
  readonly connections?: number;
  /**
   * `inFlight`, a closed loop: so many callers, each of which sends its next request when it has its answer. `perSecond`, an
   * open loop: requests at a rate, whatever becomes of the ones before.
   */
  readonly pace: { readonly inFlight: number } | { readonly perSecond: number };
}

/** What became of the requests of a load, as their client saw it. */
export interface LoadResult {
  /** Put on the wire. */
  readonly sent: number;
  /** Due while every connection waited: not offered. */
  readonly unsent: number;
  /** Sent when the load ended, and not answered by then. */
  readonly unansweredAtEnd: number;
  readonly elapsedMs: number;
  /** Requests by status, or by what became of their connection: `ECONNRESET`. */
  readonly byStatus: Readonly<Record<string, number>>;
  /** From when a request was due until its answer, by status. */
  readonly latencyMs: Readonly<Record<string, Spread>>;
  /** Ids of the orders that were answered 201. */
  readonly created: readonly string[];
  /** When each of them was due, in milliseconds since the epoch. */
  readonly createdDueAtMs: readonly number[];
}

/** What a load's process says: that the first request is due, and in the end what became of all. */
export type LoadReply = 'begun' | LoadResult;

/**
 * Twice what the door lets in. A gateway that refuses as fast as orders are due needs no more; for one that does not, more
 * connections would offer no more either: requests would wait longer in its sockets, unread.
 */
const OPEN_LOOP_CONNECTIONS = 2000;
/** How often the open loop sends what is due. */
const TICK_MS = 5;
/** After the load: longer than a call may take. */
const ANSWER_LIMIT_MS = 60_000;
const FIRST_REQUEST = bytesOf({ method: 'GET', path: '/health/live' });
const ORDER_ID = /"orderId":"([0-9a-f-]{36})"/;

/**
 * Sends what a plan says, and counts the answers.
 *
 * @param onBegun told when all connections are open, and the first request is due
 * @param signal ends the load before its time; what is under way is waited for all the same
 */
export async function runLoad(plan: LoadPlan, onBegun: () => void, signal: AbortSignal): Promise<LoadResult> {
  const load = new Load(plan);
  await load.open();
  onBegun();
  const startedAtMs = performance.now();
  await load.run(startedAtMs, signal);
  return load.end(performance.now() - startedAtMs);
}

class Load implements LoadEvents {
  readonly #plan: LoadPlan;
  readonly #connections: Connections;
  readonly #requests: readonly Buffer[];
  readonly #byStatus: Record<string, number> = {};
  readonly #latenciesMs = new Map<string, number[]>();
  readonly #created: string[] = [];
  readonly #createdDueAtMs: number[] = [];
  #sent = 0;
  #unsent = 0;
  #running = true;

  constructor(plan: LoadPlan) {
    this.#plan = plan;
    this.#requests = plan.requests.map(bytesOf);
    this.#connections = new Connections(plan.port, this);
  }

  async open(): Promise<void> {
    const { pace, connections = OPEN_LOOP_CONNECTIONS } = this.#plan;
    await this.#connections.open('inFlight' in pace ? pace.inFlight : connections, FIRST_REQUEST);
  }

  async run(startedAtMs: number, signal: AbortSignal): Promise<void> {
    const { pace, durationMs } = this.#plan;
    if ('inFlight' in pace) {
      for (let caller = 0; caller < pace.inFlight; caller++) this.#send(startedAtMs);
      await sleep(durationMs, undefined, { signal }).catch(() => undefined);
    } else {
      await this.#keepRate(pace.perSecond, startedAtMs, signal);
    }
    this.#running = false;
  }

  async end(elapsedMs: number): Promise<LoadResult> {
    const unansweredAtEnd = this.#connections.unanswered;
    const endedAtMs = performance.now();
    while (this.#connections.unanswered > 0 && performance.now() - endedAtMs < ANSWER_LIMIT_MS) await sleep(TICK_MS);
    if (this.#connections.unanswered > 0) this.#byStatus['no answer'] = this.#connections.unanswered;
    this.#connections.close();
    return {
      sent: this.#sent,
      unsent: this.#unsent,
      unansweredAtEnd,
      elapsedMs,
      byStatus: this.#byStatus,
      latencyMs: Object.fromEntries([...this.#latenciesMs].map(([status, ms]) => [status, spreadOf(ms)])),
      created: this.#created,
      createdDueAtMs: this.#createdDueAtMs,
    };
  }

  answered({ status, body }: Answer, dueAtMs: number): void {
    const nowMs = performance.now();
    this.#count(String(status));
    this.#latenciesOf(String(status)).push(nowMs - dueAtMs);
    if (status === 201) {
      this.#created.push(ORDER_ID.exec(body)?.[1] ?? `no order id in ${body}`);
      this.#createdDueAtMs.push(performance.timeOrigin + dueAtMs);
    }
    this.#next(nowMs);
  }

  lost(reason: string): void {
    this.#count(reason);
    this.#next(performance.now());
  }

  /** In a closed loop a caller that has its answer goes on. */
  #next(nowMs: number): void {
    if (this.#running && 'inFlight' in this.#plan.pace) this.#send(nowMs);
  }

  async #keepRate(perSecond: number, startedAtMs: number, signal: AbortSignal): Promise<void> {
    let due = 0;
    while (!signal.aborted) {
      const elapsedMs = performance.now() - startedAtMs;
      if (elapsedMs >= this.#plan.durationMs) return;
      for (; due < (elapsedMs / 1000) * perSecond; due++) this.#send(startedAtMs + (due / perSecond) * 1000);
      await sleep(TICK_MS);
    }
  }

  #send(dueAtMs: number): void {
    const request = this.#requests[(this.#sent + this.#unsent) % this.#requests.length];
    if (request !== undefined && this.#connections.send(request, dueAtMs)) this.#sent += 1;
    else this.#unsent += 1;
  }

  #latenciesOf(status: string): number[] {
    const latenciesMs = this.#latenciesMs.get(status) ?? [];
    this.#latenciesMs.set(status, latenciesMs);
    return latenciesMs;
  }

  #count(what: string): void {
    this.#byStatus[what] = (this.#byStatus[what] ?? 0) + 1;
  }
}
