import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { STATUSES_MAX_ORDERS, type OrderChange } from '../../contract/order-changes.ts';
import type { Order } from '../../contract/outputs.ts';
import { problem } from '../../problems/problems.ts';
import { errorText } from '../../problems/error-text.ts';
import { OrderStream, STREAM_HEADERS, type StreamResponse, type StreamTimes } from './order-stream.ts';

/** Streams of one door: at some 30 KB and a file descriptor each, what a small node bears (docs/live-status.md). */
const MAX_STREAMS = 10_000;
const RETRY_AFTER_S = 5;
/** Proxies give an idle connection up after 30 s to 60 s. */
const HEARTBEAT_INTERVAL_MS = 15_000;
const MAX_AGE_MS = 30 * 60 * 1000;
/** Each stream has heartbeats of its own; looking at all of them this often spreads the writes. */
const TICK_INTERVAL_MS = 500;
/** A broadcast is lost when a node or Kafka is: then a client waits this much longer. */
const CATCH_UP_INTERVAL_MS = 3000;

export interface LiveOrdersOptions extends Partial<StreamTimes> {
  /** Asks which of these orders are final, at most `STATUSES_MAX_ORDERS` at once. */
  readonly askSettled: (orderIds: string[]) => Promise<readonly OrderChange[]>;
  readonly logger: { info(text: string): void; warn(text: string): void };
  /** Told whenever a stream begins or ends. */
  readonly onOpenStreams?: (count: number) => void;
  readonly maxStreams?: number;
  readonly catchUpIntervalMs?: number;
}

/** What the watcher sent. */
export interface WatchRequest {
  readonly orderId: string;
  /** The version that the client has seen; null when it has seen none. */
  readonly toldVersion: number | null;
  /** A HEAD request. */
  readonly headersOnly: boolean;
}

/**
 * The open streams of one door. Changes come by broadcast, and every few seconds from one question about all orders that
 * are watched: a broadcast that is lost makes a client wait, never for ever.
 */
export class LiveOrders {
  readonly #options: LiveOrdersOptions;
  readonly #times: StreamTimes;
  readonly #streams = new Map<string, Set<OrderStream>>();
  #openStreams = 0;
  #stop: AbortController | null = null;

  constructor(options: LiveOrdersOptions) {
    this.#options = options;
    this.#times = {
      heartbeatIntervalMs: options.heartbeatIntervalMs ?? HEARTBEAT_INTERVAL_MS,
      maxAgeMs: options.maxAgeMs ?? MAX_AGE_MS,
    };
  }

  get openStreams(): number {
    return this.#openStreams;
  }

  /** Begins with heartbeats and questions. */
  start(): void {
    if (this.#stop !== null) return;
    const stop = new AbortController();
    this.#stop = stop;
    const timer = setInterval(() => {
      this.tick(performance.now());
    }, TICK_INTERVAL_MS).unref();
    stop.signal.addEventListener('abort', () => {
      clearInterval(timer);
    });
    void this.#keepCatchingUp(stop.signal);
  }

  /** Ends every stream; further ones are refused until the next start. */
  end(): void {
    this.#stop?.abort();
    this.#stop = null;
    for (const stream of this.#all()) stream.end();
  }

  /**
   * Answers with the order's status now and its change, then ends.
   *
   * @param read reads the order, when its changes are taken already
   * @throws the problem `service-unavailable`; whatever `read` threw. Nothing is written then.
   */
  async answer(
    request: WatchRequest,
    response: StreamResponse & Pick<ServerResponse, 'once' | 'destroyed'>,
    read: () => Promise<Order>,
  ): Promise<void> {
    // First of all: a change between the read and the subscription would be seen by neither.
    const stream = this.#subscribe(request.orderId);
    response.once('close', () => {
      stream.abort();
    });
    try {
      const order = stream.takeRead(await read());
      if (response.destroyed) return;
      if (stream.hasEnded) throw stopping();
      const { toldVersion, headersOnly } = request;
      if (order.status !== 'NEW' && order.version === toldVersion) {
        // The client knows the end already. An EventSource that is told 204 does not come back.
        respondWithout(response, 204, { 'Cache-Control': 'no-store' });
      } else if (headersOnly) {
        respondWithout(response, 200, STREAM_HEADERS);
      } else {
        stream.begin(response, toldVersion, performance.now());
        return;
      }
      stream.end();
    } catch (error) {
      stream.end();
      throw error;
    }
  }

  /** Takes changes that were committed. */
  take(changes: readonly OrderChange[]): void {
    if (this.#streams.size === 0) return;
    for (const change of changes) {
      for (const stream of this.#streams.get(change.orderId) ?? []) stream.take(change);
    }
  }

  /**
   * Asks once about all orders that are watched.
   *
   * @returns how many of them are final
   * @throws what the question threw
   */
  async catchUp(): Promise<number> {
    const orderIds = [...this.#streams.keys()];
    let found = 0;
    for (let first = 0; first < orderIds.length; first += STATUSES_MAX_ORDERS) {
      const changes = await this.#options.askSettled(orderIds.slice(first, first + STATUSES_MAX_ORDERS));
      this.take(changes);
      found += changes.length;
    }
    return found;
  }

  /** @param now milliseconds on the clock of `performance.now()` */
  tick(now: number): void {
    for (const stream of this.#all()) stream.tick(now);
  }

  async #keepCatchingUp(signal: AbortSignal): Promise<void> {
    const { logger, catchUpIntervalMs = CATCH_UP_INTERVAL_MS } = this.#options;
    let isFailing = false;
    for (;;) {
      try {
        await sleep(catchUpIntervalMs, undefined, { signal, ref: false });
        await this.catchUp();
        if (isFailing) logger.info('Open streams: the orders that they watch can be asked for again.');
        isFailing = false;
      } catch (error) {
        if (signal.aborted) return;
        if (!isFailing) {
          logger.warn(
            `Open streams: the orders that they watch cannot be asked for: ${errorText(error)}. It goes on trying.`,
          );
        }
        isFailing = true;
      }
    }
  }

  #subscribe(orderId: string): OrderStream {
    if (this.#stop === null) throw stopping();
    if (this.#openStreams >= (this.#options.maxStreams ?? MAX_STREAMS)) {
      throw problem(
        'service-unavailable',
        'This node has as many open streams as it takes. Try again, or ask for the order itself.',
        { retryAfterS: RETRY_AFTER_S },
      );
    }
    const stream = new OrderStream(orderId, performance.now(), this.#times, (ended) => {
      this.#remove(ended);
    });
    const watching = this.#streams.get(orderId) ?? new Set();
    this.#streams.set(orderId, watching.add(stream));
    this.#count(1);
    return stream;
  }

  #remove(stream: OrderStream): void {
    const watching = this.#streams.get(stream.orderId);
    if (watching?.delete(stream) !== true) return;
    this.#count(-1);
    if (watching.size === 0) this.#streams.delete(stream.orderId);
  }

  #count(change: 1 | -1): void {
    this.#openStreams += change;
    this.#options.onOpenStreams?.(this.#openStreams);
  }

  *#all(): Generator<OrderStream> {
    for (const watching of this.#streams.values()) yield* watching;
  }
}

function respondWithout(response: StreamResponse, status: 200 | 204, headers: Record<string, string>): void {
  response.writeHead(status, headers);
  response.end();
}

function stopping(): Error {
  return problem('service-unavailable', 'This node is stopping. Ask another one, or come back.');
}
