import { arrayText } from '../../mixins/database/statement.ts';

test.each([
  [['a-1', '2026-11-23T18:10:06.000Z', 'x:y', '3'], '{a-1,2026-11-23T18:10:06.000Z,x:y,3}'],
  [[1, -2n, null], '{1,-2,NULL}'],
  [['', 'null', 'NULL', 'nullable'], '{"","null","NULL",nullable}'],
  [['a b', 'a,b', '{}', 'say "hi"', 'back\\slash'], '{"a b","a,b","{}","say \\"hi\\"","back\\\\slash"}'],
  [[Buffer.from([0, 255])], '{"\\\\x00ff"}'],
  [[], '{}'],
])('an array as PostgreSQL reads it: %j', (values, text) => {
  expect(arrayText(values)).toBe(text);
});
