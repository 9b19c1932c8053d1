import { Errors } from 'moleculer';

/**
 * The one catalogue of errors that a caller can meet: a stable `type`, its HTTP status and a title.
 * Errors travel between nodes as Moleculer's own class; on the other side only name, code, type and data
 * survive, so branch on `type`, never on `instanceof`.
 */
export const PROBLEMS = {
  'malformed-json': { status: 400, title: 'The body is not well-formed JSON' },
  'malformed-request': { status: 400, title: 'The request cannot be read' },
  'malformed-order-id': { status: 400, title: 'The order id is not a UUID' },
  'not-found': { status: 404, title: 'There is nothing at this address' },
  'order-not-found': { status: 404, title: 'The order does not exist' },
  'account-not-found': { status: 404, title: 'The account does not exist' },
  'method-not-allowed': { status: 405, title: 'This address does not take this method' },
  'not-acceptable': { status: 406, title: 'Answers are JSON only' },
  'account-exists': { status: 409, title: 'The account exists already' },
  'content-too-large': { status: 413, title: 'The body is too large' },
  'unsupported-media-type': { status: 415, title: 'Bodies are JSON only' },
  'invalid-input': { status: 422, title: 'The input is not valid' },
  'balance-limit': { status: 422, title: 'The balance would pass its limit' },
  'internal-error': { status: 500, title: 'Something went wrong on our side' },
  'service-unavailable': { status: 503, title: 'The service is not available right now' },
  'outcome-unknown': { status: 504, title: 'The outcome is not known' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemType = keyof typeof PROBLEMS;

/** One bad field of a request. */
export interface FieldError {
  /** JSON pointer into the body (`/amount`), or the name of a query or path parameter. */
  readonly pointer: string;
  readonly detail: string;
}

export interface ProblemData {
  readonly errors?: readonly FieldError[];
  /** Seconds after which a retry makes sense. */
  readonly retryAfterS?: number;
  /** Value of the `Allow` header, for `method-not-allowed`. */
  readonly allow?: string;
}

/**
 * Makes an error of the catalogue, ready to be thrown by an action.
 *
 * @param type the problem's stable type
 * @param detail a sentence for the caller: what happened, and what to do next
 * @param data bad fields, or when to retry
 */
export function problem(type: ProblemType, detail: string, data: ProblemData = {}): Errors.MoleculerError {
  return new Errors.MoleculerError(detail, PROBLEMS[type].status, type, data);
}

/** True for an error of the catalogue, wherever it was thrown. */
export function isProblem(error: unknown): error is { type: ProblemType; message: string; data?: ProblemData } {
  return (
    typeof error === 'object' &&
    error !== null &&
    'type' in error &&
    typeof error.type === 'string' &&
    Object.hasOwn(PROBLEMS, error.type)
  );
}
