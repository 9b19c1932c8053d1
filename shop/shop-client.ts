import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Post } from './day.ts';
import { jsonBody } from './day.ts';

export interface Answer {
  /** 0 when there was none: the connection broke, or nothing came in time. */
  readonly status: number;
  /** The answer's text, or why there is none. */
  readonly body: string;
  /** The header of this name, where there is one. */
  readonly location?: string | undefined;
  /** From the first byte sent to the last byte received. */
  readonly tookMs: number;
}

/** Long after the contract's 5 s, so that a slow answer is counted as slow and not as lost. */
const GIVE_UP_AFTER_MS = 30_000;

/** What a post sends: a JSON text, and the key under which it is done once. */
export interface Sent {
  readonly body: string;
  readonly key: string;
}

/** A node that was killed is back within some seconds. */
const MAX_ATTEMPTS = 5;
const RETRY_PAUSE_MS = 1000;

export const PATHS: Record<Post['call'], string> = {
  open: '/api/payments/accounts',
  deposit: '/api/payments/accounts/deposit',
  order: '/api/orders',
};

/** What succeeds is answered with this. */
const SUCCESS: Record<Post['call'], number> = { open: 201, deposit: 200, order: 201 };

/** Whether the answer to a post is the one that was hoped for. */
export function isSuccess(post: Post, answer: Answer): boolean {
  return answer.status === SUCCESS[post.call];
}

/** Whether a post that was not answered well may have had its effect all the same. */
export function isOutcomeUnknown(answer: Answer): boolean {
  return answer.status === 0 || (answer.status >= 500 && answer.status !== 503);
}

/** Speaks to the gateway over connections that stay open, as a shop's own server would. */
export class ShopClient {
  private readonly agent: Agent;
  private readonly apiUrl: string;
  private readonly giveUpAfterMs: number;
  private readonly authorization: { readonly authorization?: string };

  /**
   * @param apiUrl the gateway, for example `http://localhost:8080`
   * @param connections how many requests may be in flight at once; a further one would wait for a free connection
   * @param giveUpAfterMs how long nothing may come
   * @param token a bearer token, where callers have to show one
   */
  constructor(apiUrl: string, connections: number, giveUpAfterMs = GIVE_UP_AFTER_MS, token?: string) {
    this.apiUrl = apiUrl;
    this.giveUpAfterMs = giveUpAfterMs;
    this.authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
    this.agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  /** Sends a post, again under its key while nobody can tell whether it was done: it is done once. */
  async post(post: Post): Promise<Answer> {
    const key = randomUUID();
    for (let attempt = 1; ; attempt++) {
      const answer = await this.send('POST', PATHS[post.call], { body: jsonBody(post), key });
      // An attempt without an answer may still be under way: the next one is told so with a 409.
      const isOpen = isOutcomeUnknown(answer) || (attempt > 1 && answer.status === 409);
      if (!isOpen || attempt === MAX_ATTEMPTS) return answer;
      await sleep(RETRY_PAUSE_MS);
    }
  }

  get(path: string): Promise<Answer> {
    return this.send('GET', path);
  }

  close(): void {
    this.agent.destroy();
  }

  /** Sends a request once; never rejects. */
  send(method: 'GET' | 'POST', path: string, sent?: Sent): Promise<Answer> {
    const startedAt = performance.now();
    return new Promise((resolve) => {
      const answer = (status: number, text: string, location?: string) => {
        resolve({ status, body: text, location, tookMs: performance.now() - startedAt });
      };
      const outgoing = request(
        new URL(path, this.apiUrl),
        {
          method,
          agent: this.agent,
          headers: {
            ...this.authorization,
            ...(sent !== undefined && {
              'content-type': 'application/json',
              'content-length': Buffer.byteLength(sent.body),
              'idempotency-key': sent.key,
            }),
          },
        },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
          incoming.on('end', () => {
            answer(incoming.statusCode ?? 0, Buffer.concat(chunks).toString(), incoming.headers.location);
          });
          incoming.on('error', (error) => {
            answer(0, error.message);
          });
        },
      );
      outgoing.on('error', (error: NodeJS.ErrnoException) => {
        answer(0, error.code ?? error.message);
      });
      outgoing.setTimeout(this.giveUpAfterMs, () => {
        outgoing.destroy(new Error(`no answer in ${this.giveUpAfterMs / 1000} s`));
      });
      outgoing.end(sent?.body);
    });
  }
}
