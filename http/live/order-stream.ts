import type { ServerResponse } from 'node:http';
import type { OrderChange } from '../../contract/order-changes.ts';
import type { Order } from '../../contract/outputs.ts';
import { orderJson } from '../representations.ts';

/** What a stream needs of a response. */
export type StreamResponse = Pick<ServerResponse, 'writeHead' | 'write' | 'end' | 'destroy' | 'writableLength'>;

export interface StreamTimes {
  /** Silence after which a comment is written, so that nobody on the way takes the connection for dead. */
  readonly heartbeatIntervalMs: number;
  /** A stream ends then, and its client comes back: what was true when it began (a token) is not so for ever. */
  readonly maxAgeMs: number;
}

/** How long a client waits before it comes back: a node that stops has closed its port by then. */
const RECONNECT_DELAY_MS = 2000;
const HEARTBEAT = ': heartbeat\n\n';

export const STREAM_HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-store',
  // nginx would collect the events before it hands them on.
  'X-Accel-Buffering': 'no',
};

/**
 * One client that watches one order: the status now, the change, the end. Versions decide: what it was told is never
 * told again, and nothing older follows.
 *
 * It takes changes from its first moment on. Those that come before the order itself has been read are kept for then.
 */
export class OrderStream {
  readonly orderId: string;
  readonly #times: StreamTimes;
  readonly #openedAt: number;
  readonly #onEnd: (stream: OrderStream) => void;
  #order: Order | null = null;
  #changeBeforeRead: OrderChange | null = null;
  #response: StreamResponse | null = null;
  #writtenAt = 0;
  #hasEnded = false;

  /**
   * @param now milliseconds of the clock that `tick` goes by
   * @param onEnd called once, whoever ends it
   */
  constructor(orderId: string, now: number, times: StreamTimes, onEnd: (stream: OrderStream) => void) {
    this.orderId = orderId;
    this.#openedAt = now;
    this.#times = times;
    this.#onEnd = onEnd;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Takes a change, from wherever it comes; one that is not newer than what is known is nothing new. */
  take(change: OrderChange): void {
    if (this.#order === null) {
      if (change.version > (this.#changeBeforeRead?.version ?? 0)) this.#changeBeforeRead = change;
    } else if (change.version > this.#order.version) {
      this.#order = { ...this.#order, ...change };
      if (this.#response !== null) this.#tell(this.#order);
    }
  }

  /** Takes the order as it was read, and returns it as it is now: the read may be the older of the two. */
  takeRead(order: Order): Order {
    this.#order = order;
    if (this.#changeBeforeRead !== null) this.take(this.#changeBeforeRead);
    return this.#order;
  }

  /**
   * Begins the response, after `takeRead`.
   *
   * @param toldVersion what the client has seen already, of an earlier stream; null when nothing
   */
  begin(response: StreamResponse, toldVersion: number | null, now: number): void {
    const order = this.#order;
    if (order === null || this.#hasEnded) return;
    this.#response = response;
    this.#writtenAt = now;
    response.writeHead(200, STREAM_HEADERS);
    response.write(`retry: ${RECONNECT_DELAY_MS}\n\n`);
    if (order.version !== toldVersion) this.#tell(order);
  }

  /** Writes a heartbeat when it is due; ends a stream that is too old, and one whose client reads nothing any more. */
  tick(now: number): void {
    const { heartbeatIntervalMs, maxAgeMs } = this.#times;
    if (this.#response === null) return;
    if (now - this.#openedAt >= maxAgeMs) {
      this.end();
    } else if (now - this.#writtenAt >= heartbeatIntervalMs) {
      // What was written a heartbeat ago has not left: the client has stopped, or is gone.
      if (this.#response.writableLength > 0) this.abort();
      else this.#write(HEARTBEAT, now);
    }
  }

  /** Ends the response, if it has begun. */
  end(): void {
    if (this.#markEnded()) this.#response?.end();
  }

  /** Ends the connection: nobody reads any more, or it is closed already. */
  abort(): void {
    if (this.#markEnded()) this.#response?.destroy();
  }

  #markEnded(): boolean {
    if (this.#hasEnded) return false;
    this.#hasEnded = true;
    this.#onEnd(this);
    return true;
  }

  #tell(order: Order): void {
    this.#write(`id: ${order.version}\nevent: status\ndata: ${JSON.stringify(orderJson(order))}\n\n`);
    if (order.status !== 'NEW') this.end();
  }

  #write(text: string, now = this.#writtenAt): void {
    this.#writtenAt = now;
    this.#response?.write(text);
  }
}
