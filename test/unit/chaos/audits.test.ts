import { Audits, type AuditResult } from '../../../chaos/checks/audits.ts';

const NOTHING = { mode: 'full', tookMs: 1, violationCount: 0, violations: [], unanswered: [] } as const;

test('audits go on from the mark of the last one that could ask everything, and a full one from the beginning', async () => {
  const marks: (number | null)[] = [];
  const audits = new Audits<number>((since) => {
    marks.push(since);
    const unanswered = marks.length === 3 ? ['Kafka is away.'] : [];
    return Promise.resolve({ ...NOTHING, unanswered, mark: marks.length });
  });
  for (const isFull of [true, false, false, false, true, false]) await audits.runOnce(isFull);
  expect(marks).toEqual([null, 1, 2, 2, null, 5]);
});

test('what an audit finds is kept, also when it could not ask everything; one that could not run is told apart', async () => {
  const violation = { invariant: 'I1', what: 'a balance is wrong', ids: { userId: 'u' } };
  const finds: AuditResult<number> = { ...NOTHING, mark: 1, violationCount: 1, violations: [violation] };
  const results = [Promise.resolve(finds), Promise.resolve({ ...finds, unanswered: ['Kafka is away.'] })];
  const audits = new Audits<number>(() => results.shift() ?? Promise.reject(new Error('the database is away')));
  expect(await audits.runOnce(true)).toMatchObject({ mode: 'full', violations: 1, error: null });
  expect(await audits.runOnce(false)).toMatchObject({ violations: 1, error: 'Kafka is away.' });
  expect(await audits.runOnce(false)).toMatchObject({ mode: null, error: 'the database is away' });
  expect(audits.violations).toEqual([violation, violation]);
});
