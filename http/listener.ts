import { once, setMaxListeners } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { diagnoseClientError, rawResponse, refuseTunnel } from './client-error.ts';
import { problemAnswer } from './problem-answer.ts';
import { ReadLimit } from './read-limit.ts';
import { chooseRequestId } from './request-id.ts';

export interface ListenerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** How long a request may take to arrive, headers and body. */
  readonly receiveTimeoutMs: number;
  /** How long `close` waits for the answers to what was accepted. */
  readonly drainTimeoutMs: number;
  /** How long a client may take to read an answer. */
  readonly readTimeoutMs?: number;
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void;
  readonly metrics: ListenerMetrics;
}

/** What only the server itself sees. */
export interface ListenerMetrics {
  connectionOpened(): void;
  connectionClosed(): void;
  /** Of bytes that are no request, or of one that does not go on. */
  refusedByServer(status: number, request: IncomingMessage | undefined): void;
}

/** Some 10 KB each when idle: room for every stream that a door takes (10 000), and for calls beside them. */
const MAX_CONNECTIONS = 15_000;
/** What may wait to be accepted: Node's 511 overflow when the loop is busy for a moment, and clients then wait for seconds. */
const BACKLOG = 4096;
/** How often Node looks for requests that come too slowly; its default, 30 s, would triple their time. */
const RECEIVE_CHECK_INTERVAL_MS = 500;
/** Longer than the idle time of usual load balancers (60 s): they close first, and never send into a closing connection. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;
/** One for new connections, one for what they have brought, one to spare. */
const TURNS_TO_READ = 3;
/** Under load connections never cease to come: a port that is stopping has to close at some time. */
const MAX_BACKLOG_ROUNDS = 100;
/**
 * How long connections that clients keep stay open at a stop: the next request of each is answered, with the news that it
 * was the last. One that is closed first takes with it what its client is just sending.
 */
const KEEP_ALIVE_GRACE_MS = 500;
/** How often answers are looked for that are not read. */
const READ_CHECK_INTERVAL_MS = 500;
/** How long a client may go on sending a body whose answer it has: closing at once could take the answer from it. */
const LINGER_MS = 2000;

