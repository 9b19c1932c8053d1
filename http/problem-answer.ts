import { challengeOf } from './challenge.ts';
import type { ProblemDocument } from '../contract/problem.ts';
import { isProblem, PROBLEMS, type FieldError, type ProblemData, type ProblemType } from '../problems/problems.ts';

/** An error as the client sees it (RFC 9457). */
export interface ProblemAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** `application/problem+json` text. */
  readonly body: string;
}

/** What happened, in the catalogue's words. */
export interface Diagnosis {
  readonly type: ProblemType;
  readonly detail: string;
  readonly data: ProblemData;
}

export const PROBLEM_MEDIA_TYPE = 'application/problem+json; charset=utf-8';
const DEFAULT_RETRY_AFTER_S = 1;
/** Problems that pass by themselves. */
const RETRIED_LATER: ReadonlySet<ProblemType> = new Set([
  'service-unavailable',
  'rate-limited',
  'idempotency-key-in-use',
]);

/** Moleculer's errors of calls that reached nobody: nothing was done. */
const NEVER_CALLED = new Set(['SERVICE_NOT_FOUND', 'SERVICE_NOT_AVAILABLE', 'BAD_GATEWAY', 'QUEUE_FULL']);
/** Moleculer's errors of calls that somebody may have begun. */
const NEVER_ANSWERED = new Set(['REQUEST_TIMEOUT', 'REQUEST_SKIPPED', 'REQUEST_REJECTED', 'outcome-unknown']);

/**
 * Puts whatever was thrown into the catalogue's words. By `type`, never by class: an error of another node arrives as a
 * plain one.
 *
 * @param error what a parser, an action or the broker threw
 * @param whenOutcomeUnknown for a call that changes something: what to do when it is not known whether it did
 */
export function diagnose(error: unknown, whenOutcomeUnknown?: string): Diagnosis {
  const type = typeOf(error);
  if (NEVER_CALLED.has(type)) {
    return unavailable('The service that does this is not there right now. Nothing was done; try again.');
  }
  if (NEVER_ANSWERED.has(type)) {
    return whenOutcomeUnknown === undefined
      ? unavailable('The service did not answer in time. Nothing was changed; try again.')
      : { type: 'outcome-unknown', detail: `No answer came in time. ${whenOutcomeUnknown}`, data: {} };
  }
  if (isProblem(error)) return { type: error.type, detail: error.message, data: error.data ?? {} };
  return {
    type: 'internal-error',
    detail: 'The request met a defect on our side. Report the requestId: the log has the rest.',
    data: {},
  };
}

function typeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'type' in error ? String(error.type) : '';
}

function unavailable(detail: string): Diagnosis {
  return { type: 'service-unavailable', detail, data: {} };
}

/**
 * Writes a problem's answer.
 *
 * @param instance path of the request
 * @param requestId under which the log has more
 */
export function problemAnswer({ type, detail, data }: Diagnosis, instance: string, requestId: string): ProblemAnswer {
  const challenge = challengeOf(type, detail, data);
  const { status, title } = PROBLEMS[type];
  const document: ProblemDocument = { type: `/problems/${type}`, title, status, detail, instance, requestId };
  if (data.errors !== undefined) document.errors = data.errors.map(fieldError);
  const body = JSON.stringify(document);
  return {
    status,
    headers: {
      'Content-Type': PROBLEM_MEDIA_TYPE,
      'Content-Length': String(Buffer.byteLength(body)),
      'Cache-Control': 'no-store',
      'X-Request-ID': requestId,
      ...(data.allow !== undefined && { Allow: data.allow }),
      ...(challenge !== null && { 'WWW-Authenticate': challenge }),
      ...(RETRIED_LATER.has(type) && { 'Retry-After': String(data.retryAfterS ?? DEFAULT_RETRY_AFTER_S) }),
      // What would have been taken (RFC 9110, 15.5.16).
      ...(type === 'unsupported-media-type' && { 'Accept-Post': 'application/json', 'Accept-Encoding': 'gzip' }),
    },
    body,
  };
}

/** Only what the contract names, whatever else an action may have put in. */
function fieldError({ pointer, detail }: FieldError): FieldError {
  return { pointer, detail };
}
