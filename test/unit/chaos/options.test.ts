import { commandOf, readChaosOptions } from '../../../chaos/options.ts';

test('without options a campaign is thirty minutes of all kinds', () => {
  expect(readChaosOptions([])).toMatchObject({ minutes: 30, kinds: null, json: false, keep: false });
});

test('the command that runs a campaign again says all that differs from the usual', () => {
  const given = '--minutes 2.5 --seed 9 --kinds kill-api,kill-orders --rate 60'.split(' ');
  expect(commandOf(readChaosOptions(given))).toBe(
    'npm run chaos -- --minutes 2.5 --seed 9 --kinds kill-api,kill-orders --rate 60',
  );
  expect(commandOf(readChaosOptions(['--seed', '9']))).toBe('npm run chaos -- --minutes 30 --seed 9');
});

test.each([
  [['--minutes', '0'], '--minutes is "0"; it has to be a number from 0.5 to 1440.'],
  [['--seed', '1.5'], '--seed is "1.5"; it has to be a whole number from 0 to 4294967295.'],
  [['--rate', 'fast'], '--rate is "fast"; it has to be a whole number from 20 to 2000.'],
  [['--minuets', '5'], 'Unknown option \'--minuets\': "npm run chaos -- --help" shows what there is.'],
])('%j is refused in one sentence', (args, sentence) => {
  expect(() => readChaosOptions(args)).toThrow(sentence);
});
