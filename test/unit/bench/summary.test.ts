import type { Benchmark, Wanted } from '../../../bench/harness/benchmark.ts';
import { summarise, type Judged } from '../../../bench/harness/summary.ts';

const ROUNDS = [
  { 'calls/s': 900, stalls: 0 },
  { 'calls/s': 1000, stalls: 0 },
  { 'calls/s': 100, stalls: 1 },
];

function judged(bar: Omit<Wanted, 'of'>): Judged | undefined {
  const benchmark: Benchmark = {
    name: 'calls',
    title: '',
    charted: '',
    wanted: [{ ...bar, of: 'ours' }],
    open: () => Promise.reject(new Error('Nothing is measured here.')),
  };
  const measurements = ROUNDS.map((figures) => ({ variant: 'ours', kind: 'product' as const, figures }));
  return summarise(benchmark, measurements).judged[0];
}

describe('A bar', () => {
  it('is for the median of all rounds', () => {
    expect(judged({ figure: 'calls/s', atLeast: 900 })).toMatchObject({ measured: 900, met: true });
    expect(judged({ figure: 'stalls', atMost: 0 })).toMatchObject({ measured: 0, met: true });
  });

  it('is for the worst round when it is for every round', () => {
    expect(judged({ figure: 'calls/s', atLeast: 900, inEveryRound: true })).toMatchObject({
      measured: 100,
      met: false,
    });
    expect(judged({ figure: 'stalls', atMost: 0, inEveryRound: true })).toMatchObject({ measured: 1, met: false });
  });

  it('is missed when its figure was not measured', () => {
    expect(judged({ figure: 'orders/s', atMost: 1 })).toMatchObject({ measured: null, met: false });
  });
});
