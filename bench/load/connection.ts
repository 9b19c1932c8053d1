import { connect, type Socket } from 'node:net';
import { ResponseReader, type Answer } from './response-reader.ts';

/** What happens on a connection. */
export interface ConnectionEvents {
  answered(connection: Connection, answer: Answer, dueAtMs: number): void;
  /** The connection is gone, and with it the answer to a request, when it waited for one. */
  lost(connection: Connection, reason: string, waited: boolean): void;
}

/** Several answers. */
const READ_BUFFER_BYTES = 8192;

/** One keep-alive connection with at most one request under way, written to and read from as bytes. */
export class Connection {
  readonly #reader = new ResponseReader();
  readonly #socket: Socket;
  #waitingSinceMs: number | null = null;
  #reason = 'closed by the server';

  /** Resolves when it is open, and rejects when it cannot be. */
  readonly opened: Promise<void>;

  /** @param port on this machine */
  constructor(port: number, events: ConnectionEvents) {
    this.#socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      // One buffer for the life of the connection, rather than one for each read.
      onread: {
        buffer: Buffer.allocUnsafe(READ_BUFFER_BYTES),
        callback: (bytes, buffer) => {
          this.#read(Buffer.from(buffer.buffer, buffer.byteOffset, bytes).toString('latin1'), events);
          return true;
        },
      },
    });
    this.opened = new Promise((resolve, reject) => {
      this.#socket.once('connect', resolve);
      this.#socket.once('error', reject);
    });
    this.#socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#reason = error.code ?? error.message;
    });
    this.#socket.once('close', () => {
      events.lost(this, this.#reason, this.#waitingSinceMs !== null);
    });
  }

  /** @param dueAtMs when it should have been sent, by `performance.now()` */
  send(request: Buffer, dueAtMs: number): void {
    this.#waitingSinceMs = dueAtMs;
    this.#socket.write(request);
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(text: string, events: ConnectionEvents): void {
    let answers: readonly Answer[];
    try {
      answers = this.#reader.read(text);
    } catch (error) {
      this.#socket.destroy(error as Error);
      return;
    }
    for (const answer of answers) {
      const dueAtMs = this.#waitingSinceMs;
      this.#waitingSinceMs = null;
      if (dueAtMs === null) this.#socket.destroy(new Error(`Nobody asked for: ${answer.status} ${answer.body}`));
      else events.answered(this, answer, dueAtMs);
    }
  }
}
