import { problemsOf, type Signs } from '../../../console/overview.ts';

const WELL: Signs = {
  away: [],
  gone: [],
  unpublishedAgeS: new Map([['orders', 0.2]]),
  lagAgeS: new Map([['payments.pay', 1]]),
  deadLetters: new Map([['payments', 0]]),
  stuck: 0,
  audit: { startedAt: '2026-01-01T00:00:00.000Z', violations: 0, unanswered: 0, isRunning: false },
  unanswered: [],
};

function said(signs: Partial<Signs>): string[] {
  return problemsOf({ ...WELL, ...signs }).map(({ severity, what }) => `${severity}: ${what}`);
}

test('when all is well there is nothing to say', () => {
  expect(said({})).toEqual([]);
  expect(said({ audit: null, stuck: null })).toEqual([]);
});

test.each<[string, Partial<Signs>, string]>([
  ['a service that is away', { away: ['payments'] }, 'alarm: No node of payments is here.'],
  [
    'events that wait',
    { unpublishedAgeS: new Map([['orders', 12]]) },
    'warning: The oldest event in the outbox of orders has waited for 12 s.',
  ],
  [
    'events that wait for long',
    { unpublishedAgeS: new Map([['orders', 600]]) },
    'alarm: The oldest event in the outbox of orders has waited for 10 min.',
  ],
  [
    'a consumer that is behind',
    { lagAgeS: new Map([['payments.pay', 30]]) },
    'warning: payments.pay is behind: its oldest record is 30 s old.',
  ],
  ['a dead letter', { deadLetters: new Map([['orders', 1]]) }, 'warning: 1 dead letter at orders.'],
  ['orders that are stuck', { stuck: 10_001 }, 'warning: 10 000+ orders are NEW for longer than 60 s.'],
  [
    'books that are wrong',
    { audit: { startedAt: '', violations: 3, unanswered: 0, isRunning: false } },
    'alarm: The audit found 3 violations.',
  ],
  ['a node that is gone', { gone: ['orders-1'] }, 'warning: The node orders-1 is gone.'],
  [
    'a question without an answer',
    { unanswered: ['The audit could not be asked: no.'] },
    'warning: The audit could not be asked: no.',
  ],
])('%s is said', (_name, signs, sentence) => {
  expect(said(signs)).toEqual([sentence]);
});

test('the worst comes first, and each leads somewhere', () => {
  const problems = problemsOf({ ...WELL, gone: ['orders-1'], away: ['payments'], stuck: 1 });
  expect(problems.map(({ severity }) => severity)).toEqual(['alarm', 'warning', 'warning']);
  for (const { view, repl, next } of problems) {
    expect(view).toMatch(/^\/console/);
    expect(repl).not.toBe('');
    expect(next).toMatch(/\.$/);
  }
});
