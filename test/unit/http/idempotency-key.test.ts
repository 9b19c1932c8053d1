import { readIdempotencyKey } from '../../../http/idempotency-key.ts';

function read(...headers: string[]): ReturnType<typeof readIdempotencyKey> {
  return readIdempotencyKey({ headersDistinct: headers.length === 0 ? {} : { 'idempotency-key': headers } });
}

test('a request without the header has no key', () => {
  expect(read()).toEqual({ ok: true, value: null });
});

test.each([
  ['abc', 'abc'],
  ['"abc"', 'abc'],
  ['a b, c', 'a b, c'],
  ['a"b\\c', 'a"b\\c'],
  ['"a\\"b\\\\c"', 'a"b\\c'],
  ['" a "', ' a '],
  ['x', 'x'],
  ['x'.repeat(255), 'x'.repeat(255)],
  [`"${'x'.repeat(255)}"`, 'x'.repeat(255)],
  [`"${'\\"'.repeat(255)}"`, '"'.repeat(255)],
])('%j is the key %j', (header, key) => {
  expect(read(header)).toEqual({ ok: true, value: key });
});

test.each([
  '',
  '""',
  '"',
  '"abc',
  '"abc"d',
  '"abc";v=1',
  '"a\\b"',
  '"a"b"',
  '"abc\\"',
  'x'.repeat(256),
  `"${'x'.repeat(256)}"`,
  `"${'\\"'.repeat(256)}"`,
  'a\tb',
  'sch\u00f6n',
  'a\u0000b',
  '\u007f',
])('%j is malformed', (header) => {
  expect(read(header)).toMatchObject({ ok: false });
});

test('one that is given twice is malformed, also with the same value', () => {
  expect(read('abc', 'abc')).toEqual({ ok: false, detail: 'This header is given once.' });
});
