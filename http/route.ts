import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Input } from '../contract/define-input.ts';
import type { Access, Caller, UserAccess } from './access.ts';
import type { Target } from './target.ts';

/** An address of the door: no path answers that is not one, and none is without the access that it asks for. */
export type Route = CallRoute | PageRoute;

/** One call of the REST contract: how a request becomes an action's input, and its answer a response. */
export interface CallRoute {
  readonly kind: 'call';
  readonly method: 'GET' | 'POST';
  /** Absolute; `:name` is a path parameter. */
  readonly path: string;
  readonly access: UserAccess;
  /** Whose `userId` says to whom belongs what the call is about. */
  readonly owner: 'input' | 'answer';
  /** What a caller is told about something of another user: the same as if it did not exist. */
  readonly foreign: (input: object) => Error;
  readonly action: string;
  /** Where the input comes from. Whatever else the request carries is refused. */
  readonly inputFrom: 'body' | 'query' | 'path' | 'path and query';
  readonly input: Input;
  readonly status: 200 | 201;
  readonly represent: (answer: unknown) => object;
  /** Path of what was created. */
  readonly location?: (answer: unknown) => string;
  /** Names the version of one thing: changes whenever its representation does. */
  readonly etag?: (answer: unknown) => string;
  /** Of a call that changes something: what a caller does who cannot know whether it was done. */
  readonly whenOutcomeUnknown?: string;
}

/** What the door answers by itself: health, documentation, the pages of problems. */
export interface PageRoute {
  readonly kind: 'page';
  readonly method: 'GET';
  readonly path: string;
  readonly access: Access;
  readonly answer: (exchange: Exchange) => Promise<void> | void;
}

/** A request that has passed the door's checks, and its response. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  readonly target: Target;
  /** Of the path, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly caller: Caller;
}

/**
 * Types what a call takes and answers: an answer of another service is only known by contract.
 *
 * @param definition the route; `foreign`, `represent`, `location` and `etag` typed by its input and its answer
 */
export function callRoute<Asked extends object, Answer>(
  definition: Omit<CallRoute, 'kind' | 'input' | 'foreign' | 'represent' | 'location' | 'etag'> & {
    readonly input: Input<Asked>;
    readonly foreign: (input: Asked) => Error;
    readonly represent: (answer: Answer) => object;
    readonly location?: (answer: Answer) => string;
    readonly etag?: (answer: Answer) => string;
  },
): CallRoute {
  return { kind: 'call', ...definition } as unknown as CallRoute;
}
