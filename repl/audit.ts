import { setTimeout as sleep } from 'node:timers/promises';
import { describeProgress, describeReport } from '../audit/describe-report.ts';
import { isColoured } from '../terminal/colours.js';
import type { AuditAnswer } from '../audit/report.ts';
import type { ReplCall, ReplCommand } from './command.ts';

/** Between two looks at an audit that runs. */
const LOOK_EVERY_MS = 500;

/** `audit`: begins `audit.run`, and says how far it is until its report is there. */
export const audit: ReplCommand = {
  name: 'audit',
  description: 'checks on the live databases that the money is right, and names what is not',
  usage: ['[--incremental] [--json]', 'last [--json]    the last report, and how far a running one is'],
  options: {
    incremental: { description: 'only what has changed since the last audit that found nothing' },
    json: { description: 'the answer as one JSON document: running, failure, report' },
  },
  async run(call) {
    const [word, ...more] = call.words;
    if (word === 'last' && more.length === 0) return showLast(call);
    if (word !== undefined) throw new Error(`audit has no ${call.words.join(' ')}: see audit help.`);
    return runAndShow(call);
  },
};

async function showLast({ broker, switches, print }: ReplCall): Promise<void> {
  const answer = await broker.call<AuditAnswer>('audit.last');
  if (switches.has('json')) {
    print(JSON.stringify(answer));
    return;
  }
  const { running, report } = answer;
  if (running !== null) print(`An audit is running: ${describeProgress(running)}`);
  print(report === null ? 'There is no report yet: audit makes one.' : shown(report));
}

async function runAndShow({ broker, switches, print }: ReplCall): Promise<void> {
  // What it waits for is a report that was not there before. Its own node is asked: another one knows of no progress.
  const before = await broker.call<AuditAnswer>('audit.last');
  const ask = (action: string, params: object): Promise<AuditAnswer> =>
    broker.call<AuditAnswer, object>(action, params, { nodeID: before.nodeId });
  let answer = await ask('audit.run', { incremental: switches.has('incremental') });
  let said = '';
  while (answer.running !== null) {
    const progress = describeProgress(answer.running);
    if (progress !== said && !switches.has('json')) print(progress);
    said = progress;
    await sleep(LOOK_EVERY_MS);
    answer = await ask('audit.last', {});
  }
  const { report, failure } = answer;
  if (failure !== null) throw new Error(failure);
  if (report === null || report.startedAt === before.report?.startedAt) {
    throw new Error('The audit ended without a report: the log of the payments node says why.');
  }
  print(switches.has('json') ? JSON.stringify(answer) : shown(report));
}

/** When it was, and the report. */
function shown(report: NonNullable<AuditAnswer['report']>): string {
  return `Audit of ${report.startedAt}${describeReport(report, { coloured: isColoured(process.stdout, process.env) })}`;
}
