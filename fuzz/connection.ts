import { connect, type Socket } from 'node:net';
import type { WireRequest } from './fuzz-case.ts';

/** One HTTP/1.1 response as it came. */
export interface RawAnswer {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** What came back: answers, or why there is none. */
export type Reply =
  | { readonly kind: 'answers'; readonly answers: readonly RawAnswer[] }
  | { readonly kind: 'none'; readonly why: string };

/** Longer than the contract's slowest answer, and than the time that a request may take to arrive. */
const GIVE_UP_AFTER_MS = 20_000;

/**
 * Sends requests to one door, one after the other, on a connection that stays open as long as the door lets it: bytes as
 * they are, which no HTTP client would send.
 */
export class Connection {
  readonly #host: string;
  readonly #port: number;
  readonly #quietMs: number;
  #socket: Socket | null = null;

  /** @param quietMs after what may be no whole request, how long nothing comes until the sending side is closed */
  constructor(host: string, port: number, quietMs = 250) {
    this.#host = host;
    this.#port = port;
    this.#quietMs = quietMs;
  }

  /** Never throws: that no answer came is an answer, too. */
  async send(request: WireRequest): Promise<Reply> {
    if (request.alone) {
      const reply = await this.#sendAlone(request, this.#quietMs);
      // Node gives no answer to whoever has closed their side before it is there: if these bytes were a whole request, the
      // answer was slow. Only who waits for it may say that there is none.
      return isClosed(reply) ? await this.#sendAlone(request, GIVE_UP_AFTER_MS) : reply;
    }
    const kept = this.#socket !== null;
    const reply = await this.#exchange(request);
    // The door may have closed a connection that was idle, just then: who gets nothing at all on one asks again, once.
    return kept && isClosed(reply) ? await this.#exchange(request) : reply;
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = null;
  }

  #open(): Socket {
    if (this.#socket?.destroyed !== false) {
      this.#socket = connect({ host: this.#host, port: this.#port, noDelay: true });
      // Its close is what is waited for.
      this.#socket.on('error', () => undefined);
    }
    return this.#socket;
  }

  #exchange({ bytes, method }: WireRequest): Promise<Reply> {
    const socket = this.#open();
    return new Promise((resolve) => {
      let received: Buffer = Buffer.alloc(0);
      const finish = (reply: Reply, isOver: boolean): void => {
        for (const event of ['data', 'close', 'timeout']) socket.removeAllListeners(event);
        socket.setTimeout(0);
        if (isOver) this.close();
        resolve(reply);
      };
      const look = (isEnded: boolean): void => {
        const read = readAnswer(received, method, isEnded);
        if (read === 'malformed') finish({ kind: 'none', why: 'the answer is no HTTP' }, true);
        else if (read === 'incomplete') {
          if (isEnded) finish({ kind: 'none', why: received.length === 0 ? CLOSED : 'the answer was cut off' }, true);
        } else {
          const isLast = isEnded || read.answer.headers.get('connection') === 'close' || read.length < received.length;
          finish({ kind: 'answers', answers: [read.answer] }, isLast);
        }
      };
      socket.on('data', (chunk: Buffer) => {
        received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
        look(false);
      });
      socket.on('close', () => {
        look(true);
      });
      socket.setTimeout(GIVE_UP_AFTER_MS, () => {
        finish({ kind: 'none', why: `no answer in ${GIVE_UP_AFTER_MS / 1000} s` }, true);
      });
      socket.write(bytes);
    });
  }

  /**
   * Reads whatever comes until the door closes the connection; closes the sending side when nothing has come for
   * `firstQuietMs`, or nothing more for the usual time.
   */
  #sendAlone({ bytes, method }: WireRequest, firstQuietMs: number): Promise<Reply> {
    return new Promise((resolve) => {
      const socket = connect({ host: this.#host, port: this.#port, allowHalfOpen: true });
      const chunks: Buffer[] = [];
      const finish = (): void => {
        socket.end();
      };
      let timer = setTimeout(finish, firstQuietMs);
      socket.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        clearTimeout(timer);
        timer = setTimeout(finish, this.#quietMs);
      });
      socket.on('end', finish);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        clearTimeout(timer);
        resolve(readAnswers(Buffer.concat(chunks), method));
      });
      socket.setTimeout(GIVE_UP_AFTER_MS, () => {
        socket.destroy(new Error('no end'));
      });
      socket.write(bytes);
    });
  }
}

