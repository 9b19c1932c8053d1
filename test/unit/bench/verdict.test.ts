import { judgeOverload, type Overload } from '../../../bench/overload/verdict.ts';

const GOOD: Overload = {
  times: 3,
  reachedTimes: 2.99,
  byClients: { 201: 130, 503: 300 },
  byMetrics: { 503: 300, 201: 130 },
  memory: [{ node: 'api', middleMb: 290, lastMb: 291, flat: true }],
  notFinal: 0,
};

describe('The verdict on an overload', () => {
  it('is good when three times the rate was sent, memory is flat, all are final and both counts are the same', () => {
    expect(judgeOverload(GOOD)).toEqual([]);
  });

  it.each<[string, Partial<Overload>, string]>([
    ['less was put on the wire', { reachedTimes: 2.88 }, '2.88 times'],
    ['nothing was carried at all', { reachedTimes: Number.NaN }, 'NaN times'],
    ['memory grew', { memory: [{ node: 'orders', middleMb: 200, lastMb: 260, flat: false }] }, 'orders grew'],
    ['an order was not final', { notFinal: 1 }, '1 orders'],
    ['/metrics missed a refusal', { byMetrics: { 201: 130, 503: 299 } }, 'Clients counted 300 times 503'],
    ['/metrics counted what no client saw', { byMetrics: { ...GOOD.byMetrics, 504: 2 } }, 'and /metrics 2'],
    ['a connection broke', { byClients: { ...GOOD.byClients, ECONNRESET: 1 } }, 'Clients met ECONNRESET'],
  ])('is bad when %s', (_what, change, sentence) => {
    const failures = judgeOverload({ ...GOOD, ...change });
    expect(failures.join('\n')).toContain(sentence);
  });
});
