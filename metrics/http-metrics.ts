import type { IncomingMessage, ServerResponse } from 'node:http';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { oncePerNode } from './registry.ts';

/** What is labelled by its name; anything else a client may call a method is `other`, so that labels stay few. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'OPTIONS']);
const OTHER_METHOD = 'other';
/** Of a request that found no address. */
const NO_ROUTE = 'none';
/** Of a request whose client was gone before its answer. */
const NO_STATUS = 'none';
/** From a page out of memory (1 ms) to the longest call that is usual (10 s). */
const DURATION_BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

const ROUTE = Symbol('route');
const REFUSAL = Symbol('refusal');

/** What is noted about a request stands on it: a WeakMap of all requests is dear for V8 to collect. */
interface MeasuredRequest extends IncomingMessage {
  [ROUTE]?: string;
  /** The status that the server itself answered. */
  [REFUSAL]?: number;
}

/** @returns what the doors of this node measure together */
export const httpMetricsOf = oncePerNode((registers) => new HttpMetrics(registers));

/** Counts and times requests. The labels are the table's paths, never a path that a client sent. */
export class HttpMetrics {
  readonly #requests: Counter<'method' | 'route' | 'status'>;
  readonly #durations: Histogram<'method' | 'route'>;
  readonly #inFlight: Gauge;
  readonly #connections: Gauge;
  readonly #refusedByOverload: Counter;

  constructor(registers: [Registry]) {
    this.#requests = new Counter({
      name: 'http_requests_total',
      help: 'Requests that ended, by the path in the table of routes.',
      labelNames: ['method', 'route', 'status'],
      registers,
    });
    this.#durations = new Histogram({
      name: 'http_request_duration_seconds',
      help: 'From the headers of a request to the end of its answer.',
      labelNames: ['method', 'route'],
      buckets: DURATION_BUCKETS_S,
      registers,
    });
    this.#inFlight = new Gauge({ name: 'http_requests_in_flight', help: 'Requests without their answer.', registers });
    this.#connections = new Gauge({ name: 'http_connections_open', help: 'Connections of clients.', registers });
    this.#refusedByOverload = new Counter({
      name: 'http_requests_refused_by_overload_total',
      help: 'Calls answered 503 at the door, since as many were in flight as it lets in.',
      registers,
    });
  }

  /** Measures a request from now until its response is closed. */
  observe(request: MeasuredRequest, response: ServerResponse): void {
    const startedAt = performance.now();
    this.#inFlight.inc();
    response.once('close', () => {
      this.#inFlight.dec();
      const labels = { method: methodOf(request), route: request[ROUTE] ?? NO_ROUTE };
      const status = request[REFUSAL] ?? (response.headersSent ? response.statusCode : NO_STATUS);
      this.#requests.inc({ ...labels, status });
      this.#durations.observe(labels, (performance.now() - startedAt) / 1000);
    });
  }

  /** @param path as the table of routes has it */
  foundRoute(request: MeasuredRequest, path: string): void {
    request[ROUTE] = path;
  }

  /** @returns the path in the table of routes; what a client sent may hold a user's id */
  routeOf(request: MeasuredRequest): string {
    return request[ROUTE] ?? NO_ROUTE;
  }

  /**
   * Counts what the server itself refused, without a response object.
   *
   * @param request that was being read; undefined when it never became one
   */
  refusedByServer(status: number, request: MeasuredRequest | undefined): void {
    if (request === undefined) this.#requests.inc({ method: OTHER_METHOD, route: NO_ROUTE, status });
    else request[REFUSAL] = status;
  }

  refusedByOverload(): void {
    this.#refusedByOverload.inc();
  }

  connectionOpened(): void {
    this.#connections.inc();
  }

  connectionClosed(): void {
    this.#connections.dec();
  }
}

function methodOf({ method = '' }: IncomingMessage): string {
  return METHODS.has(method) ? method : OTHER_METHOD;
}
