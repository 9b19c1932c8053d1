import { JsonNumber } from '../../../contract/json-number.ts';
import { parseJsonObject } from '../../../http/parse-json.ts';
import { isProblem } from '../../../problems/problems.ts';

function problemOf(text: string): string {
  try {
    parseJsonObject(text);
  } catch (error) {
    if (isProblem(error)) return error.type;
    throw error;
  }
  return 'none';
}

test('numbers keep their source text, at every depth', () => {
  expect(parseJsonObject('{"a": 10.500, "b": [1e400], "c": {"d": -0}}')).toEqual({
    a: new JsonNumber('10.500'),
    b: [new JsonNumber('1e400')],
    c: { d: new JsonNumber('-0') },
  });
});

test('a key named __proto__ is a property, not a prototype', () => {
  const parsed = parseJsonObject('{"__proto__": {"admin": true}}');
  expect(Object.keys(parsed)).toEqual(['__proto__']);
  expect('admin' in parsed).toBe(false);
});

test.each([
  '',
  ' ',
  '{',
  '{"a":1',
  '{"a":1}}',
  '{a:1}',
  "{'a':1}",
  '{"a":1,}',
  '{"a":01}',
  '{"a":NaN}',
  '\ufeff{}',
  '{}\u0000',
  '{"a":"\u0001"}',
  '{"a":"\\x"}',
  '{"a":"\\u12"}',
])('%j is malformed', (text) => {
  expect(problemOf(text)).toBe('malformed-json');
});

test.each(['null', '[]', '"text"', '5', 'true', '[{}]'])('%s instead of an object is malformed', (text) => {
  expect(problemOf(text)).toBe('malformed-json');
});

test.each([
  '{"a":1,"a":1}',
  '{"a":1,"\\u0061":2}',
  '{"b":{"a":1,"a":2}}',
  '{"b":[{"a":1},{"a":1,"c":[],"a":2}]}',
  '{"":1,"":2}',
  '{"a\\"":1, "a\\"" \n: 2}',
  '{"__proto__":1,"__proto__":2}',
])('the duplicate key in %s is malformed', (text) => {
  expect(problemOf(text)).toBe('malformed-json');
});

test.each([
  '{"a":1,"A":2}',
  '{"a":{"a":{"a":1}}}',
  '{"b":[{"a":1},{"a":2}]}',
  '{"a":"a","b":"a","c":["a","a"]}',
  '{"a":"\\"a\\":1,\\"a\\":2"}',
  '{"a":"}","b":"{","c":"\\\\"}',
])('%s has no duplicate key', (text) => {
  expect(problemOf(text)).toBe('none');
});

test('eight levels are read, nine are too large, whatever they are made of', () => {
  const nested = (levels: number, open: string, close: string): string =>
    `{"a":${open.repeat(levels - 1)}1${close.repeat(levels - 1)}}`;
  for (const [open, close] of [
    ['[', ']'],
    ['{"b":', '}'],
  ] as const) {
    expect(problemOf(nested(8, open, close))).toBe('none');
    expect(problemOf(nested(9, open, close))).toBe('content-too-large');
  }
  expect(problemOf('['.repeat(16_000))).toBe('content-too-large');
  expect(problemOf(`{"a":"${'['.repeat(1000)}"}`)).toBe('none');
});
