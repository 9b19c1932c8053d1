import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Input } from '../contract/define-input.ts';
import type { ShowOrderInput } from '../contract/inputs.ts';
import type { Access, Caller, OperatorAccess, PublicAccess, UserAccess } from './access.ts';
import type { CallDocumentation, PageDocumentation, StreamDocumentation } from './openapi/documentation.ts';
import type { Target } from './target.ts';

/** An address of the document: none is without the access that it asks for. */
export type Route = ContractRoute | PageRoute;

/** An address of the REST contract. */
export type ContractRoute = CallRoute | StreamRoute;

/** What every address of the contract says: how a request becomes an action's input, and who may ask. */
interface ActionRoute {
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
  /** Of a call that changes something: what a caller does who cannot know whether it was done. */
  readonly whenOutcomeUnknown?: string;
}

/** One call of the REST contract: what the action answers becomes a response. */
export interface CallRoute extends ActionRoute {
  readonly kind: 'call';
  readonly method: 'GET' | 'POST';
  readonly documentation: CallDocumentation;
  readonly status: 200 | 201;
  readonly represent: (answer: unknown) => object;
  /** Path of what was created. */
  readonly location?: (answer: unknown) => string;
  /** Names the version of one thing: changes whenever its representation does. */
  readonly etag?: (answer: unknown) => string;
}

/** What becomes of an order, as server-sent events; the action reads it as it is when the stream begins. */
export interface StreamRoute extends ActionRoute {
  readonly kind: 'stream';
  readonly method: 'GET';
  readonly documentation: StreamDocumentation;
  readonly input: Input<ShowOrderInput>;
}

/** What the door answers by itself: health, documentation, the pages of problems. */
export interface PageRoute {
  readonly kind: 'page';
  readonly method: 'GET';
  readonly path: string;
  readonly access: Access;
  readonly documentation: PageDocumentation;
  readonly answer: (exchange: Exchange) => Promise<void> | void;
}

/** An address of the operator's console: no part of the contract, and in no document. */
export interface ConsoleRoute {
  readonly kind: 'console';
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly access: PublicAccess | OperatorAccess;
  readonly answer: (exchange: Exchange) => Promise<void> | void;
  /**
   * Answers a request that is not let in, instead of a problem: how a person comes in.
   *
   * @returns whether it did
   */
  readonly refuse?: (response: ServerResponse, error: unknown) => boolean;
}

/** Whatever has a path at a door. */
export type Address = Route | ConsoleRoute;

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
  definition: Omit<CallRoute, 'kind' | 'input' | 'documentation' | 'foreign' | 'represent' | 'location' | 'etag'> & {
    readonly input: Input<Asked>;
    readonly documentation: CallDocumentation<Answer>;
    readonly foreign: (input: Asked) => Error;
    readonly represent: (answer: Answer) => object;
    readonly location?: (answer: Answer) => string;
    readonly etag?: (answer: Answer) => string;
  },
): CallRoute {
  return { kind: 'call', ...definition } as unknown as CallRoute;
}

/** The same for a stream. */
export function streamRoute(
  definition: Omit<StreamRoute, 'kind' | 'method' | 'foreign'> & { readonly foreign: (input: ShowOrderInput) => Error },
): StreamRoute {
  return { kind: 'stream', method: 'GET', ...definition } as StreamRoute;
}
