import { BrokerLogger } from '../../../logs/broker-logger.ts';
import { openLog } from '../../../logs/open-log.ts';
import { withRequestId } from '../../../logs/request-context.ts';

type Level = 'debug' | 'info' | 'error';

/** The lines of one logger of a production node. */
function logOf(logLevel: Level): {
  readonly log: (level: Level, ...parts: unknown[]) => void;
  readonly lines: Record<string, unknown>[];
} {
  const lines: Record<string, unknown>[] = [];
  const write = (text: string): void => void lines.push(JSON.parse(text) as Record<string, unknown>);
  const logger = new BrokerLogger(openLog({ environment: 'production', logLevel }, { write }), logLevel);
  const handler = logger.getLogHandler({ nodeID: 'orders-0', ns: '', mod: 'orders', svc: 'orders' });
  return { lines, log: (level, ...parts) => handler?.(level, parts) };
}

test('a line has a time, a level, its node and service, what happened, and what it is about', () => {
  const { log, lines } = logOf('info');
  withRequestId('r-1', () => {
    log('info', 'An order is accepted.', { orderId: 'o-1' });
  });
  expect(lines).toEqual([
    {
      level: 'info',
      time: expect.stringMatching(/^\d{4}-.*Z$/) as unknown,
      nodeID: 'orders-0',
      service: 'orders',
      requestId: 'r-1',
      orderId: 'o-1',
      msg: 'An order is accepted.',
    },
  ]);
});

test('what is below the level is no line', () => {
  const { log, lines } = logOf('info');
  log('debug', 'Nobody wants to know.');
  expect(lines).toEqual([]);
});

test('a line that names something personal shows that it did, and not what', () => {
  const { log, lines } = logOf('info');
  log('info', 'By mistake.', {
    userId: 'alice',
    order: { amount: '4.05', description: 'tea', deep: { token: 'abc' } },
  });
  expect(lines[0]).toMatchObject({
    userId: '[redacted]',
    order: { amount: '[redacted]', description: '[redacted]', deep: { token: '[redacted]' } },
  });
});

test('an error of the database tells its SQLSTATE and where, and nothing of the row', () => {
  const cause = Object.assign(new Error('duplicate key value'), {
    code: '23505',
    detail: 'Key (user_id)=(alice) already exists.',
    constraint: 'accounts_pkey',
  });
  const error = Object.assign(new Error('Validation error: alice'), {
    code: '23505',
    original: cause,
    parameters: ['alice'],
  });
  const { log, lines } = logOf('info');
  log('error', 'A defect.', error);
  expect(lines[0]).toMatchObject({
    err: {
      type: 'Error',
      code: '23505',
      cause: { code: '23505', message: 'the database refused it (constraint accounts_pkey)' },
    },
  });
  expect(JSON.stringify(lines)).not.toContain('alice');
  expect(JSON.stringify(lines)).toContain('open-log.test');
});

test.each([
  ['JSON.parse', (): unknown => JSON.parse('{"userId":"alice",}')],
  ['JSON.parse of a bare word', (): unknown => JSON.parse('alice')],
])('what %s quotes of its text is not in a line, nor where it is part of the text', (_what, parse) => {
  const { log, lines } = logOf('info');
  let thrown: unknown;
  try {
    parse();
  } catch (error) {
    thrown = error;
  }
  log('error', `A packet could not be taken: ${String(thrown)}`, thrown);
  expect(JSON.stringify(lines)).not.toMatch(/alice|userId/);
  expect(lines[0]?.['msg']).toMatch(/JSON/);
});

test('what PostgreSQL quotes of a value is not in a line', () => {
  const { log, lines } = logOf('info');
  log('error', 'It goes on trying: 22P02: invalid input syntax for type bigint: "alice"');
  expect(lines[0]?.['msg']).toBe('It goes on trying: 22P02: invalid input syntax for type bigint');
});