const CLOSED = 'the connection was closed without an answer';

function isClosed(reply: Reply): boolean {
  return reply.kind === 'none' && reply.why === CLOSED;
}

function readAnswers(received: Buffer, method: string): Reply {
  const answers: RawAnswer[] = [];
  let rest = received;
  while (rest.length > 0) {
    const read = readAnswer(rest, method, true);
    if (read === 'malformed' || read === 'incomplete') return { kind: 'none', why: `an answer is ${read}` };
    answers.push(read.answer);
    rest = rest.subarray(read.length);
  }
  return answers.length > 0 ? { kind: 'answers', answers } : { kind: 'none', why: CLOSED };
}

type Read = { readonly answer: RawAnswer; readonly length: number } | 'incomplete' | 'malformed';

/** Reads the first final response; `100 Continue` and its like come before it. */
function readAnswer(received: Buffer, method: string, isEnded: boolean): Read {
  const headLength = received.indexOf('\r\n\r\n');
  if (headLength === -1) return received.length > 0 && !startsLikeHttp(received) ? 'malformed' : 'incomplete';
  const [statusLine = '', ...lines] = received.subarray(0, headLength).toString('latin1').split('\r\n');
  const status = /^HTTP\/1\.1 ([1-5]\d\d) /.exec(statusLine)?.[1];
  if (status === undefined) return 'malformed';
  const start = headLength + 4;
  if (status.startsWith('1')) {
    const next = readAnswer(received.subarray(start), method, isEnded);
    return typeof next === 'string' ? next : { ...next, length: next.length + start };
  }
  const headers = new Map(lines.map(readHeader));
  const hasBody = method !== 'HEAD' && status !== '204' && status !== '304';
  const body = hasBody ? readBody(received.subarray(start), headers, isEnded) : { bytes: Buffer.alloc(0), length: 0 };
  if (typeof body === 'string') return body;
  return { answer: { status: Number(status), headers, body: body.bytes }, length: start + body.length };
}

function startsLikeHttp(received: Buffer): boolean {
  const expected = 'HTTP/1.1 ';
  return expected.startsWith(received.subarray(0, expected.length).toString('latin1'));
}

function readHeader(line: string): [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}

type ReadBody = { readonly bytes: Buffer; readonly length: number } | 'incomplete' | 'malformed';

function readBody(received: Buffer, headers: ReadonlyMap<string, string>, isEnded: boolean): ReadBody {
  if (headers.get('transfer-encoding') === 'chunked') return readChunks(received);
  const declared = headers.get('content-length');
  if (declared === undefined) return isEnded ? { bytes: received, length: received.length } : 'incomplete';
  const length = Number(declared);
  if (!/^\d+$/.test(declared)) return 'malformed';
  return received.length < length ? 'incomplete' : { bytes: received.subarray(0, length), length };
}

function readChunks(received: Buffer): ReadBody {
  const chunks: Buffer[] = [];
  let index = 0;
  for (;;) {
    const lineEnd = received.indexOf('\r\n', index);
    if (lineEnd === -1) return 'incomplete';
    const line = received.subarray(index, lineEnd).toString('latin1');
    if (!/^[0-9a-f]+$/i.test(line)) return 'malformed';
    const length = Number.parseInt(line, 16);
    const start = lineEnd + 2;
    if (received.length < start + length + 2) return 'incomplete';
    if (length === 0) return { bytes: Buffer.concat(chunks), length: start + 2 };
    chunks.push(received.subarray(start, start + length));
    index = start + length + 2;
  }
}