/** Node's HTTP server, with problem bodies for what Node itself refuses and a stop that finishes what was accepted. */
export class HttpListener {
  readonly #options: ListenerOptions;
  readonly #server: Server;
  /**
   * Connections, with their answers that are not finished: several when requests are pipelined. No set of all answers: V8
   * keeps what a set held when it was rehashed until the next full collection, under load every request.
   */
  readonly #connections = new Map<Socket, ServerResponse[]>();
  readonly #readLimit: ReadLimit;
  #readCheck: NodeJS.Timeout | undefined;
  /** Connections since it began to listen. */
  #accepted = 0;
  #lastConnectionGone = (): void => undefined;
  #closing = false;

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#readLimit = new ReadLimit(options.readTimeoutMs);
    this.#server = createServer(
      {
        requestTimeout: options.receiveTimeoutMs,
        headersTimeout: options.receiveTimeoutMs,
        connectionsCheckingInterval: RECEIVE_CHECK_INTERVAL_MS,
        keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
        // Node would answer a missing Host itself, without a body; the handler looks.
        requireHostHeader: false,
      },
      (request, response) => {
        this.#accept(request, response);
      },
    );
    this.#server.maxConnections = MAX_CONNECTIONS;
    this.#server.on('connection', (socket: Socket) => {
      options.metrics.connectionOpened();
      this.#accepted++;
      this.#connections.set(socket, []);
      socket.once('close', () => {
        options.metrics.connectionClosed();
        this.#connections.delete(socket);
        if (this.#connections.size === 0) this.#lastConnectionGone();
      });
    });
    // An expectation that we do not know may be ignored (RFC 9110, 10.1.1); Node would answer 417 without a body.
    this.#server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
      this.#accept(request, response);
    });
    // Without a listener Node would close the connection without a word.
    this.#server.on('connect', (request: IncomingMessage, socket: Socket) => {
      // Node lets go of the socket here: a reset that nobody listens to would end the process.
      socket.on('error', () => undefined);
      endWith(socket, refuseTunnel(request));
    });
    this.#server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
      this.#refuse(error, socket);
    });
  }

  /**
   * Begins to listen.
   *
   * @returns false when it did already
   * @throws Error that says which address cannot be used, and why
   */
  async open(): Promise<boolean> {
    if (this.#server.listening) return false;
    this.#closing = false;
    this.#readCheck ??= setInterval(() => {
      this.#readLimit.endLate(this.#inFlight());
    }, READ_CHECK_INTERVAL_MS).unref();
    await new Promise<void>((resolve, reject) => {
      const { host, port } = this.#options;
      const onError = (error: NodeJS.ErrnoException): void => {
        const reason =
          error.code === 'EADDRINUSE'
            ? 'something listens there already. Stop it, or choose another port'
            : error.message;
        reject(new Error(`Cannot listen on ${host}:${port}: ${reason}.`));
      };
      this.#server.once('error', onError);
      this.#server.listen({ port, host, backlog: BACKLOG }, () => {
        this.#server.off('error', onError);
        resolve();
      });
    });
    return true;
  }

  get isOpen(): boolean {
    return this.#server.listening;
  }

  /** The port, once it is open. */
  get port(): number {
    return (this.#server.address() as AddressInfo | null)?.port ?? this.#options.port;
  }

  /**
   * Finishes what was accepted, up to the drain time, then closes every connection. Until then, and for half a second more
   * while clients keep connections, new requests still reach the handler, which refuses them with an answer rather than
   * a closed port.
   */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    this.#closing = true;
    for (const response of this.#inFlight()) lastOnItsConnection(response);
    const giveUp = AbortSignal.timeout(this.#options.drainTimeoutMs);
    setMaxListeners(0, giveUp);
    // What clients had sent by then may still lie unread in their connections.
    for (let turn = 0; turn < TURNS_TO_READ; turn++) await nextTurn();
    await this.#answered(giveUp);
    await this.#keptConnectionsEnd();
    await this.#backlogTaken();
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
    // Those that came in the meantime, and were refused; and the first requests of connections that came last.
    await this.#answered(giveUp);
    await this.#keptConnectionsEnd();
    this.#server.closeAllConnections();
    await closed;
    clearInterval(this.#readCheck);
    this.#readCheck = undefined;
  }

  /** Waits until clients have let go of their connections, but not for those that send nothing. */
  async #keptConnectionsEnd(): Promise<void> {
    if (this.#connections.size === 0) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#lastConnectionGone = resolve;
      timer = setTimeout(resolve, KEEP_ALIVE_GRACE_MS);
    });
    clearTimeout(timer);
  }

  /** How many answers are not finished. */
  get openAnswers(): number {
    return this.#inFlight().length;
  }

  #inFlight(): ServerResponse[] {
    return [...this.#connections.values()].flat();
  }

  /** Takes what waits to be accepted, until nothing more does: closing the port would reset those connections. */
  async #backlogTaken(): Promise<void> {
    for (let round = 0; round < MAX_BACKLOG_ROUNDS; round++) {
      const before = this.#accepted;
      for (let turn = 0; turn < TURNS_TO_READ; turn++) await nextTurn();
      if (this.#accepted === before) return;
    }
  }

  /** How many requests of this connection are not answered yet, one that has just come among them. */
  unansweredOn(socket: Socket): number {
    return this.#connections.get(socket)?.length ?? 0;
  }

  /** Waits for the answers to what is in flight now, not to what comes later: under load something always does. */
  async #answered(giveUp: AbortSignal): Promise<void> {
    await Promise.allSettled(this.#inFlight().map((response) => once(response, 'close', { signal: giveUp })));
  }

  #accept(request: IncomingMessage, response: ServerResponse): void {
    // None when the connection is gone: the answer goes nowhere.
    const unanswered = this.#connections.get(request.socket) ?? [];
    unanswered.push(response);
    if (this.#closing) lastOnItsConnection(response);
    response.once('close', () => {
      unanswered.splice(unanswered.indexOf(response), 1);
      if (!request.complete) destroyUnlessCompleted(request);
    });
    this.#options.handle(request, response);
  }

  /** Answers what never became a request, or stopped coming in the middle of one. */
  #refuse(error: NodeJS.ErrnoException, socket: Socket): void {
    // Refused already: what else is wrong with these bytes must not take that answer from the client.
    if (socket.writableEnded) return;
    const diagnosis = diagnoseClientError(error.code);
    if (diagnosis === null || !socket.writable) {
      socket.destroy();
      return;
    }
    const unanswered = this.#connections.get(socket) ?? [];
    const incomplete = unanswered.find(({ req }) => !req.complete);
    if (incomplete?.headersSent === true) {
      socket.destroy();
      return;
    }
    const requestId = chooseRequestId(incomplete?.req.headers['x-request-id']);
    const instance = incomplete?.req.url?.replace(/\?.*/s, '') ?? '/';
    const answer = problemAnswer(diagnosis, instance, requestId);
    this.#options.metrics.refusedByServer(answer.status, incomplete?.req);
    const text = rawResponse(answer);
    const answeredBefore = unanswered.findLast(({ req }) => req.complete);
    // Pipelined: the answers to earlier requests of this connection come first.
    if (answeredBefore === undefined) endWith(socket, text);
    else {
      answeredBefore.once('close', () => {
        endWith(socket, text);
      });
    }
  }
}

/** The last bytes of a connection; a client that does not close its side is not waited for. */
function endWith(socket: Socket, text: string): void {
  socket.end(text);
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

function lastOnItsConnection(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('Connection', 'close');
}

function destroyUnlessCompleted(request: IncomingMessage): void {
  // The body of most has come with the headers, and is read in this turn: no timer for those, which would hold them all.
  setImmediate(() => {
    if (request.complete) return;
    setTimeout(() => {
      if (!request.complete) request.socket.destroy();
    }, LINGER_MS).unref();
  });
}
