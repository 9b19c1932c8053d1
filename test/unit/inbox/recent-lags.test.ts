import { RecentLags } from '../../../mixins/inbox/recent-lags.ts';

let now = 0;
let asked = 0;

beforeEach(() => {
  now = 0;
  asked = 0;
});

test('many who ask share a question; two seconds later it is asked anew', async () => {
  const lags = new RecentLags(
    () => Promise.resolve(new Map([[0, BigInt(++asked)]])),
    () => now,
  );
  expect(await Promise.all([lags.read(), lags.read()])).toEqual([new Map([[0, 1n]]), new Map([[0, 1n]])]);
  now = 1999;
  expect(await lags.read()).toEqual(new Map([[0, 1n]]));
  now = 2000;
  expect(await lags.read()).toEqual(new Map([[0, 2n]]));
});

test('when Kafka does not answer, nothing is known, and that is no error', async () => {
  const lags = new RecentLags(() => Promise.reject(new Error('away')));
  expect(await lags.read()).toEqual(new Map());
});
