import { readPatch } from '../../../planted/patch.ts';
import { escaped, tableOf, type Planted } from '../../../planted/report.ts';
import { readVerdict, type Verdict } from '../../../planted/verdict.ts';

const bug = readPatch('07-loses', 'What: It loses.\nCaught by: I6, I11\n\ndiff --git a b\n-old\n');

function planted(verdict: Verdict): Planted {
  return { bug, verdict };
}

describe('A planted bug', () => {
  test('is caught by an invariant that was to catch it', () => {
    const verdict = {
      kind: 'violated',
      invariant: 'I11',
      what: 'order 1 is not final',
      seed: 3,
      tookMs: 1234,
    } as const;
    expect(escaped(planted(verdict))).toBeNull();
    expect(tableOf([planted(verdict)])).toMatch(/07-loses +1 +I11 +3 +1\.2 s$/);
  });

  test.each<[string, Verdict, string]>([
    ['nothing was violated', { kind: 'clean', tookMs: 1 }, 'nothing caught it'],
    [
      'another invariant was violated',
      { kind: 'violated', invariant: 'I2', what: '-1', seed: 1, tookMs: 1 },
      'I2 was violated, and not I6 or I11: -1',
    ],
    ['the run crashed', { kind: 'undecided', why: 'it ended with code 2', tookMs: 1 }, 'code 2'],
  ])('has escaped when %s', (_what, verdict, why) => {
    expect(escaped(planted(verdict))).toContain(why);
    expect(tableOf([planted(verdict)])).toContain(why);
  });
});

describe('The verdict of a run', () => {
  const violation = { seed: 5, invariant: 'I1', what: 'a cent too much' };

  test('is what its exit code and its report both say', () => {
    expect(readVerdict(0, '{"violation":null}', '')).toEqual({ kind: 'clean' });
    expect(readVerdict(1, JSON.stringify({ violation }), '')).toEqual({ kind: 'violated', ...violation });
  });

  test.each([
    ['it crashed before it had a report', 1, '', 'TypeError: x is not a function'],
    ['it reports a violation and ends well', 0, JSON.stringify({ violation }), ''],
    ['it ends badly and reports none', 1, '{"violation":null}', ''],
  ])('is none when %s', (_what, code, output, errors) => {
    expect(readVerdict(code, output, errors).kind).toBe('undecided');
  });
});
