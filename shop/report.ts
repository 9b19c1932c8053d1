import { decimalText } from '../money/money.ts';
import type { PlayedPost } from './answers.ts';
import type { Check } from './check.ts';
import type { PlayedDay } from './play-day.ts';
import type { MoneyFlow } from './reconcile.ts';
import { isSuccess } from './shop-client.ts';
import { verdict } from './verdict.ts';

const LABEL_WIDTH = 16;
/** Enough to see what went wrong. */
const FAILURES_SHOWN = 5;
const BODY_SHOWN_CHARACTERS = 200;

/** What was seen, for a reader. */
export function report(played: PlayedDay): string {
  const { reconciliation } = played;
  return [
    '',
    ...figures(played).map(([label, text]) => `  ${label.padEnd(LABEL_WIDTH)}${text}`),
    ...failures(played.played),
    '',
    '  This day',
    ...reconciliation.ofTheDay.map(checkLine),
    '',
    '  Everything in the two databases',
    ...reconciliation.ofAll.map(checkLine),
    '',
    ...conclusion(played),
    '',
  ].join('\n');
}

function figures(day: PlayedDay): (readonly [string, string])[] {
  const { reconciliation, settlement } = day;
  const orders = day.played.filter(({ post }) => post.call === 'order');
  const posts =
    orders.length + day.played.filter(({ post }) => post.call === 'deposit').length - day.day.firstDeposits.length;
  const openSeconds = (day.lastAnswerAt - day.openedAt) / 1000;
  const stored = [...reconciliation.outcomes.values()].reduce((sum, count) => sum + count, 0);
  const final = stored - settlement.undecided;
  const finalSeconds = (settlement.endedAt - day.openedAt) / 1000;
  const times = day.played.map(({ answer }) => answer.tookMs).sort((left, right) => left - right);
  const afterLast = ((settlement.endedAt - day.lastPostAt) / 1000).toFixed(2);
  return [
    ['Customers', `${day.day.customers.length}, ids shop-${day.day.runId}-…, seed ${day.seed}`],
    ...answersByStatus(day.played),
    ['Answer time', `median ${at(times, 0.5)}, 99 of 100 within ${at(times, 0.99)}, slowest ${at(times, 1)}`],
    ['Posted', `${posts} in ${openSeconds.toFixed(1)} s, ${rate(posts, openSeconds)}, ${day.inFlight} in flight`],
    [
      'Settled',
      `${final} in ${finalSeconds.toFixed(1)} s, ${rate(final, finalSeconds)}; ${settlementText(settlement.undecided, afterLast)}`,
    ],
    ['Orders', [...reconciliation.outcomes].map(([outcome, count]) => `${count} ${outcome}`).join(', ')],
    ['Money', moneyText(reconciliation.money.ofTheDay)],
    ['Money, all days', moneyText(reconciliation.money.ofAll)],
  ];
}

function settlementText(undecided: number, afterLast: string): string {
  return undecided === 0
    ? `the last one final ${afterLast} s after the last post`
    : `${undecided} not final ${afterLast} s after the last post`;
}

function answersByStatus(played: readonly PlayedPost[]): (readonly [string, string])[] {
  const labels = { open: 'Accounts', deposit: 'Deposits', order: 'Orders posted' } as const;
  return (['open', 'deposit', 'order'] as const).map((call) => {
    const statuses = new Map<number, number>();
    for (const { post, answer } of played) {
      if (post.call === call) statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    }
    const counts = [...statuses].map(([status, count]) => `${count} × ${status === 0 ? 'no answer' : status}`);
    return [labels[call], counts.join(', ')] as const;
  });
}

function failures(played: readonly PlayedPost[]): string[] {
  const failed = played.filter(({ post, answer }) => !isSuccess(post, answer));
  if (failed.length === 0) return [];
  const shown = failed.slice(0, FAILURES_SHOWN).map(({ post, answer }) => {
    const status = answer.status === 0 ? 'no answer' : answer.status;
    return `    ${post.call} of ${post.userId}: ${status} ${answer.body.slice(0, BODY_SHOWN_CHARACTERS)}`;
  });
  return ['', `  Failed answers: ${failed.length}, the first of them`, ...shown];
}

function checkLine({ name, violations, examples }: Check): string {
  if (violations === 0) return `    ok    ${name}`;
  const more = violations > examples.length ? ', …' : '';
  return `    WRONG ${name}: ${violations} do not (${examples.join(', ')}${more})`;
}

function moneyText({ paidIn, spent, balances }: MoneyFlow): string {
  const agrees = paidIn === spent + balances ? '=' : '≠';
  return `${decimalText(paidIn)} in ${agrees} ${decimalText(spent)} out + ${decimalText(balances)} in balances`;
}

function conclusion(day: PlayedDay): string[] {
  const complaints = verdict(day);
  return complaints.length === 0
    ? ['  Every answer was good, every order is final, and everything agrees to the last unit.']
    : complaints.map((complaint) => `  NOT as promised: ${complaint}`);
}

/** @param share 0 to 1, of the sorted times */
function at(times: readonly number[], share: number): string {
  const index = Math.min(times.length - 1, Math.floor(times.length * share));
  return `${Math.round(times[index] ?? 0)} ms`;
}

function rate(count: number, seconds: number): string {
  return `${Math.round(count / seconds)}/s`;
}
