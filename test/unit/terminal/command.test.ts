import { defineCommand, helpOf, readArguments, UsageError } from '../../../terminal/command.js';

const COMMAND = defineCommand({
  name: 'npm run tea',
  about: 'Makes tea.\nOf leaves.',
  options: {
    cups: { type: 'whole', about: 'how many', min: 1, max: 12, default: 2 },
    'sugar-g': { type: 'number', about: 'in each', min: 0, max: 20 },
    kind: { type: 'text', takes: 'NAME', about: 'of leaf', default: 'assam' },
    milk: { type: 'flag', about: 'with milk' },
  },
  examples: ['npm run tea -- --cups 3'],
  exitCodes: { 0: 'made', 1: 'spilt' },
});

test('what is not given has its default, or nothing', () => {
  const none = { cups: 2, 'sugar-g': undefined, kind: 'assam', milk: false, help: false };
  expect(readArguments(COMMAND, [])).toEqual(none);
  expect(readArguments(COMMAND, ['--cups', '12', '--sugar-g', '2.5', '--milk', '-h'])).toEqual({
    ...none,
    cups: 12,
    'sugar-g': 2.5,
    milk: true,
    help: true,
  });
});

test.each([
  [['--cupz', '3'], 'Unknown option \'--cupz\': "npm run tea -- --help" shows what there is.'],
  [['--c.u', '3'], 'Unknown option \'--c.u\': "npm run tea -- --help" shows what there is.'],
  [['green'], 'Unexpected argument \'green\': "npm run tea -- --help" shows what there is.'],
  [['--cups'], 'Option \'--cups <value>\' argument missing: "npm run tea -- --help" shows what there is.'],
  [['--cups', '13'], '--cups is "13"; it has to be a whole number from 1 to 12.'],
  [['--cups', '1e1'], '--cups is "1e1"; it has to be a whole number from 1 to 12.'],
  [['--cups', '2.5'], '--cups is "2.5"; it has to be a whole number from 1 to 12.'],
  [['--cups', ''], '--cups is ""; it has to be a whole number from 1 to 12.'],
  [['--sugar-g', '21'], '--sugar-g is "21"; it has to be a number from 0 to 20.'],
])('%j is refused in one sentence', (args, sentence) => {
  const read = (): unknown => readArguments(COMMAND, args);
  expect(read).toThrow(UsageError);
  expect(read).toThrow(new UsageError(sentence));
});

test('help shows usage, each option with its default, examples and exit codes', () => {
  expect(helpOf(COMMAND)).toBe(
    [
      'npm run tea -- [options]',
      '',
      '  Makes tea.',
      '  Of leaves.',
      '',
      'Options',
      '  --cups N      how many (default: 2)',
      '  --sugar-g N   in each',
      '  --kind NAME   of leaf (default: assam)',
      '  --milk        with milk',
      '  --help        show this',
      '',
      'Examples',
      '  npm run tea -- --cups 3',
      '',
      'Exit codes',
      '  0   made',
      '  1   spilt',
      '  2   an option that does not exist or cannot be used',
    ].join('\n'),
  );
});
