import type { RawAnswer, Reply } from '../connection.ts';
import type { Expected, FuzzCase } from '../fuzz-case.ts';
import { membersOf, NumberText, readJson } from './check-ok.ts';

/** Holds whatever came back for an input against what the contract says about it. */

/** Statuses of the contract's problems, by type. */
const STATUSES: Readonly<Record<string, number>> = {
  'malformed-json': 400,
  'malformed-request': 400,
  'malformed-order-id': 400,
  unauthorized: 401,
  forbidden: 403,
  'not-found': 404,
  'order-not-found': 404,
  'account-not-found': 404,
  'user-not-found': 404,
  'method-not-allowed': 405,
  'not-acceptable': 406,
  'request-timeout': 408,
  'account-exists': 409,
  'content-too-large': 413,
  'unsupported-media-type': 415,
  'invalid-input': 422,
  'balance-limit': 422,
  'too-many-requests': 429,
  'headers-too-large': 431,
};

const PROBLEM_MEDIA_TYPE = 'application/problem+json; charset=utf-8';
const PROBLEM_MEMBERS = ['type', 'title', 'status', 'detail', 'instance', 'requestId'];
const STACK_TRACE = /\bat \S+ ?\(?.*\.(?:ts|js|mjs):\d+/;

/** @returns what is wrong, a sentence each; none when the contract is kept */
export function checkReply(input: FuzzCase, reply: Reply): string[] {
  if (reply.kind === 'none') return [reply.why];
  if (input.expected.outcomes.length === 0) return reply.answers.flatMap(checkAnyAnswer);
  const [answer, ...more] = reply.answers;
  if (answer === undefined || more.length > 0) return [`${reply.answers.length} answers to one request`];
  return checkAnswer(input, answer);
}

/** Whatever was asked: no 5xx, and every refusal is a problem. */
function checkAnyAnswer(answer: RawAnswer): string[] {
  if (answer.status >= 500) return [`status ${answer.status}`];
  return answer.status >= 400 && answer.body.length > 0 ? problemFaults(answer) : [];
}

function checkAnswer({ request, expected }: FuzzCase, answer: RawAnswer): string[] {
  const id = answer.headers.get('x-request-id');
  const faults = [
    ...(id === undefined ? ['no X-Request-ID'] : []),
    ...(request.requestId !== null && id !== request.requestId ? [`X-Request-ID is ${id ?? 'missing'}`] : []),
  ];
  if (answer.status >= 500) return [...faults, `status ${answer.status}: ${answer.body.toString()}`];
  if (answer.status < 400) return [...faults, ...checkOk(expected, answer)];
  const types = expected.outcomes.filter((outcome) => STATUSES[outcome] === answer.status);
  if (types.length === 0) {
    return [...faults, `status ${answer.status} instead of ${wanted(expected)}: ${answer.body.toString()}`];
  }
  if (request.method === 'HEAD') return faults;
  const problem = membersOf(readJson(answer.body.toString()));
  const type = String(problem['type']).replace('/problems/', '');
  return [
    ...faults,
    ...problemFaults(answer),
    ...(types.includes(type) ? [] : [`the problem ${type} instead of ${types.join(' or ')}`]),
    ...(expected.outcomes.length > 1 || request.path === '' || problem['instance'] === request.path || request.alone
      ? []
      : [`instance is ${String(problem['instance'])}`]),
    ...(type === 'invalid-input' ? pointerFaults(problem['errors'], expected) : []),
    ...(type === 'method-not-allowed' && !answer.headers.has('allow') ? ['405 without Allow'] : []),
  ];
}

function wanted({ outcomes, status }: Expected): string {
  return outcomes
    .map((outcome) => (outcome === 'ok' ? String(status) : `${STATUSES[outcome] ?? ''} ${outcome}`))
    .join(' or ');
}

function checkOk(expected: Expected, { status, headers, body }: RawAnswer): string[] {
  if (!expected.outcomes.includes('ok')) return [`status ${status} instead of ${wanted(expected)}`];
  if (status !== expected.status) return [`status ${status} instead of ${expected.status}`];
  const text = body.toString();
  return [...expected.check({ headers, text, json: readJson(text) })];
}

/** RFC 9457, with the members that the contract names and no others. */
function problemFaults({ status, headers, body }: RawAnswer): string[] {
  const text = body.toString();
  const json = readJson(text);
  const { type, errors, ...problem } = membersOf(json);
  const kind = String(type).replace(/^\/problems\//, '');
  const others = Object.keys(problem).filter((name) => !PROBLEM_MEMBERS.includes(name));
  return [
    [
      headers.get('content-type') === PROBLEM_MEDIA_TYPE,
      `the problem is ${headers.get('content-type') ?? 'of no type'}`,
    ],
    [STATUSES[kind] === status, `the problem ${kind} has the status ${status}`],
    [
      problem['status'] instanceof NumberText && problem['status'].text === String(status),
      'status differs in the body',
    ],
    [isSentence(problem['title']) && isSentence(problem['detail']), 'title or detail is missing'],
    [typeof problem['instance'] === 'string', 'instance is missing'],
    [problem['requestId'] === headers.get('x-request-id'), 'requestId is not X-Request-ID'],
    [others.length === 0, `a problem has the member ${others.join(', ')}`],
    [errors === undefined || areFieldErrors(errors), 'errors is no list of pointers and details'],
    [!STACK_TRACE.test(text), 'a stack trace'],
  ].flatMap(([holds, fault]) => (holds === true ? [] : [`${String(fault)}: ${text}`]));
}

function isSentence(value: unknown): boolean {
  return typeof value === 'string' && value.length > 0;
}

function areFieldErrors(errors: unknown): boolean {
  return (
    Array.isArray(errors) &&
    errors.length > 0 &&
    errors.every((error) => {
      const { pointer, detail, ...others } = membersOf(error);
      return typeof pointer === 'string' && isSentence(detail) && Object.keys(others).length === 0;
    })
  );
}

function pointerFaults(errors: unknown, { pointers }: Expected): string[] {
  if (pointers.length === 0) return [];
  const named = Array.isArray(errors) ? errors.map((error) => String(membersOf(error)['pointer'])) : [];
  const key = (set: readonly string[]): string => JSON.stringify([...set].sort());
  return pointers.some((set) => key(set) === key(named))
    ? []
    : [`named are ${key(named)} instead of ${pointers.map(key).join(' or ')}`];
}
