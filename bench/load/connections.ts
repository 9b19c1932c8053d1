import { Connection, type ConnectionEvents } from './connection.ts';
import type { Answer } from './response-reader.ts';

/** What became of the requests. */
export interface LoadEvents {
  answered(answer: Answer, dueAtMs: number): void;
  /** One request that gets no answer. */
  lost(reason: string): void;
}

/** A server that is away is not asked in a circle. */
const REOPEN_PAUSE_MS = 100;

/** The connections of a load, a caller each. */
export class Connections implements ConnectionEvents {
  readonly #port: number;
  readonly #events: LoadEvents;
  readonly #all = new Set<Connection>();
  #idle: Connection[] = [];
  #unanswered = 0;
  #closing = false;
  /** While the first requests are under way. */
  #opened: (() => void) | undefined;

  /** @param port on this machine */
  constructor(port: number, events: LoadEvents) {
    this.#port = port;
    this.#events = events;
  }

  /**
   * Opens all of them before the load, and sends a first request on each: Node accepts one for each turn of its event
   * loop, so that on a busy node it is the opening that would be measured; and the door closes a connection on which
   * nothing comes for ten seconds.
   *
   * @param first is answered and not counted
   */
  async open(count: number, first: Buffer): Promise<void> {
    await Promise.all(Array.from({ length: count }, () => this.#openOne()));
    await new Promise<void>((resolve) => {
      this.#opened = resolve;
      while (this.send(first, performance.now()));
    });
    this.#opened = undefined;
  }

  /** Requests on the wire without an answer. */
  get unanswered(): number {
    return this.#unanswered;
  }

  /**
   * Puts a request on the wire.
   *
   * @returns false when every connection waits, and it was not sent
   */
  send(request: Buffer, dueAtMs: number): boolean {
    const connection = this.#idle.pop();
    if (connection === undefined) return false;
    this.#unanswered += 1;
    connection.send(request, dueAtMs);
    return true;
  }

  close(): void {
    this.#closing = true;
    for (const connection of this.#all) connection.close();
  }

  answered(connection: Connection, answer: Answer, dueAtMs: number): void {
    this.#unanswered -= 1;
    this.#idle.push(connection);
    if (this.#opened !== undefined) {
      if (this.#unanswered === 0) this.#opened();
      return;
    }
    this.#events.answered(answer, dueAtMs);
  }

  lost(connection: Connection, reason: string, waited: boolean): void {
    this.#all.delete(connection);
    this.#idle = this.#idle.filter((each) => each !== connection);
    if (waited) {
      this.#unanswered -= 1;
      this.#events.lost(reason);
    }
    if (this.#closing) return;
    setTimeout(() => {
      // When this one cannot be opened it is lost, and replaced in its turn.
      if (!this.#closing) void this.#openOne().catch(() => undefined);
    }, REOPEN_PAUSE_MS).unref();
  }

  async #openOne(): Promise<void> {
    const connection = new Connection(this.#port, this);
    this.#all.add(connection);
    await connection.opened;
    this.#idle.push(connection);
  }
}
