import { ServiceBroker } from 'moleculer';
import type { AuditAnswer, AuditReport } from '../../../audit/report.ts';
import { helpOf, readTyped } from '../../../repl/command.ts';
import { audit } from '../../../repl/audit.ts';

const NODE = 'payments-0';
let broker: ServiceBroker;
/** What the service answers, one after the other; the last one again and again. */
let answers: AuditAnswer[];
let asked: string[];
let printed: string[];

beforeEach(async () => {
  [answers, asked, printed] = [[], [], []];
  broker = new ServiceBroker({ logger: false, nodeID: NODE });
  const next = (name: string, params: object): AuditAnswer => {
    asked.push(`${name} ${JSON.stringify(params)}`);
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer === undefined) throw new Error('Nothing was prepared.');
    return answer;
  };
  broker.createService({
    name: 'audit',
    actions: { run: (ctx) => next('run', ctx.params as object), last: (ctx) => next('last', ctx.params as object) },
  });
  await broker.start();
});

afterEach(() => broker.stop());

function report(startedAt: string, violations: AuditReport['violations'] = []): AuditReport {
  return {
    startedAt,
    tookMs: 1200,
    mode: 'full',
    counted: { accounts: 3 },
    checks: [{ id: 'finished', invariant: 'I5', name: 'it is so', violations: violations.length }],
    violationCount: violations.length,
    violations,
    unanswered: [],
    longestSnapshotMs: 4,
    mark: { since: startedAt, afterOrderId: '', openOrderIds: [] },
  };
}

function answer(rest: Partial<AuditAnswer>): AuditAnswer {
  return { nodeId: NODE, running: null, failure: null, report: null, ...rest };
}

async function type(...words: string[]): Promise<string> {
  const print = (text: string): unknown => printed.push(text);
  await audit.run({ broker, print, onInterrupt: null, ...readTyped(audit, words) });
  return printed.join('\n');
}

test('audit waits for the report of what it began, with progress, and not for an older one', async () => {
  const old = report('2026-11-22T00:00:00.000Z');
  const running = { stage: 'ledger' as const, rows: 500, share: 0.25 };
  answers = [
    answer({ report: old }),
    answer({ report: old, running }),
    answer({ report: old, running }),
    answer({ report: report('2026-11-23T00:00:00.000Z') }),
  ];
  const text = await type('--incremental');
  expect(asked).toEqual(['last {}', 'run {"incremental":true}', 'last {}', 'last {}']);
  expect(printed[0]).toBe('ledger: 500 rows, about 25 %');
  expect(printed).toHaveLength(2);
  expect(text).toContain('Audit of 2026-11-23T00:00:00.000Z');
  expect(text).toContain('Nothing is wrong');
});

test('as JSON the answer is one document, without progress', async () => {
  const running = { stage: 'ledger' as const, rows: 500, share: 0.25 };
  const done = answer({ report: report('2026-11-23T00:00:00.000Z') });
  answers = [answer({}), answer({ running }), done];
  expect(JSON.parse(await type('--json'))).toEqual(done);
  expect(JSON.parse((await type('last', '--json')).split('\n').at(-1) ?? '')).toEqual(done);
});

test('every violation is printed with its ids, without colours where nobody sees them', async () => {
  const what = 'Order 7 is FINISHED, and payments has not decided about it.';
  const ids = { orderId: '7', userId: 'ann' };
  answers = [answer({}), answer({ report: report('now', [{ invariant: 'I5', check: 'finished', what, ids }]) })];
  const text = await type();
  expect(text).toContain('WRONG I5 it is so: 1 times not');
  expect(text).toContain(`${what} (orderId 7, userId ann)`);
  expect(text).not.toContain('\u001b');
});

test('an audit that could not be done is said, and no older report is shown for it', async () => {
  const old = answer({ report: report('old') });
  answers = [old, answer({ ...old, failure: 'The orders database cannot be read.' })];
  await expect(type()).rejects.toThrow('The orders database cannot be read.');
  answers = [old, old];
  await expect(type()).rejects.toThrow('without a report');
  expect(printed).toEqual([]);
});

test('audit last shows the last report, and what runs; it begins nothing', async () => {
  answers = [answer({})];
  expect(await type('last')).toContain('There is no report yet');
  answers = [answer({ report: report('then'), running: { stage: 'decisions', rows: 1, share: 0 } })];
  const text = await type('last');
  expect(text).toContain('An audit is running: decisions: 1 rows');
  expect(text).toContain('Audit of then');
  expect(asked).toEqual(['last {}', 'last {}']);
});

test('another word is refused with a sentence; help names every form', async () => {
  await expect(type('lats')).rejects.toThrow('audit has no lats: see audit help.');
  expect(helpOf(audit)).toContain('audit [--incremental]');
  expect(asked).toEqual([]);
});
