import { readQuery } from '../../../http/read-query.ts';
import { isProblem } from '../../../problems/problems.ts';

test.each([
  ['', {}],
  ['userId=alice&limit=5', { userId: 'alice', limit: '5' }],
  ['userId=a%40b+c&x=1=2', { userId: 'a@b c', x: '1=2' }],
  ['userId', { userId: '' }],
  ['&&userId=a&', { userId: 'a' }],
  ['=a', { '': 'a' }],
  ['userId=a&userId=b&userId=c', { userId: ['a', 'b', 'c'] }],
  ['user%49d=a&userId=b', { userId: ['a', 'b'] }],
])('%j is read as %j', (query, values) => {
  expect(readQuery(query)).toEqual(values);
});

test('brackets and __proto__ are names like any other', () => {
  const names = ['userId[]', 'userId[$ne]', '__proto__', '__proto__[x]', 'constructor'];
  expect(Object.keys(readQuery(names.map((name) => `${encodeURIComponent(name)}=1`).join('&')))).toEqual(names);
  expect(Object.keys(readQuery('userId[]=1&__proto__[x]=1'))).toEqual(['userId[]', '__proto__[x]']);
});

test.each(['a=%', 'a=%zz', 'a=%ff', '%c0%af=1', 'a=%ed%a0%80'])('%j does not decode', (query) => {
  let thrown: unknown;
  try {
    readQuery(query);
  } catch (error) {
    thrown = error;
  }
  expect(isProblem(thrown) && thrown.type).toBe('malformed-request');
});
