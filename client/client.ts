import createClient, { type Client } from 'openapi-fetch';
import type { components, paths } from './schema.d.ts';

/**
 * A client of the REST contract: every path, parameter, body and answer is typed by the OpenAPI document, problems
 * included (`error.type` tells them apart).
 */

export type Problem = components['schemas']['Problem'];
export type ApiClient = Client<paths>;

export interface ClientOptions {
  /** The gateway or a service's own door, for example `http://localhost:8080`. */
  readonly baseUrl: string;
  /** Asked for at each request, as tokens expire. */
  readonly token?: () => string | Promise<string>;
  readonly fetch?: (request: Request) => Promise<Response>;
}

/** A problem as an error, for who would rather catch than look. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(`${problem.title}: ${problem.detail} (${problem.requestId})`);
    this.problem = problem;
  }
}

/**
 * Makes a client. Each `POST` carries an `Idempotency-Key` of its own, unless it is given one: a request that is to be
 * repeated needs the same key both times.
 */
export function apiClient({ baseUrl, token, fetch }: ClientOptions): ApiClient {
  const client = createClient<paths>({ baseUrl, ...(fetch && { fetch }) });
  client.use({
    async onRequest({ request }) {
      if (token !== undefined) request.headers.set('Authorization', `Bearer ${await token()}`);
      if (request.method === 'POST' && !request.headers.has('Idempotency-Key')) {
        request.headers.set('Idempotency-Key', crypto.randomUUID());
      }
      return request;
    },
  });
  return client;
}

/**
 * What a call answered.
 *
 * @throws ProblemError when that was a problem
 */
export function dataOf<Data>({ data, error }: { data?: Data; error?: unknown }): Data {
  if (error !== undefined) throw new ProblemError(error as Problem);
  return data as Data;
}
