import { Errors } from 'moleculer';

interface Problem {
  /** HTTP status. */
  readonly status: number;
  readonly title: string;
  /** What it means, for the page at `/problems/<type>`. */
  readonly meaning: string;
  /** What the caller does next. */
  readonly next: string;
}

/**
 * The one catalogue of errors that a caller can meet: a stable `type`, its HTTP status and a title.
 * Errors travel between nodes as Moleculer's own class; on the other side only name, code, type and data
 * survive, so branch on `type`, never on `instanceof`.
 */
export const PROBLEMS = {
  'malformed-json': {
    status: 400,
    title: 'The body is not well-formed JSON',
    meaning: 'The body is missing, cut off, not JSON, not UTF-8, no object, or has a key twice in one object.',
    next: 'Send one JSON object in UTF-8. Nothing was done with this request.',
  },
  'malformed-request': {
    status: 400,
    title: 'The request cannot be read',
    meaning: 'The bytes are no HTTP/1.1 request, or the path, the query or a compressed body does not decode.',
    next: 'Check the percent-encoding, the Host header and the Content-Encoding. Nothing was done with this request.',
  },
  'malformed-order-id': {
    status: 400,
    title: 'The order id is not a UUID',
    meaning: 'Orders are addressed by the orderId that the answer to their creation gave.',
    next: 'Use that id, or list the orders of the user.',
  },
  unauthorized: {
    status: 401,
    title: 'The request needs a token that is valid',
    meaning:
      'Authorisation is on, and the request has no bearer token, or one that is expired, forged or for somebody else.',
    next: 'Get a token from whoever issues them here, and send it as Authorization: Bearer <token>.',
  },
  forbidden: {
    status: 403,
    title: 'The token does not allow this',
    meaning: 'The token is valid and lacks the scope that this call needs; the detail names it.',
    next: 'Use a token that was issued with this scope.',
  },
  'not-found': {
    status: 404,
    title: 'There is nothing at this address',
    meaning: 'No call and no page has this path. Paths are case-sensitive and do not end with a slash.',
    next: 'GET / names every address.',
  },
  'order-not-found': {
    status: 404,
    title: 'The order does not exist',
    meaning: 'The id is well-formed, and no order has it.',
    next: 'Use the orderId from the answer that created the order.',
  },
  'account-not-found': {
    status: 404,
    title: 'The account does not exist',
    meaning: 'No account was opened for this user. A deposit never opens one silently.',
    next: 'Open the account with POST /api/payments/accounts, then repeat the call.',
  },
  'user-not-found': {
    status: 404,
    title: 'There is no such user for this token',
    meaning: 'A token acts for its own user; other users do not exist for it, whether they have orders or not.',
    next: 'Use the userId that the token was issued for, or a token of a service that acts for all users.',
  },
  'method-not-allowed': {
    status: 405,
    title: 'This address does not take this method',
    meaning: 'The path is known, the method is not one that it takes.',
    next: 'Use a method that the Allow header names.',
  },
  'not-acceptable': {
    status: 406,
    title: 'There is no answer of a kind that you accept',
    meaning:
      "The request's Accept header excludes what this address answers: application/json, or text/event-stream where it streams.",
    next: 'Leave the header out, or let it include what the detail names.',
  },
  'request-timeout': {
    status: 408,
    title: 'The request came too slowly',
    meaning: 'The headers and body of a request have to arrive within seconds; these did not.',
    next: 'Send the request again on a new connection. Nothing was done with this one.',
  },
  'account-exists': {
    status: 409,
    title: 'The account exists already',
    meaning: 'Every user has at most one account; the existing one was left as it is.',
    next: 'Go on: the account is there.',
  },
  'idempotency-key-in-use': {
    status: 409,
    title: 'A request with this idempotency key is still running',
    meaning: 'Two requests under one key came at the same time. Nothing was done for this one.',
    next: 'Send it again after the seconds that Retry-After names: it gets the first answer, or is done now if the first failed.',
  },
  'content-too-large': {
    status: 413,
    title: 'The body is too large',
    meaning: 'A body has at most 16 384 bytes, also after inflating, and nests at most 8 levels deep.',
    next: 'Send less. Nothing was done with this request.',
  },
  'unsupported-media-type': {
    status: 415,
    title: 'Bodies are JSON only',
    meaning: 'A body needs Content-Type: application/json, in UTF-8, and may be compressed with gzip.',
    next: 'Set the headers accordingly and send the request again.',
  },
  'invalid-input': {
    status: 422,
    title: 'The input is not valid',
    meaning: 'Fields are missing, unknown or not of the form that they need. The member errors names each of them.',
    next: 'Correct every field in errors and send the request again. Nothing was done with this one.',
  },
  'idempotency-key-reused': {
    status: 422,
    title: 'The idempotency key belongs to another request',
    meaning: 'An earlier request of the same caller had an effect under this key, with other values. Nothing was done.',
    next: 'Give every new request a key of its own; repeat a request with the same key and the same values.',
  },
  'balance-limit': {
    status: 422,
    title: 'The balance would pass its limit',
    meaning: 'A balance is at most 9 999 999 999 999.99, and this deposit would lift it above. Nothing was deposited.',
    next: 'Deposit less.',
  },
  'rate-limited': {
    status: 429,
    title: 'Too many requests',
    meaning: 'This caller has sent more requests in a short time than one caller may.',
    next: 'Send the request again after the seconds that Retry-After names. Nothing was done with this one.',
  },
  'headers-too-large': {
    status: 431,
    title: 'The headers are too large',
    meaning: 'The request line and headers together have at most 16 KiB.',
    next: 'Send fewer or shorter headers. Nothing was done with this request.',
  },
  'internal-error': {
    status: 500,
    title: 'Something went wrong on our side',
    meaning: 'A defect, never a fault of the request. The log has the details under the requestId.',
    next: 'Report the requestId. Look up what the call would have changed before you repeat it.',
  },
  'service-unavailable': {
    status: 503,
    title: 'The service is not available right now',
    meaning: 'The service, its database or Kafka is down, starting or stopping. Nothing was done with this request.',
    next: 'Repeat the same request after the seconds that Retry-After names.',
  },
  'outcome-unknown': {
    status: 504,
    title: 'The outcome is not known',
    meaning: 'The request was handed on and no answer came in time: it may or may not have been done.',
    next: 'Send it again with the same Idempotency-Key: it is done once. If it had none, look up what it would have changed before you repeat it, and use a key next time.',
  },
} as const satisfies Record<string, Problem>;

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
  /** For `unauthorized`: there was a token, and it is no good. */
  readonly isTokenInvalid?: boolean;
  /** What the token lacks, for `forbidden`. */
  readonly scope?: string;
}

/**
 * Makes an error of the catalogue, ready to be thrown by an action. It has no stack: it is an answer, not a defect, and under
 * overload the stacks would be a fifth of what refusals cost.
 *
 * @param type the problem's stable type
 * @param detail a sentence for the caller: what happened, and what to do next
 * @param data bad fields, or when to retry
 */
export function problem(type: ProblemType, detail: string, data: ProblemData = {}): Errors.MoleculerError {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return new Errors.MoleculerError(detail, PROBLEMS[type].status, type, data);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
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
