import { isColoured, isDrawn, painter } from '../../../terminal/colours.js';

const TERMINAL = { isTTY: true };

test.each([
  ['a terminal', TERMINAL, {}, true],
  ['a file', {}, {}, false],
  ['NO_COLOR on a terminal', TERMINAL, { NO_COLOR: '1' }, false],
  ['an empty NO_COLOR', TERMINAL, { NO_COLOR: '' }, true],
  ['a dumb terminal', TERMINAL, { TERM: 'dumb' }, false],
  ['FORCE_COLOR in a file', {}, { FORCE_COLOR: '1' }, true],
  ['FORCE_COLOR=0 on a terminal', TERMINAL, { FORCE_COLOR: '0' }, false],
  ['FORCE_COLOR beside NO_COLOR, as Node has it', TERMINAL, { FORCE_COLOR: '1', NO_COLOR: '1' }, true],
])('colours: %s', (_what, stream, env, expected) => {
  expect(isColoured(stream, env)).toBe(expected);
});

test('colours that are forced into a file bring no spinner with them', () => {
  expect(isDrawn({}, { FORCE_COLOR: '1' })).toBe(false);
  expect(isDrawn(TERMINAL, { NO_COLOR: '1' })).toBe(true);
});

test('without colours a text stays as it is', () => {
  expect([painter(false)('red', 'no'), painter(true)('red', 'no')]).toEqual(['no', '\x1b[31mno\x1b[0m']);
});
