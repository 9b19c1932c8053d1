import type { ServerResponse } from 'node:http';

/** The longest answer has some hundred KB: who needs longer for it holds memory rather than reads. */
const DEFAULT_READ_TIMEOUT_MS = 30_000;

/** Node has no limit for it: a client that does not read its answer would hold it, and the connection, for ever. */
export class ReadLimit {
  readonly #timeoutMs: number;
  readonly #unreadSince = new WeakMap<ServerResponse, number>();

  constructor(timeoutMs = DEFAULT_READ_TIMEOUT_MS) {
    this.#timeoutMs = timeoutMs;
  }

  /** Ends the connections of answers that were written a while ago and are not read; to be called now and then. */
  endLate(responses: Iterable<ServerResponse>): void {
    const now = performance.now();
    for (const response of responses) {
      // Without a socket it waits for an earlier answer of its connection; a stream has not ended.
      if (!response.writableEnded || response.socket === null) continue;
      const since = this.#unreadSince.get(response) ?? now;
      this.#unreadSince.set(response, since);
      if (now - since > this.#timeoutMs) response.socket.destroy();
    }
  }
}
