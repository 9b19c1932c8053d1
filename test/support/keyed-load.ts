import { randomUUID } from 'node:crypto';
import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorText } from '../../problems/error-text.ts';
import { send, type HttpAnswer } from './http-client.ts';

/** What a client met that was no 2xx, before the same request succeeded. */
export interface Refusal {
  /** Null: the connection ended instead. */
  readonly status: number | null;
  readonly type: string;
  readonly retryAfter: string | undefined;
  readonly tookMs: number;
}

/** A request that succeeded in the end. */
export interface Done {
  readonly what: 'order' | 'deposit';
  readonly userId: string;
  /** Cents. */
  readonly cents: number;
  readonly orderId: string | null;
}

const RETRY_PAUSE_MS = 100;

/**
 * Clients that create orders and deposits, each request under an idempotency key of its own and repeated under it, at
 * the next gateway, until it succeeds.
 */
export class KeyedLoad {
  readonly done: Done[] = [];
  readonly refusals: Refusal[] = [];
  readonly #ports: readonly number[];
  readonly #users: readonly string[];
  readonly #agent = new Agent({ keepAlive: true });
  readonly #running: Promise<void>[];
  #ended = false;

  constructor(ports: readonly number[], users: readonly string[], clients: number) {
    this.#ports = ports;
    this.#users = users;
    this.#running = Array.from({ length: clients }, (_, client) => this.#client(client));
  }

  /** Begins nothing new; what is under way is repeated until it succeeds. */
  async end(): Promise<void> {
    this.#ended = true;
    await Promise.all(this.#running);
    this.#agent.destroy();
  }

  async #client(client: number): Promise<void> {
    for (let count = client; !this.#ended; count += 1) {
      const userId = this.#users[count % this.#users.length] ?? '';
      // Orders outweigh deposits: accounts run dry, and some orders are refused.
      await (count % 4 === 0 ? this.#deposit(client, userId, 150) : this.#order(client, userId, 100));
    }
  }

  async #order(client: number, userId: string, cents: number): Promise<void> {
    const { json } = await this.#untilDone(client, '/api/orders', { userId, amount: cents / 100 });
    this.done.push({ what: 'order', userId, cents, orderId: String(json?.['orderId']) });
  }

  async #deposit(client: number, userId: string, cents: number): Promise<void> {
    await this.#untilDone(client, '/api/payments/accounts/deposit', { userId, amount: cents / 100 });
    this.done.push({ what: 'deposit', userId, cents, orderId: null });
  }

  async #untilDone(client: number, path: string, body: object): Promise<HttpAnswer> {
    const key = randomUUID();
    for (let attempt = client; ; attempt += 1) {
      const sentAt = performance.now();
      const answer = await this.#send(attempt, path, body, key);
      if (!('error' in answer) && answer.status >= 200 && answer.status < 300) return answer;
      this.refusals.push({ ...refusalOf(answer), tookMs: performance.now() - sentAt });
      await sleep(RETRY_PAUSE_MS);
    }
  }

  #send(attempt: number, path: string, body: object, key: string): Promise<HttpAnswer | Broken> {
    return send(this.#ports[attempt % this.#ports.length] ?? 0, path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
      body: JSON.stringify(body),
      agent: this.#agent,
    }).catch((error: unknown) => ({ error: (error as NodeJS.ErrnoException).code ?? errorText(error) }));
  }
}

/** What a client may be told, with the same key: try again. */
export function isRetryable({ status, type, retryAfter }: Refusal): boolean {
  // A port that is closed has accepted nothing; a connection that ends with a request on it is no answer.
  if (status === null) return type === 'ECONNREFUSED';
  if (status === 409) return type === 'idempotency-key-in-use' && retryAfter !== undefined;
  return status === 504 ? type === 'outcome-unknown' : [429, 503].includes(status) && retryAfter !== undefined;
}

/** The connection ended before the answer came. */
interface Broken {
  /** `ECONNREFUSED` */
  readonly error: string;
}

function refusalOf(answer: HttpAnswer | Broken): Omit<Refusal, 'tookMs'> {
  if ('error' in answer) return { status: null, type: answer.error, retryAfter: undefined };
  const type = String(answer.json?.['type']).replace('/problems/', '');
  return { status: answer.status, type, retryAfter: answer.headers['retry-after'] };
}
