import { invalidInput, type Input } from '../contract/define-input.ts';
import { IDEMPOTENCY_KEY_HEADER } from '../contract/idempotency-key.ts';
import { crashPoint } from '../crash-points/crash-point.ts';
import { isProblem, problem, type FieldError } from '../problems/problems.ts';
import { accepts } from './accept.ts';
import { mayActFor } from './access.ts';
import { answerJson, answerNotModified } from './answers.ts';
import { hasCurrent } from './etag.ts';
import { readIdempotencyKey, takesIdempotencyKey } from './idempotency-key.ts';
import { readInput } from './read-input.ts';
import type { CallRoute, ContractRoute, Exchange } from './route.ts';

const NO_KEY = { ok: true, value: null } as const;

/** What travels with a call beside its input. */
export interface CallMeta {
  readonly requestId: string;
  /** The token's user; null where authorisation is off. */
  readonly caller: string | null;
  /** Under which a call that changes something has its effect once. */
  readonly idempotencyKey?: string;
}

/** Calls an action; what it throws may be an error of another node. */
export type CallAction = (action: string, input: object, meta: CallMeta) => Promise<unknown>;

/** What an action threw, with what its caller can do who cannot know whether it was done. */
export class CallFailed extends Error {
  readonly whenOutcomeUnknown: string | undefined;

  constructor(cause: unknown, whenOutcomeUnknown: string | undefined) {
    super('A call failed.', { cause });
    this.whenOutcomeUnknown = whenOutcomeUnknown;
  }
}

/**
 * Answers a request to a call of the contract: reads and checks its input, asks the action, represents what it answers.
 *
 * @throws a problem of the request; `CallFailed` around what the action threw
 */
export async function answerCall(route: CallRoute, exchange: Exchange, call: CallAction): Promise<void> {
  assertAccepted(exchange, 'application/json');
  const asked = await readAsked(route, exchange);
  const answer = await askAction(route, exchange, asked, call);
  crashPoint('http.before-answer');
  represent(route, exchange, answer);
}

/** @throws the problem `not-acceptable` when the client does not take what would be answered */
export function assertAccepted({ request }: Exchange, mediaType: string): void {
  if (accepts(request.headers.accept, mediaType)) return;
  throw problem('not-acceptable', `Let the Accept header include ${mediaType}, or leave it out.`);
}

/** What a request asks for. */
export interface Asked<Input extends object> {
  readonly input: Input;
  readonly idempotencyKey: string | null;
}

/** @throws what is wrong with the input or the idempotency key; what is said about something of another user */
export async function readAsked<Fields extends object>(
  route: ContractRoute & { readonly input: Input<Fields> },
  exchange: Exchange,
): Promise<Asked<Fields>> {
  const key = takesIdempotencyKey(route) ? readIdempotencyKey(exchange.request) : NO_KEY;
  const given = await readInput(route, exchange.request, exchange.target.query, exchange.params);
  const { parse }: Input<Fields> = route.input;
  if (!key.ok) throw invalidInput([...errorsOf(parse, given), { pointer: IDEMPOTENCY_KEY_HEADER, detail: key.detail }]);
  const input = parse(given);
  if (route.owner === 'input') assertOwn(route, exchange, input, input);
  return { input, idempotencyKey: key.value };
}

/** What else is wrong is told at once. */
function errorsOf(parse: (given: unknown) => object, given: unknown): readonly FieldError[] {
  try {
    parse(given);
    return [];
  } catch (error) {
    if (isProblem(error) && error.type === 'invalid-input') return error.data?.errors ?? [];
    throw error;
  }
}

/**
 * Calls the action.
 *
 * @throws `CallFailed` around what it threw; what is said about something of another user
 */
export async function askAction(
  route: ContractRoute,
  exchange: Exchange,
  { input, idempotencyKey: key }: Asked<object>,
  call: CallAction,
): Promise<unknown> {
  const meta: CallMeta = {
    requestId: exchange.requestId,
    caller: exchange.caller.subject,
    ...(key !== null && { idempotencyKey: key }),
  };
  const answer = await call(route.action, input, meta).catch((error: unknown) => {
    throw new CallFailed(error, whenOutcomeUnknown(route, key));
  });
  if (route.owner === 'answer') assertOwn(route, exchange, input, answer);
  return answer;
}

function whenOutcomeUnknown(route: ContractRoute, key: string | null): string | undefined {
  if (route.whenOutcomeUnknown === undefined) return undefined;
  return key === null
    ? `${route.whenOutcomeUnknown} With an Idempotency-Key the same request can simply be sent again: use one next time.`
    : 'Send it again with the same Idempotency-Key: it is done once.';
}

/** @throws what is also said about something that does not exist */
function assertOwn(route: ContractRoute, { caller }: Exchange, input: object, owned: unknown): void {
  const { userId } = owned as { userId: string };
  if (!mayActFor(route.access, caller, userId)) throw route.foreign(input);
}

function represent(route: CallRoute, { request, response }: Exchange, answer: unknown): void {
  response.setHeader('Cache-Control', route.method === 'GET' ? 'private, no-cache' : 'no-store');
  if (route.location !== undefined) response.setHeader('Location', route.location(answer));
  if (route.etag !== undefined) {
    const etag = `"${route.etag(answer)}"`;
    response.setHeader('ETag', etag);
    if (hasCurrent(request.headers['if-none-match'], etag)) {
      answerNotModified(response);
      return;
    }
  }
  answerJson(response, route.status, route.represent(answer));
}
