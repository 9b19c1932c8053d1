import { Errors } from 'moleculer';
import { diagnose, problemAnswer } from '../../../http/problem-answer.ts';
import { orderRoutes, paymentRoutes } from '../../../http/routes.ts';
import { problemIndexPage, problemPage } from '../../../http/problem-page.ts';
import { problem, PROBLEMS, type ProblemType } from '../../../problems/problems.ts';

const LOOK_IT_UP = 'Look it up.';

/** As an error of another node arrives: a plain one, with some of its fields. */
function fromAnotherNode(error: Errors.MoleculerError): Error {
  return Object.assign(new Error(error.message), {
    name: error.name,
    code: error.code,
    type: error.type,
    data: error.data as unknown,
  });
}

test.each([
  new Errors.ServiceNotFoundError({ action: 'orders.create' }),
  new Errors.ServiceNotAvailableError({ action: 'orders.create' }),
  // Its declared parameters are not those that it takes.
  Reflect.construct(Errors.BrokerDisconnectedError, []) as Errors.MoleculerError,
  new Errors.QueueIsFullError({ action: 'orders.create' }),
  problem('service-unavailable', 'The database does not answer.'),
])('$name before a call reached anyone: unavailable, for a write as for a read', (error) => {
  for (const seen of [error, fromAnotherNode(error)]) {
    expect(diagnose(seen).type).toBe('service-unavailable');
    expect(diagnose(seen, LOOK_IT_UP).type).toBe('service-unavailable');
  }
});

test.each([
  new Errors.RequestTimeoutError({ action: 'orders.create', nodeID: 'n' }),
  new Errors.RequestRejectedError({ action: 'orders.create', nodeID: 'n' }),
  new Errors.RequestSkippedError({ action: 'orders.create', nodeID: 'n' }),
  problem('outcome-unknown', 'The request was sent and not answered.'),
])('$name after a call was sent: unknown for a write, which says what to do; unavailable for a read', (error) => {
  for (const seen of [error, fromAnotherNode(error)]) {
    expect(diagnose(seen).type).toBe('service-unavailable');
    expect(diagnose(seen, LOOK_IT_UP)).toMatchObject({
      type: 'outcome-unknown',
      detail: expect.stringContaining(LOOK_IT_UP) as string,
    });
  }
});

test.each([
  new TypeError('secret'),
  new Errors.MoleculerError('secret', 418, 'TEAPOT', { secret: 1 }),
  'secret',
  null,
  undefined,
  { type: 'toString' },
])('a defect (%p) shows nothing of itself', (error) => {
  const diagnosis = diagnose(error);
  expect(diagnosis.type).toBe('internal-error');
  expect(JSON.stringify(problemAnswer(diagnosis, '/', 'r'))).not.toContain('secret');
});

test('a problem of an action keeps its words, and gives away only what the contract names', () => {
  const error = problem('invalid-input', 'Bad.', { errors: [{ pointer: '/a', detail: 'b', secret: 1 } as never] });
  const { status, headers, body } = problemAnswer(diagnose(fromAnotherNode(error)), '/api/orders', 'r-1');
  expect(status).toBe(422);
  expect(headers['Content-Type']).toBe('application/problem+json; charset=utf-8');
  expect(JSON.parse(body)).toEqual({
    type: '/problems/invalid-input',
    title: 'The input is not valid',
    status: 422,
    detail: 'Bad.',
    instance: '/api/orders',
    requestId: 'r-1',
    errors: [{ pointer: '/a', detail: 'b' }],
  });
});

test('503 says when to come back, 405 what is taken, 415 what is understood', () => {
  const headersOf = (error: Error): object => problemAnswer(diagnose(error), '/', 'r').headers;
  expect(headersOf(problem('service-unavailable', ''))).toMatchObject({ 'Retry-After': '1' });
  expect(headersOf(problem('service-unavailable', '', { retryAfterS: 7 }))).toMatchObject({ 'Retry-After': '7' });
  expect(headersOf(problem('method-not-allowed', '', { allow: 'GET' }))).toMatchObject({ Allow: 'GET' });
  expect(headersOf(problem('unsupported-media-type', ''))).toMatchObject({ 'Accept-Encoding': 'gzip' });
});

test('every kind of problem has its page, with an example and who answers it, and nothing else has', () => {
  const routes = [...orderRoutes, ...paymentRoutes];
  for (const type of Object.keys(PROBLEMS) as ProblemType[]) {
    const page = problemPage(type, routes);
    expect(page).toContain(PROBLEMS[type].title);
    expect(page).toContain(`"type": "/problems/${type}"`);
    expect(page).not.toContain('<token>');
    expect(problemIndexPage()).toContain(`href="/problems/${type}"`);
  }
  const operations = [...(problemPage('account-not-found', routes)?.matchAll(/<code>(\S+ \S+)<\/code>/g) ?? [])];
  expect(operations.map(([, operation]) => operation)).toEqual([
    'POST /api/payments/accounts/deposit',
    'GET /api/payments/accounts/{userId}',
    'GET /api/payments/accounts/{userId}/entries',
  ]);
  for (const type of ['', 'nonsense', '__proto__', 'toString']) expect(problemPage(type, routes)).toBeNull();
});

test('401 and 403 say what token is asked for, in characters that a header takes', () => {
  const challengeOf = (error: Error): string | undefined =>
    problemAnswer(diagnose(error), '/', 'r').headers['WWW-Authenticate'];
  expect(challengeOf(problem('unauthorized', 'None.'))).toBe('Bearer realm="orders-payments"');
  expect(challengeOf(problem('unauthorized', 'A "bad"\r\n token ☕.', { isTokenInvalid: true }))).toBe(
    `Bearer realm="orders-payments", error="invalid_token", error_description="A 'bad''' token '."`,
  );
  expect(challengeOf(problem('forbidden', 'No.', { scope: 'operator' }))).toBe(
    'Bearer realm="orders-payments", error="insufficient_scope", scope="operator"',
  );
  expect(challengeOf(problem('forbidden', 'No.'))).toBeUndefined();
  expect(challengeOf(problem('not-found', 'No.'))).toBeUndefined();
});
