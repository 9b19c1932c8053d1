import { planDay } from '../../../shop/day.ts';
import type { PlayedDay } from '../../../shop/play-day.ts';
import { report } from '../../../shop/report.ts';
import type { Answer } from '../../../shop/shop-client.ts';
import { verdict } from '../../../shop/verdict.ts';

const day = planDay({ users: 10, orders: 20, seed: 1, runId: 'r1' });
const MONEY = { paidIn: 500n, spent: 495n, balances: 5n };

const good: PlayedDay = {
  day,
  seed: 1,
  inFlight: 4,
  openedAt: 0,
  lastPostAt: 2000,
  lastAnswerAt: 2100,
  played: day.course.map((post) => ({ post, postedAt: 0, answer: answer(post.call === 'order' ? 201 : 200) })),
  settlement: { undecided: 0, endedAt: 2500 },
  reconciliation: {
    ofTheDay: [{ name: 'money is right', violations: 0, examples: [] }],
    ofAll: [{ name: 'all money is right', violations: 0, examples: [] }],
    money: { ofTheDay: MONEY, ofAll: MONEY },
    outcomes: new Map([['FINISHED', 20]]),
  },
};

function answer(status: number, tookMs = 3): Answer {
  return { status, body: 'because', tookMs };
}

function firstAnswered(first: Answer): PlayedDay {
  return { ...good, played: good.played.map((one, index) => (index === 0 ? { ...one, answer: first } : one)) };
}

test('a good day is told with its figures and has no complaint', () => {
  expect(verdict(good)).toEqual([]);
  const text = report(good);
  expect(text).toContain('20 in 2.5 s, 8/s; the last one final 0.50 s after the last post');
  expect(text).toContain('5 in = 4.95 out + 0.05 in balances');
  expect(text).toContain('ok    money is right');
  expect(text).toContain('everything agrees to the last unit');
});

test('a refusal, or no answer, is a complaint and is shown', () => {
  expect(verdict(firstAnswered(answer(503)))).toEqual(['failed answers: 1']);
  expect(report(firstAnswered(answer(0)))).toMatch(
    /Failed answers: 1, .*\n {4}order of shop-r1-\d\d: no answer because/,
  );
});

test('an answer slower than 5 s is a complaint', () => {
  expect(verdict(firstAnswered(answer(201, 5001)))).toEqual(['answers slower than 5 s: 1']);
});

test('an order that is not final in time is a complaint', () => {
  const late = { ...good, settlement: { undecided: 2, endedAt: 32_000 } };
  expect(verdict(late)).toEqual(['orders not final 30 s after the last post: 2']);
  expect(report(late)).toContain('2 not final 30.00 s after the last post');
});

test('a contradiction anywhere is a complaint, and its ids are shown', () => {
  const ofAll = [{ name: 'all money is right', violations: 7, examples: ['a', 'b'] }];
  const wrong = { ...good, reconciliation: { ...good.reconciliation, ofAll } };
  expect(verdict(wrong)).toEqual(['checks that are contradicted: 1']);
  expect(report(wrong)).toContain('WRONG all money is right: 7 do not (a, b, …)');
});
